import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { planExport, verify } from '../../src/functions.js';
import type { ExportEvent } from '../../src/index.js';
import { connect } from '../../src/postgres/connect.js';
import { StallWatch } from '../../src/run/stall-watch.js';
import { explain } from '../../src/source/copy/explain.js';
import { PassingLocks } from '../../src/source/copy/passing-locks.js';
import { connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { until } from '../support/ray.js';
import { startServer, type TestServer } from '../support/server.js';

describe('a lock that another session holds', { timeout: 120_000 }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`CREATE TABLE t AS SELECT generate_series(1, 1000) AS id;
      CREATE MATERIALIZED VIEW m AS TABLE t; CREATE VIEW v AS SELECT id FROM t`);
  });
  after(() => server?.stop());

  /** Runs `during` while a session of psql's name holds the relation; tells its process id. */
  async function holding(relation: string, during: (pid: string, free: () => Promise<unknown>) => Promise<void>): Promise<void> {
    const holder = await server.client({ application_name: 'nightly "job"' });
    const pid = (await holder.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    // LOCK TABLE takes no materialized view.
    await holder.query(relation === 'm' ? 'BEGIN; REFRESH MATERIALIZED VIEW m' : `BEGIN; LOCK TABLE ${relation} IN ACCESS EXCLUSIVE MODE`);
    try {
      await during(pid, () => holder.query('COMMIT'));
    } finally {
      await holder.end();
    }
  }

  for (const [what, options] of [
    ['t', { table: 't' }],
    ['t', { table: 'v' }],
    ['t', { query: 'SELECT id FROM t' }],
    ['m', { table: 'm' }],
  ] as const) {
    it(`is named with who holds it, and waited for: ${JSON.stringify(options)}`, () =>
      withFolder((folder) =>
        holding(what, async (pid, free) => {
          const notices: string[] = [];
          const onEvent = (event: ExportEvent) => {
            if (event.type !== 'notice') return;
            notices.push(event.message);
            if (event.message.startsWith('Waiting')) void free();
          };
          const { rows } = await exportInto(server, folder, options, { onEvent });
          assert.equal(rows, 1000);
          const waiting = notices.filter((text) => text.startsWith('Waiting'));
          assert.equal(waiting.length, 1, notices.join(' '));
          assert.match(
            waiting[0] as string,
            new RegExp(
              `^Waiting for a lock on public\\.${what}: process ${pid} \\(nightly "job", user postgres\\), whose transaction began at \\d\\d:\\d\\d:\\d\\d UTC is in the way\\.$`,
            ),
          );
        }),
      ));
  }

  it('ends the export when it has been waited for long enough, with the process that holds it', () =>
    withFolder((folder) =>
      holding('t', async (pid) => {
        const said = new RegExp(
          `^public\\.t stayed locked for 0\\.5 s: process ${pid} \\(nightly "job", user postgres\\).* is in the way\\.$`,
        );
        const options = { table: 't', lockTimeout: 500 };
        await assert.rejects(exportInto(server, folder, options), { code: 'SERVER', message: said, hint: /--lock-timeout/ });
        await assert.rejects(planExport({ ...options, connection: connectionTo(server) }), { message: said });
      }),
    ));

  it('ends a comparison with the server likewise', () =>
    withFolder(async (folder) => {
      await exportInto(server, folder, { table: 't' });
      await holding('t', async (pid) => {
        const { ok, tables } = await verify(folder, { connection: connectionTo(server), lockTimeout: 500 });
        assert.equal(ok, false);
        const [problem] = tables[0]?.problems ?? [];
        assert.match(problem?.message ?? '', new RegExp(`public\\.t stayed locked for 0\\.5 s: process ${pid} `));
      });
    }));

  it('is named while rows are read', async () => {
    const [coordinator, reader] = await Promise.all([connect(server.config()), connect(server.config())]);
    await coordinator.session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await coordinator.session.query('SELECT * FROM pg_stat_activity'); // which stands still from now on
    await holding('t', async (pid, free) => {
      const reading = reader.session.query('SELECT count(*) FROM t');
      const notices: string[] = [];
      const watch = new StallWatch(coordinator.session, (text) => notices.push(text));
      const timer = setInterval(() => watch.see(17, [reader.session.pid]), 50);
      await until(() => notices.length > 0, 30_000, 'the notice').finally(() => clearInterval(timer));
      assert.match(
        notices[0] as string,
        new RegExp(`^A connection waits for a lock on public\\.t: process ${pid} \\(nightly "job", user postgres\\), .* is in the way\\.$`),
      );
      await free();
      await reading;
    });
    await Promise.all([coordinator.session.close(), reader.session.close()]);
  });

  it('on an index goes back before the next statement, and after planning', async () => {
    await server.sql('CREATE TABLE held AS SELECT generate_series(1, 100) AS id; CREATE INDEX held_id ON held (id)');
    const { session } = await connect(server.config());
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await explain(session, 'SELECT id FROM held');
    await server.sql('REINDEX INDEX held_id'); // waits for nobody
    const locks = new PassingLocks(session, false);
    const scan = { lock: 'ONLY held' };
    await locks.enter(scan);
    await session.query('SELECT count(*) FROM held');
    const other = await server.client();
    const reindexed = other.query('REINDEX INDEX held_id');
    await until(
      async () => (await server.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'held_id'::regclass")) === '1',
      10_000,
      'the wait',
    );
    await locks.enter(scan);
    await reindexed;
    assert.deepEqual(await session.query('SELECT count(*) FROM held'), [{ count: '100' }]);
    await Promise.all([session.close(), other.end()]);
  });
});

describe('a comparison with the server', () => {
  it('tells how far it has come', async () => {
    const server = await startServer();
    try {
      await server.sql('CREATE TABLE t AS SELECT generate_series(1, 5000) AS id');
      await withFolder(async (folder) => {
        await exportInto(server, folder, { table: 't' });
        const seen: number[] = [];
        await verify(
          folder,
          { connection: connectionTo(server) },
          {
            onEvent: (event) => {
              if (event.type === 'progress') seen.push(event.rows / event.expectedRows);
            },
          },
        );
        assert.equal(seen.at(-1), 1);
        assert.deepEqual(
          [...seen].sort((a, b) => a - b),
          seen,
        );
      });
    } finally {
      await server.stop();
    }
  });
});
