import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { splitTasks } from '../../src/plan/split.js';
import { planExport } from '../../src/planning/plan-export.js';
import { locateRow } from '../../src/source/copy/locate.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner, scansOf, selectOf } from './planner.js';

describe('the rows of an export', () => {
  let server: TestServer;
  let planner: Planner;
  /** Ids in the order an export has them: by leaf, then by ctid. */
  const order: Record<string, number[]> = {};
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql(`
      CREATE TABLE holes (id int PRIMARY KEY, pad text);
      INSERT INTO holes SELECT i, repeat('x', i % 200) FROM generate_series(1, 40000) i;
      DELETE FROM holes WHERE id BETWEEN 5000 AND 15000 OR id % 7 = 0;
      UPDATE holes SET pad = 'moved' WHERE id % 100 = 1;
      CREATE TABLE bloated (id int); INSERT INTO bloated SELECT generate_series(1, 100000); DELETE FROM bloated WHERE id <= 99000;
      CREATE TABLE tree (k int, id int, PRIMARY KEY (k, id)) PARTITION BY LIST (k);
      CREATE TABLE tree_c PARTITION OF tree FOR VALUES IN (1); CREATE TABLE tree_b PARTITION OF tree FOR VALUES IN (2); CREATE TABLE tree_a PARTITION OF tree FOR VALUES IN (3);
      INSERT INTO tree SELECT 1 + 2 * (i % 2), i FROM generate_series(1, 3000) i;
      CREATE TABLE huge (id int) WITH (fillfactor = 10); INSERT INTO huge SELECT generate_series(1, 300000);
      CREATE TABLE empty (id int); CREATE TABLE gone (id int); INSERT INTO gone SELECT generate_series(1, 1000); DELETE FROM gone;
      ANALYZE holes, tree, huge;`);
    const ids = async (sql: string) => (await server.sql(sql)).map(({ id }) => Number(id));
    order.holes = await ids('SELECT id FROM holes ORDER BY ctid');
    order.bloated = await ids('SELECT id FROM bloated ORDER BY ctid');
    order.tree = await ids('SELECT id FROM tree ORDER BY k, ctid');
    order.huge = await ids('SELECT id FROM huge ORDER BY ctid');
    order.empty = [];
    order.gone = [];
  });
  after(async () => {
    await planner.close();
    await server.stop();
  });

  // biome-ignore format: a table
  const cases = [
    ['holes', 1, 1], ['holes', 10_000, 2], ['holes', 10_001, 4], ['holes', 1_000_000, 3], ['holes', 3, 8], ['bloated', 500, 2], ['bloated', 1000, 3],
    ['bloated', 1001, 3], ['tree', 1499, 4], ['tree', 1500, 4], ['tree', 1501, 7], ['tree', 3000, 2], ['tree', 9999, 5], ['huge', 250_000, 3],
    ['huge', 250_000, 700],
    ['empty', 5, 2], ['gone', 5, 2], ['holes', 0, 2],
  ] as const;
  for (const [table, rows, chunks] of cases) {
    it(`are exactly the first ${rows} of "${table}" in ${chunks} chunks within a row of each other`, async () => {
      const { plan, read } = await planner.plan({ table, rows, chunks });
      const found = (await read()).map((chunk) => chunk.map(({ id }) => Number(id)));
      const expected = (order[table] as number[]).slice(0, rows);
      assert.deepEqual(found.flat(), expected);
      assert.equal(plan.exactRows, true);
      assert.equal(plan.estimatedRows, expected.length);
      assert.equal(found.length, Math.max(1, Math.min(chunks, expected.length)));
      const sizes = found.map(({ length }) => length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      assert.deepEqual(
        plan.chunks.map((chunk) => chunk.rows),
        sizes,
      );
    });
  }

  it('are counted no further than -r asks, however large the table', async () => {
    const statements: string[] = [];
    const session = await planner.session();
    const query = session.query.bind(session);
    session.query = (sql, parameters) => {
      statements.push(sql);
      return query(sql, parameters);
    };
    const plan = await planExport(session, { table: 'huge', rows: 100 }, { devices: 2, cores: 2, createdBy: 't' });
    assert.ok(plan.heapBytes < 100 * 8192, `${plan.heapBytes} bytes to read`);
    assert.equal(statements.filter((sql) => sql.startsWith('SELECT pg_catalog.count(*) AS count FROM')).length, 1);
  });

  it('are found by one query for each stretch of pages, however many chunks begin in it', async () => {
    const session = await planner.session();
    const statements: string[] = [];
    const query = session.query.bind(session);
    session.query = (sql, parameters) => {
      statements.push(sql);
      return query(sql, parameters);
    };
    const plan = await planExport(session, { table: 'huge', rows: 200_000, chunks: 500 }, { devices: 1, cores: 1, createdBy: 't' });
    assert.equal(plan.chunks.length, 500);
    const counting = statements.filter((sql) => sql.startsWith('SELECT pg_catalog.count(*) AS count FROM')).length;
    const finding = statements.filter((sql) => sql.includes('ORDER BY ctid')).length;
    assert.ok(finding > 0 && finding <= counting, `${finding} queries for cuts, ${counting} for counts`);
  });

  it('are counted by several connections where there is much to count', async () => {
    let opened = 0;
    const openSession = () => {
      opened++;
      return planner.session();
    };
    const { plan, read } = await planner.plan({ table: 'huge', rows: 299_999, chunks: 2 }, { openSession });
    assert.equal(opened, 3);
    assert.deepEqual(
      plan.chunks.map(({ rows }) => rows),
      [149_999, 150_000],
    );
    assert.deepEqual(
      (await read()).flat().map(({ id }) => Number(id)),
      order.huge?.slice(0, 299_999),
    );
    const { plan: alone } = await planner.plan(
      { table: 'huge', rows: 299_999, chunks: 2 },
      { openSession: () => Promise.reject(new Error('no room')) },
    );
    assert.deepEqual(alone.chunks, plan.chunks);
  });

  it('obey a condition and a limit together', async () => {
    const { plan, read } = await planner.plan({ table: 'holes', where: "pad <> 'moved' -- not those", rows: 777, chunks: 4 });
    const expected = (await server.sql("SELECT id FROM holes WHERE pad <> 'moved' ORDER BY ctid LIMIT 777")).map(({ id }) => Number(id));
    assert.deepEqual(
      (await read()).flat().map(({ id }) => id),
      expected,
    );
    assert.deepEqual(
      plan.chunks.map(({ rows }) => rows),
      [194, 194, 194, 195],
    );
  });

  it('are one stream when the server answers the condition through an index', async () => {
    const { plan, read } = await planner.plan({ table: 'holes', where: 'id IN (1, 2, 3)', chunks: 4 });
    assert.deepEqual([plan.unsplittable, plan.jobs, plan.chunks.length], ['the server answers the condition through an index', 1, 1]);
    assert.deepEqual(
      (await read())
        .flat()
        .map(({ id }) => Number(id))
        .sort(),
      [1, 2, 3],
    );
    const subquery = await planner.plan({ table: 'huge', where: 'id = (SELECT max(id) FROM holes)', chunks: 2 });
    assert.equal(subquery.plan.unsplittable, undefined, 'an index of another table does not matter');
  });

  it('of a small table are shared out by rows, of a large one by pages', async () => {
    const small = await planner.plan({ table: 'tree' }, { devices: 4 });
    assert.deepEqual(
      small.plan.chunks.map(({ rows }) => rows),
      [750, 750, 750, 750],
    );
    assert.deepEqual(
      (await small.read()).flat().map(({ id }) => Number(id)),
      order.tree,
    );
    const large = await planner.plan({ table: 'huge' }, { devices: 3 });
    const pages = large.plan.chunks.map(({ scans }) => scans.reduce((sum, { range }) => sum + (range?.pages ?? 0), 0));
    assert.ok(Math.max(...pages) - Math.min(...pages) <= 1 && !large.plan.exactRows);
    assert.equal((await large.read()).flat().length, 300_000);
  });

  it('can be found again by their place in a piece', async () => {
    const { plan, reader } = await planner.plan({ table: 'tree', chunks: 2 });
    const session = await reader();
    const pieces = plan.chunks.flatMap((chunk) => splitTasks(chunk, 2, 1, 2).flatMap((task) => task.pieces));
    const piece = pieces.find(({ from, scan }) => from !== undefined && from.page > 0 && scan.relation.includes('tree_a')) ?? pieces[1]!;
    const rows = await session.query<{ k: number; id: number }>(selectOf(piece));
    const row = rows[5]!;
    const ctid = await server.value('SELECT ctid FROM tree WHERE k = $1 AND id = $2', [row.k, row.id]);
    assert.equal((await locateRow(session, piece, 5)).place, `row ${ctid}, "k" = ${row.k}, "id" = ${row.id}`);
    assert.equal((await locateRow(session, piece, 1e6)).place, 'row 1000001');
    const query = await planner.plan({ query: 'TABLE tree' });
    assert.equal((await locateRow(await query.reader(), { scan: scansOf(query.plan)[0]! }, 5)).place, 'row 6');
  });
});
