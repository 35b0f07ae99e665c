import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { planExport } from '../../src/planning/plan-export.js';
import type { Session } from '../../src/postgres/session.js';
import { beginRead } from '../../src/postgres/snapshot.js';
import { copyStatement } from '../../src/source/copy/statements.js';
import { ByteSink } from '../support/copy-sink.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner } from './planner.js';

describe('DDL that comes between', () => {
  let server: TestServer;
  let planner: Planner;
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql("SET lock_timeout = '10s'");
  });
  after(async () => {
    await planner.close();
    await server.stop();
  });

  /** Plans with `act` run once, right before the coordinator's first statement that matches. */
  async function planAround(match: RegExp, act: string, options: Parameters<typeof planExport>[1]) {
    const session = await planner.session();
    const [query, queries] = [session.query.bind(session), session.queries.bind(session)];
    let acted = 0;
    const actBefore = async (statements: readonly string[]) => {
      if (acted > 0 || !statements.some((sql) => match.test(sql))) return;
      acted++;
      await server.sql(act);
    };
    session.query = (async (sql: string, parameters?: readonly unknown[]) => {
      await actBefore([sql]);
      return query(sql, parameters);
    }) as Session['query'];
    session.queries = async (statements) => {
      await actBefore(statements);
      return queries(statements);
    };
    const plan = await planExport(session, options, { devices: 1, cores: 2, createdBy: 't' });
    assert.equal(acted, 1, 'the race was provoked');
    const reader = await planner.session();
    await beginRead(reader, { snapshotId: plan.snapshot.id, rowSecurity: false });
    let rows = 0;
    for (const scan of plan.chunks.flatMap(({ scans }) => scans))
      rows += (await reader.copyOut(copyStatement({ scan }), new ByteSink())).rows;
    return { plan, rows };
  }

  it('before the lock: a truncated table is empty, and the plan knows', async () => {
    await server.sql('CREATE TABLE a AS SELECT generate_series(1, 1000) AS id');
    const { rows } = await planAround(/^LOCK TABLE/, 'TRUNCATE a; INSERT INTO a VALUES (1)', { table: 'a' });
    assert.equal(rows, 1);
  });

  it('before the lock: a table dropped and made anew is found again', async () => {
    await server.sql('CREATE TABLE b AS SELECT generate_series(1, 1000) AS id');
    const { plan, rows } = await planAround(/^LOCK TABLE/, "DROP TABLE b; CREATE TABLE b AS SELECT 'x' AS other", { table: 'b' });
    assert.deepEqual([rows, plan.columns[0]?.name], [1, 'other']);
  });

  it('before the lock: a table dropped for good is missing', async () => {
    await server.sql('CREATE TABLE c AS SELECT 1 AS id');
    await assert.rejects(planAround(/^LOCK TABLE/, 'DROP TABLE c', { table: 'c' }), /There is no table c/);
  });

  it('between snapshot and lock of a materialized view: the export begins again instead of reading nothing', async () => {
    await server.sql('CREATE TABLE d AS SELECT generate_series(1, 1000) AS id; CREATE MATERIALIZED VIEW e AS TABLE d');
    const { rows } = await planAround(/^SELECT FROM "public"\."e" WHERE false/, 'INSERT INTO d VALUES (0); REFRESH MATERIALIZED VIEW e', {
      table: 'e',
    });
    assert.equal(rows, 1001);
  });

  it('between snapshot and lock of what a query reads through a view: the same', async () => {
    await server.sql('CREATE MATERIALIZED VIEW f AS TABLE d; CREATE VIEW g AS TABLE f');
    const { rows } = await planAround(/block_size/, 'INSERT INTO d VALUES (-1); REFRESH MATERIALIZED VIEW f', { query: 'SELECT * FROM g' });
    assert.equal(rows, 1002);
  });

  it('for ever ends in words', async () => {
    await server.sql('CREATE MATERIALIZED VIEW h AS TABLE d');
    const session = await planner.session();
    const query = session.query.bind(session);
    session.query = (async (sql: string, parameters?: readonly unknown[]) => {
      if (sql.startsWith('SELECT FROM "public"."h"')) await server.sql('REFRESH MATERIALIZED VIEW h');
      return query(sql, parameters);
    }) as Session['query'];
    await assert.rejects(
      planExport(session, { table: 'h' }, { devices: 1, cores: 2, createdBy: 't' }),
      /public\.h was rewritten or truncated 5 times/,
    );
    assert.deepEqual(await session.query("SELECT count(*)::int AS held FROM pg_locks WHERE relation = 'h'::regclass"), [{ held: 0 }]);
  });
});
