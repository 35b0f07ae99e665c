import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ExportOptions, type ExportSummary, exportTable, verify } from '../../src/index.js';
import { assertSameAsServer, withFolder } from '../support/exporting.js';
import { type Pooler, startPooler } from '../support/pgbouncer.js';
import { startServer, type TestServer } from '../support/server.js';

const NO_MORE = 'the pool or the server has no more';
const INSTEAD = 'the one that holds the snapshot reads';

/** Each test has a role, and a pool, of its own: they run at the same time, since most of their time is waiting. */
const roles = [
  'one',
  'two',
  'alone',
  'marked',
  'marked_one',
  'marked_two',
  'stopped',
  's1',
  'g1',
  's2',
  's3',
  't1',
  't5',
  'v1',
  'verified',
];

describe('an export with room for few connections', { concurrency: true, timeout: 90_000 }, () => {
  let server: TestServer;
  let pooler: Pooler;
  before(async () => {
    server = await startServer({ settings: { log_connections: true } });
    await server.sql(`
      ${roles.map((role) => `CREATE ROLE ${role} LOGIN;`).join('')}
      ALTER ROLE one CONNECTION LIMIT 1; ALTER ROLE verified CONNECTION LIMIT 1; ALTER ROLE marked_one CONNECTION LIMIT 1; ALTER ROLE two CONNECTION LIMIT 2; ALTER ROLE marked_two CONNECTION LIMIT 2;
      CREATE TABLE item AS SELECT g AS id, md5(g::text) AS word, g / 7.0::float8 AS share, timestamptz '2026-01-01Z' + g * interval '1 s' AS at
        FROM generate_series(1, 2000) g;
      CREATE TABLE wide (id int PRIMARY KEY, at timestamp, word text);
      INSERT INTO wide SELECT g, CASE WHEN g <> 3 THEN timestamp '2026-01-01' ELSE 'infinity' END, repeat('x', 1000)
        FROM generate_series(1, 150000) g;
      ANALYZE;
      CREATE FUNCTION gate(id int, key int) RETURNS boolean LANGUAGE sql VOLATILE AS
        'SELECT CASE WHEN id = 1 THEN pg_advisory_lock_shared(key) IS NOT NULL ELSE true END';
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC`);
    const session = (size: number) => ({ mode: 'session' as const, size });
    const transaction = (size: number) => ({ mode: 'transaction' as const, size });
    const pools = {
      s1: session(1),
      g1: session(1),
      s2: session(2),
      s3: session(3),
      v1: session(1),
      t1: transaction(1),
      t5: transaction(5),
    };
    pooler = await startPooler(server, pools, roles);
  });
  after(async () => {
    await pooler.stop();
    await server.stop();
  });

  const direct = (user: string) => ({ host: server.host, port: server.port, user, database: server.database });
  /** The pool has the role's name. */
  const pooled = (user: string) => ({ host: pooler.host, port: pooler.port, user, database: user });
  const exported = (folder: string, options: Partial<ExportOptions>, signal?: AbortSignal): Promise<ExportSummary> =>
    exportTable({ table: 'item', device: 'cpu', jobs: 4, output: folder, ...options }, signal ? { signal } : {});

  /** The warnings of an export whose values are the server's. */
  const warningsOf = (options: Partial<ExportOptions>) =>
    withFolder(async (folder) => {
      const summary = await exported(folder, options);
      await assertSameAsServer(server, summary, 'item', { readers: ['hyparquet'] });
      return summary.warnings;
    });

  /** Holds the gate with this key shut while something happens. */
  async function atGate(key: number, happens: () => Promise<unknown>): Promise<void> {
    const holder = await server.client();
    try {
      await holder.query(`SELECT pg_advisory_lock(${key})`);
      await happens();
    } finally {
      await holder.end();
    }
  }

  /** Resolves when as many of the role's backends wait at a gate. */
  async function waiting(role: string, wanted: number): Promise<void> {
    const count = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock' AND wait_event = 'advisory'";
    while (Number(await server.value(count, [role])) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  test('reads a pool of one in the session that holds the snapshot', async () => {
    const warnings = await warningsOf({ connection: pooled('s1') });
    assert.deepEqual(warnings, [`0 of 4 connections came: ${NO_MORE}; ${INSTEAD}.`]);
  });

  test('reads a pool of one for several workers that all wait in vain', async () => {
    const warnings = await warningsOf({ connection: pooled('g1'), gpus: 2, chunks: 3, rows: 2000 });
    assert.deepEqual(warnings, [`0 of 2 connections came: ${NO_MORE}; ${INSTEAD}.`]);
  });

  for (const [pool, key, warning] of [
    ['s2', 2, `1 of 4 connections came: ${NO_MORE}; ${INSTEAD}.`],
    ['s3', 3, `2 of 4 connections came: ${NO_MORE}, and 1 of them is left to others.`],
  ] as const) {
    test(`leaves room for another client in a pool smaller than --jobs (${pool})`, async () => {
      let whole: Promise<readonly string[]> | undefined;
      await atGate(key, async () => {
        whole = warningsOf({ connection: pooled(pool), where: `gate(id, ${key})`, chunks: 2 });
        whole.catch(() => undefined);
        await waiting(pool, 1);
        const other = await server.client(pooled(pool));
        assert.deepEqual((await other.query('SELECT 42 AS answer')).rows, [{ answer: '42' }]);
        await other.end();
      });
      assert.deepEqual(await whole, [warning]);
    });
  }

  test('goes through transaction pooling', async () => {
    assert.deepEqual(await warningsOf({ connection: pooled('t5'), chunks: 3 }), []);
    assert.deepEqual(await warningsOf({ connection: pooled('t1'), jobs: 1 }), []);
  });

  test('reads as a role that may have one connection, or two', async () => {
    const planned = "Reading with 1 of 4 connections: the role has no more free (5 of the server's stay free for others).";
    assert.deepEqual(await warningsOf({ connection: direct('one') }), [
      planned,
      `0 of 1 connection came: Too many connections for role "one"; ${INSTEAD}.`,
    ]);
    assert.deepEqual(await warningsOf({ connection: direct('two') }), [planned]);
  });

  test('opens one connection for --jobs 1, also where rows are counted', async () => {
    assert.deepEqual(await warningsOf({ connection: direct('alone'), jobs: 1, chunks: 3, rows: 2000 }), []);
    const log = await server.log();
    assert.equal(log.match(/connection authorized: user=alone/g)?.length, 1);
  });

  for (const role of ['marked', 'marked_one', 'marked_two']) {
    test(`names the row of a value that has no place and exports the other chunks (${role})`, async () => {
      await withFolder(async (folder) => {
        const jobs = role === 'marked' ? 1 : 4;
        const connection = direct(role);
        const summary = await exported(folder, { table: 'wide', connection, jobs, chunks: 3, memory: 64 << 20 });
        assert.deepEqual(
          summary.failed.map(({ chunk, error }) => [chunk, error.code, error.message]),
          [
            [
              0,
              'VALUE',
              '"public"."wide", column "at" (timestamp without time zone), row (0,3), "id" = 3: timestamp infinity has no place in TIMESTAMP(us, local).',
            ],
          ],
        );
        assert.equal(summary.files.length, 2);
        const first = await server.value('SELECT count(*) FROM wide');
        assert.ok(summary.rows > Number(first) / 2);
      });
    });
  }

  test('ends its query when it is stopped while it reads in the session of the snapshot', async () => {
    const stop = new AbortController();
    await withFolder((folder) =>
      atGate(4, async () => {
        const stopped = exported(folder, { connection: direct('stopped'), jobs: 1, where: 'gate(id, 4)' }, stop.signal);
        const refused = assert.rejects(stopped, { code: 'INTERRUPTED' });
        await waiting('stopped', 1);
        stop.abort();
        await refused;
        await waiting('stopped', 0);
      }),
    );
  });

  for (const [role, key] of [
    ['v1', 5],
    ['verified', 6],
  ] as const) {
    test(`lets verify end its query without a second connection (${role})`, async () => {
      const connection = role === 'v1' ? pooled(role) : direct(role);
      const stop = new AbortController();
      await withFolder(async (folder) => {
        await exported(folder, { connection, jobs: 1, where: `gate(id, ${key})` });
        await atGate(key, async () => {
          const refused = assert.rejects(verify(folder, { connection }, { signal: stop.signal }), { code: 'INTERRUPTED' });
          await waiting(role, 1);
          stop.abort();
          await refused;
          await waiting(role, 0);
        });
      });
    });
  }
});
