import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { splitTasks } from '../../src/plan/split.js';
import { copyStatement } from '../../src/source/copy/statements.js';
import { namesColumnsOnly } from '../../src/source/copy/tree-condition.js';
import { ByteSink } from '../support/copy-sink.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner, scansOf, selectOf } from './planner.js';

describe("the user's SQL", () => {
  let server: TestServer;
  let planner: Planner;
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql('CREATE TABLE t (id int, v text); INSERT INTO t SELECT i, i::text FROM generate_series(1, 100) i');
  });
  after(async () => {
    assert.equal(await server.value('SELECT count(*) FROM t'), '100');
    await planner.close();
    await server.stop();
  });

  const proof = join(tmpdir(), `gpuparser-injected-${process.pid}`);
  const conditions = [
    `true) TO PROGRAM 'touch ${proof}' --`,
    `true) TO PROGRAM 'touch ${proof}' (FORMAT binary); --`,
    'true) OR (true',
    'true) UNION ALL SELECT id, v FROM t WHERE (true',
    'true; DELETE FROM t',
    'true; DELETE FROM t; --',
    'true ORDER BY id',
    'true LIMIT 1',
    'true UNION SELECT id, v FROM t',
    'true GROUP BY id',
    'true FOR UPDATE',
    'true /*',
    "true AND v = '",
    'true AND v = $a$',
    'true AND id = $1',
    'id = 1, id = 2',
    'SELECT true',
    'id',
    'nothing = 1',
    '',
    ' -- all',
    'true\0) TO PROGRAM',
  ];
  for (const where of conditions) {
    it(`is refused as a condition when it is ${JSON.stringify(where)}`, async () => {
      const error = await planner.refusal({ table: 't', where });
      assert.equal(error.code, 'USAGE', error.message);
      assert.match(error.message, /--where/);
      assert.ok(!existsSync(proof));
    });
  }

  it('names a table before columns only, or may mean the whole row', () => {
    for (const only of [
      'a = 1',
      't.a = 1',
      'T . a = 1',
      "'t' = t.b",
      '"t"."a b" > 0',
      "b = 'it''s t' AND t.a IN (SELECT t2.a FROM t2)",
      'tt IS NULL',
    ])
      assert.ok(namesColumnsOnly(only, 't'), only);
    for (const more of [
      't IS NULL',
      't.* IS NULL',
      'f(t)',
      '"t"::text = \'\'',
      "b = 'x' AND T = ROW(1)",
      '(t).a = 1',
      'a = 1 -- t',
      "b = E'\\'' AND t.a = 1",
      'b = $$t$$',
    ])
      assert.ok(!namesColumnsOnly(more, 't'), more);
    assert.ok(!namesColumnsOnly('"T" IS NULL', 'T'));
    assert.ok(namesColumnsOnly('"t" IS NULL', 'T'));
  });

  const queries = [
    `SELECT 1) TO PROGRAM 'touch ${proof}' --`,
    'SELECT 1; DELETE FROM t',
    'SELECT 1; SELECT 2',
    'DELETE FROM t RETURNING id',
    'INSERT INTO t VALUES (1)',
    'WITH gone AS (DELETE FROM t RETURNING id) SELECT id FROM gone',
    'SELECT 1 INTO made',
    'SELECT $1::int AS a',
    'SELECT 1 /*',
    'SELECT 1) UNION (SELECT 2',
    'EXPLAIN ANALYZE DELETE FROM t',
    'COPY t TO STDOUT',
    'SHOW all',
    'ANALYZE t',
    '',
    ';',
    'SELECT 1 AS a, 2 AS a',
    'SELECT * FROM missing',
  ];
  for (const query of queries) {
    it(`is refused as a query when it is ${JSON.stringify(query)}`, async () => {
      const error = await planner.refusal({ query });
      assert.equal(error.code, 'USAGE', error.message);
      assert.ok(!existsSync(proof));
    });
  }

  it('that writes in a function is stopped by the read-only transaction', async () => {
    await server.sql("CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM t RETURNING 1'");
    const { plan, reader } = await planner.plan({ query: 'SELECT wipe() AS a' });
    await assert.rejects((await reader()).query(selectOf({ scan: scansOf(plan)[0]! })), /read-only transaction/i);
  });

  it('may be any expression, comments and subqueries included', async () => {
    for (const [where, count] of [
      ['id <= 10', 10],
      ['id <= 10 -- ten', 10],
      ['id <= 10 /* ten */', 10],
      ['(id <= 5) OR (id > 95)', 10],
      ["v = ')' OR v = '7'", 1],
      ['id IN (SELECT max(id) FROM t)', 1],
      ['t.id = 1 OR "t"."id" = 2', 2],
      ['EXISTS (SELECT FROM t AS other WHERE other.id = t.id + 99)', 1],
    ] as const) {
      const { plan, read } = await planner.plan({ table: 't', where, chunks: 2 });
      assert.equal((await read()).flat().length, count, where);
      assert.equal(scansOf(plan)[0]?.where, where);
    }
  });

  it('may be any query that only reads', async () => {
    for (const [query, count] of [
      ['SELECT id FROM t ORDER BY id DESC;', 100],
      ['-- first a comment\nTABLE t -- and one behind', 100],
      ['VALUES (1), (2)', 2],
      ['WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n', 5],
      ['(SELECT id FROM t) UNION ALL (SELECT 0)', 101],
      ['SELECT id, v AS "a;b" FROM t WHERE v <> \';\'', 100],
      ['SELECT', 1],
    ] as const) {
      const { plan, read } = await planner.plan({ query });
      assert.deepEqual([plan.source, plan.table, plan.unsplittable, plan.jobs], ['query', 'query', 'a query has no ctid', 1]);
      assert.equal((await read()).flat().length, count, query);
    }
    const { read } = await planner.plan({ query: 'SELECT id FROM t ORDER BY id DESC', rows: 3 });
    assert.deepEqual((await read()).flat(), [{ id: 100 }, { id: 99 }, { id: 98 }]);
  });

  it('holds the locks of what a query reads', async () => {
    await server.sql('CREATE TABLE below (id int); CREATE VIEW above AS SELECT id FROM below');
    const { coordinator } = await planner.plan({ query: 'SELECT a.id FROM above a' });
    const held = await server.sql("SELECT relation::regclass::text AS name FROM pg_locks WHERE locktype = 'relation' AND pid = $1", [
      coordinator.pid,
    ]);
    assert.ok(held.some(({ name }) => name === 'below'));
  });

  it('becomes a COPY that the server runs', async () => {
    for (const options of [{ table: 't', where: 'id > 40 -- most', chunks: 2 }, { query: 'SELECT id FROM t WHERE id > 40 -- most' }]) {
      const { plan, reader } = await planner.plan(options);
      const session = await reader();
      let rows = 0;
      for (const piece of plan.chunks.flatMap((chunk) => splitTasks(chunk, 1, 1, 1).flatMap((task) => task.pieces))) {
        rows += (await session.copyOut(copyStatement(piece), new ByteSink())).rows;
      }
      assert.equal(rows, 60);
    }
  });
});
