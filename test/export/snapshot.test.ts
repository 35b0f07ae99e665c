import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import type pg from 'pg';
import type { ExportEvent, ExportOptions, ExportSummary } from '../../src/index.js';
import { exportTable } from '../../src/index.js';
import { assertSameAsQuery, connectionTo, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

/** Makes every row take about a millisecond. */
const SLOW = 'slow(id) = id';

describe('what an export shows of changes made meanwhile', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(
      `CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN PERFORM pg_sleep(0.0001); RETURN id; END $$`,
    );
  });
  const fresh = () =>
    server.sql(`DROP TABLE IF EXISTS kept, t, t_high CASCADE; CREATE TABLE t (id int NOT NULL, v text, gone int) PARTITION BY RANGE (id);
      CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (301); CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (301) TO (MAXVALUE);
      INSERT INTO t SELECT i, 'v' || i, i FROM generate_series(1, 600) i; CREATE TABLE kept AS TABLE t; ANALYZE t`);
  beforeEach(fresh);
  after(() => server.stop());

  interface Meanwhile {
    /** A session of its own; what it is told waits if it must. */
    readonly other: pg.Client;
    /** Whether rows are still to be read. */
    readonly running: () => boolean;
  }

  /** Exports t; `when` is told to act once the plan stands or, with `reading`, once rows are being read. */
  async function during(
    options: ExportOptions,
    event: 'planned' | 'reading',
    act: (meanwhile: Meanwhile) => Promise<unknown>,
    look: (summary: ExportSummary) => Promise<unknown>,
  ): Promise<void> {
    const other = await server.client();
    let done = false;
    let acted: Promise<unknown> | undefined;
    const begin = () => {
      acted ??= act({ other, running: () => !done });
      acted.catch(() => undefined);
    };
    try {
      await withFolder(async (folder) => {
        const summary = await exportTable(
          { device: 'cpu', output: folder, connection: connectionTo(server), table: 't', where: SLOW, jobs: 2, chunks: 2, ...options },
          {
            onEvent: (happened) => {
              if (happened.type === 'chunk') done = happened.done === happened.total;
              if (
                event === 'planned'
                  ? happened.type === 'planned'
                  : happened.type === 'progress' && happened.workers.some(({ chunk }) => chunk !== undefined)
              )
                begin();
            },
          },
        );
        assert.ok(acted !== undefined, 'it was too fast to interfere with');
        await acted;
        await look(summary);
      });
    } finally {
      await other.end();
    }
  }
  const same = (summary: ExportSummary) => assertSameAsQuery(server, summary, 'SELECT * FROM kept ORDER BY id', ['hyparquet']);

  it('is nothing of inserts, updates and deletes', () =>
    during(
      {},
      'planned',
      async ({ other, running }) => {
        await other.query(
          "INSERT INTO t SELECT i, 'new', 0 FROM generate_series(601, 9000) i; INSERT INTO t SELECT -i, 'new', 0 FROM generate_series(0, 5000) i",
        );
        await other.query(
          "UPDATE t SET v = 'changed', id = CASE WHEN id <= 300 THEN id + 300 ELSE id - 300 END WHERE id % 3 = 0 AND id BETWEEN 1 AND 600",
        );
        await other.query('DELETE FROM t WHERE id % 5 = 0');
        await other.query('VACUUM t');
        assert.ok(running(), 'the changes came while rows were still being read');
      },
      same,
    ));

  const statements = ['TRUNCATE t', 'TRUNCATE t_high', 'ALTER TABLE t DROP COLUMN gone', 'ALTER TABLE t ALTER gone TYPE bigint'];
  for (const statement of statements) {
    it(`is nothing of ${statement}, which waits for the end`, () =>
      during(
        {},
        'reading',
        async ({ other, running }) => {
          await other.query(statement);
          assert.equal(running(), false, 'it waited');
        },
        same,
      ));
  }

  it('is all or nothing of a change that comes just as reading begins', () => {
    let before = false;
    return during(
      {},
      'planned',
      async ({ other, running }) => {
        await other.query('TRUNCATE t_high');
        before = running();
      },
      (summary) => (before ? assertSameAsQuery(server, summary, 'SELECT * FROM t ORDER BY id', ['hyparquet']) : same(summary)),
    );
  });

  it('is nothing of a TRUNCATE that waits when the second of several chunks on one connection begins', () =>
    during(
      { jobs: 1, chunks: 3 },
      'reading',
      async ({ other, running }) => {
        await other.query('TRUNCATE t');
        assert.equal(running(), false);
      },
      same,
    ));

  it('includes the error that a value makes, though its row cannot be looked up behind a TRUNCATE that waits', async () => {
    await server.sql(
      `CREATE TABLE endless AS SELECT i AS id, CASE WHEN i = 600 THEN DATE 'infinity' ELSE DATE '2024-01-01' END AS day FROM generate_series(1, 600) i`,
    );
    const failed = during(
      { table: 'endless', chunks: 1 },
      'reading',
      ({ other }) => other.query('TRUNCATE endless'),
      () => assert.fail('it was exported'),
    );
    await assert.rejects(failed, {
      code: 'VALUE',
      message: /"public"\."endless", column "day" \(date\), row 600 of what was read: date infinity/,
    });
  });

  it('is nothing of a change to what a view or a query reads', async () => {
    await server.sql(`CREATE VIEW seen AS SELECT * FROM t WHERE ${SLOW} ORDER BY id`);
    for (const options of [
      { table: 'seen', where: undefined },
      { table: undefined, where: undefined, query: `SELECT * FROM t WHERE ${SLOW} ORDER BY id` },
    ]) {
      await during(
        options,
        'reading',
        async ({ other, running }) => {
          await other.query('TRUNCATE t');
          assert.equal(running(), false, 'TRUNCATE waited');
        },
        same,
      );
      await server.sql('INSERT INTO t TABLE kept');
    }
  });

  it('is all or nothing of a refresh of a materialized view', async () => {
    await server.sql('CREATE MATERIALIZED VIEW made AS SELECT * FROM t ORDER BY id');
    const refresh = async ({ other }: Meanwhile) => {
      await other.query('DELETE FROM t WHERE id > 10');
      await other.query('REFRESH MATERIALIZED VIEW made');
    };
    await during({ table: 'made' }, 'reading', refresh, same);
    await server.sql('INSERT INTO t SELECT * FROM kept WHERE id > 10');
    await server.sql('REFRESH MATERIALIZED VIEW made');
    await during({ table: 'made', where: undefined }, 'planned', refresh, async (summary) => {
      assert.ok([10, 600].includes(summary.rows), `${summary.rows} rows`);
    });
  });

  it('begins behind the lock that another session holds', async () => {
    const other = await server.client();
    try {
      await other.query('BEGIN; LOCK TABLE t_high IN ACCESS EXCLUSIVE MODE');
      const released = (async () => {
        while ((await server.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) === '0');
        await other.query("INSERT INTO t VALUES (5000, 'committed while the export waited', 1); COMMIT");
      })();
      await withFolder(async (folder) => {
        const summary = await exportTable({ device: 'cpu', output: folder, connection: connectionTo(server), table: 't' });
        await released;
        assert.equal(summary.rows, 601, 'the snapshot is taken behind the lock');
      });
    } finally {
      await other.end();
    }
  });

  it('is refused when a composite type got other members while rows were read, and no file is left', async () => {
    await server.sql(`CREATE TYPE pair AS (x int, y int); CREATE DOMAIN pairs AS pair; CREATE TABLE paired AS SELECT ROW(i, -i)::pair::pairs AS p, ARRAY[ROW(i, -i)::pair] AS ps
      FROM generate_series(1, 600) i`);
    await withFolder(async (output) => {
      const options = { table: 'paired', device: 'cpu', output, connection: connectionTo(server) } as const;
      assert.equal((await exportTable(options)).rows, 600);
      let changed: Promise<unknown> | undefined;
      const onEvent = ({ type }: ExportEvent) => {
        if (type === 'planned') changed = server.sql('ALTER TYPE pair DROP ATTRIBUTE x CASCADE, ADD ATTRIBUTE z int CASCADE');
      };
      const again = exportTable({ ...options, overwrite: true, where: 'slow((p).y) < 0' }, { onEvent });
      await assert.rejects(again, { code: 'SERVER', message: /^Type pairs? was changed while rows of public\.paired were read/ });
      await changed;
      assert.deepEqual(
        (await readdir(output)).filter((name) => name.endsWith('.parquet')),
        [],
      );
    });
  });

  it('is held as long as the summary says, also where the clocks of server and client differ by an hour', async () => {
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
    try {
      await withFolder(async (output) => {
        const { snapshotSeconds, seconds } = await exportTable({ table: 'kept', device: 'cpu', output, connection: connectionTo(server) });
        assert.ok(snapshotSeconds > 0 && snapshotSeconds < seconds, String(snapshotSeconds));
      });
    } finally {
      Date.now = now;
    }
  });
});
