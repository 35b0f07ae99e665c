import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { planExport } from '../../src/planning/plan-export.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner, scansOf } from './planner.js';

describe('the source of an export', () => {
  let server: TestServer;
  let planner: Planner;
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql(`
      CREATE SCHEMA sales;
      CREATE TABLE sales.plain (id int PRIMARY KEY, dropped text, label text NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED, n int GENERATED ALWAYS AS IDENTITY);
      ALTER TABLE sales.plain DROP COLUMN dropped;
      INSERT INTO sales.plain SELECT i, 'label ' || i FROM generate_series(1, 5000) i;
      CREATE TABLE parted (id int, day date NOT NULL, v text) PARTITION BY RANGE (day);
      CREATE TABLE z_first PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
      CREATE TABLE a_third PARTITION OF parted FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
      CREATE TABLE m_second PARTITION OF parted FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (id);
      CREATE TABLE m_two PARTITION OF m_second FOR VALUES IN (2);
      CREATE TABLE m_one PARTITION OF m_second FOR VALUES IN (1);
      CREATE TABLE m_empty PARTITION OF m_second FOR VALUES IN (3);
      CREATE TABLE b_rest (v text, gone int, id int, day date NOT NULL);
      ALTER TABLE b_rest DROP COLUMN gone;
      ALTER TABLE parted ATTACH PARTITION b_rest DEFAULT;
      INSERT INTO parted SELECT 1 + i % 2, DATE '2024-01-01' + i % 150, 'v' || i FROM generate_series(1, 6000) i;
      CREATE TABLE parent (id int NOT NULL, v text); CREATE TABLE child (extra int) INHERITS (parent); CREATE TABLE grandchild () INHERITS (child);
      INSERT INTO parent SELECT i, 'p' FROM generate_series(1, 10) i; INSERT INTO child SELECT i, 'c', 0 FROM generate_series(11, 20) i; INSERT INTO grandchild SELECT i, 'g' FROM generate_series(21, 30) i;
      CREATE TABLE loose (id int NOT NULL); CREATE TABLE looser () INHERITS (loose); ALTER TABLE looser ALTER id DROP NOT NULL;
      CREATE VIEW seen AS SELECT id, label FROM sales.plain WHERE id <= 10;
      CREATE MATERIALIZED VIEW kept AS SELECT id, label FROM sales.plain;
      CREATE SEQUENCE counter; CREATE INDEX plain_label ON sales.plain (label);
      CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS a;
      CREATE TABLE nothing (); INSERT INTO nothing SELECT FROM generate_series(1, 7);
      CREATE TABLE empty (a int);
      CREATE TABLE no_partitions (a int) PARTITION BY LIST (a);
      CREATE TABLE "Odd ""Näme"".x" ("select" int, "a""b" text, "Ünï cödé" int, " " int);
      INSERT INTO "Odd ""Näme"".x" VALUES (1, 'x', 2, 3);
      CREATE TABLE wide (${Array.from({ length: 1600 }, (_, i) => `c${i} boolean`).join(', ')});
      INSERT INTO wide (c0, c1599) VALUES (true, false);
      ANALYZE;`);
  });
  after(async () => {
    await planner.close();
    await server.stop();
  });

  it('takes ten questions for a plain table: each is a round trip that every export waits for', async () => {
    const session = await planner.session();
    const [query, queries] = [session.query.bind(session), session.queries.bind(session)];
    let questions = 0;
    session.query = (sql, parameters) => {
      questions++;
      return query(sql, parameters);
    };
    session.queries = (statements) => {
      questions++;
      return queries(statements);
    };
    await planExport(session, { table: 'sales.plain' }, { devices: 1, cores: 2, createdBy: 't' });
    assert.equal(questions, 10);
  });

  it('may be a plain table, without its dropped columns', async () => {
    const { plan, read } = await planner.plan({ table: 'sales.plain' });
    assert.deepEqual(
      [plan.table, plan.stem, plan.source, plan.unsplittable, plan.exactRows],
      ['sales.plain', 'plain', 'table', undefined, false],
    );
    assert.deepEqual(
      plan.columns.map(({ name, required }) => [name, required]),
      [
        ['id', true],
        ['label', true],
        ['twice', false],
        ['n', true],
      ],
    );
    assert.equal(plan.estimatedRows, 5000);
    assert.equal(plan.heapBytes, Number(await server.value("SELECT pg_relation_size('sales.plain')")));
    assert.equal(plan.chunks[0]?.file, 'plain_chunk_0.parquet');
    const rows = (await read()).flat();
    assert.deepEqual(
      rows.map(({ id }) => id),
      Array.from({ length: 5000 }, (_, i) => i + 1),
    );
    assert.deepEqual(rows[6], { id: 7, label: 'label 7', twice: 14, n: 7 });
  });

  it('is described in the file without a secret', async () => {
    const { plan } = await planner.plan({ table: 'sales.plain', columns: ['label'] });
    assert.deepEqual(Object.keys(plan.keyValueMetadata), [
      'gpuparser.version',
      'gpuparser.table',
      'gpuparser.columns',
      'gpuparser.snapshot',
      'gpuparser.server',
      'gpuparser.origin',
    ]);
    assert.equal(plan.keyValueMetadata['gpuparser.columns'], '[{"name":"label","type":"text"}]');
    assert.equal(plan.snapshot.standby, false);
  });

  it('may be partitioned: the leaves come in the order of their bounds, at any depth', async () => {
    const { plan, read } = await planner.plan({ table: 'parted', chunks: 3 });
    assert.equal(plan.source, 'partitioned table');
    assert.deepEqual(
      [...new Set(scansOf(plan).map(({ relation }) => relation))],
      ['z_first', 'm_one', 'm_two', 'a_third', 'b_rest'].map((name) => `"public"."${name}"`),
    );
    assert.deepEqual(
      plan.columns.map(({ name, required }) => [name, required]),
      [
        ['id', false],
        ['day', true],
        ['v', false],
      ],
    );
    const rows = (await read()).flat();
    assert.equal(new Set(rows.map(({ v }) => v)).size, 6000);
    assert.equal(rows.length, 6000);
    assert.deepEqual(Object.keys(rows.at(-1) as object), ['id', 'day', 'v']);
  });

  it('leaves out the partitions that the condition excludes, and lets it call the table by its name', async () => {
    const { plan, read } = await planner.plan({
      table: 'parted',
      where: "parted.day BETWEEN '2024-01-05' AND '2024-01-20' AND parted.id = 1",
    });
    assert.deepEqual(
      scansOf(plan).map(({ relation }) => relation),
      ['"public"."z_first"'],
    );
    assert.equal(
      String((await read()).flat().length),
      await server.value("SELECT count(*) FROM parted WHERE day BETWEEN '2024-01-05' AND '2024-01-20' AND id = 1"),
    );
    const none = await planner.plan({ table: 'parted', where: "day < '2020-01-01' AND day > '2021-01-01'" });
    assert.deepEqual((await none.read()).flat(), []);
    const now = await planner.plan({ table: 'parted', where: "day > now() - interval '100 years'" });
    assert.equal((await now.read()).flat().length, 6000);
  });

  it('may be a parent in an inheritance tree, whose children belong to it', async () => {
    const { plan, read } = await planner.plan({ table: 'parent' });
    assert.deepEqual(
      scansOf(plan).map(({ relation }) => relation),
      ['"public"."parent"', '"public"."child"', '"public"."grandchild"'],
    );
    assert.deepEqual(
      (await read()).flat().map(({ id }) => id),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    assert.equal(plan.columns[0]?.required, true);
    const loose = await planner.plan({ table: 'loose' });
    assert.equal(loose.plan.columns[0]?.required, false, 'a child may lack what its parent has');
  });

  it('may be a view, read as one stream', async () => {
    const { plan, read } = await planner.plan({ table: 'seen', chunks: 4 });
    assert.deepEqual([plan.source, plan.unsplittable, plan.chunks.length, plan.jobs], ['view', 'a view has no ctid', 1, 1]);
    assert.deepEqual(
      plan.columns.map(({ required }) => required),
      [false, false],
    );
    assert.deepEqual(plan.warnings, ['public.seen is read as one stream into one file: a view has no ctid.']);
    assert.equal((await read()).flat().length, 10);
    assert.equal((await (await planner.plan({ table: 'seen', rows: 4 })).read()).flat().length, 4);
  });

  it('may be a materialized view, cut by ctid', async () => {
    const { plan, read } = await planner.plan({ table: 'kept', chunks: 3 });
    assert.deepEqual([plan.source, plan.chunks.length, plan.columns[0]?.required], ['materialized view', 3, false]);
    assert.equal(new Set((await read()).flat().map(({ id }) => id)).size, 5000);
  });

  it('may be a foreign table, or have one among its partitions', async () => {
    await server.sql(`
      CREATE EXTENSION postgres_fdw;
      CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${server.host}', port '${server.port}', dbname 'postgres');
      CREATE USER MAPPING FOR postgres SERVER self OPTIONS (user 'postgres');
      CREATE FOREIGN TABLE remote (id int NOT NULL, label text) SERVER self OPTIONS (schema_name 'sales', table_name 'plain');
      CREATE TABLE far (k int, id int NOT NULL) PARTITION BY LIST (k);
      CREATE TABLE far_near PARTITION OF far FOR VALUES IN (2);
      CREATE TABLE behind AS SELECT 1 AS k, generate_series(1, 50) AS id;
      CREATE FOREIGN TABLE far_away PARTITION OF far FOR VALUES IN (1) SERVER self OPTIONS (table_name 'behind');
      INSERT INTO far SELECT 2, generate_series(51, 5000)`);
    const { plan, read } = await planner.plan({ table: 'remote', columns: ['id'] });
    assert.deepEqual([plan.source, plan.unsplittable, plan.columns[0]?.required], ['foreign table', 'a foreign table has no ctid', false]);
    assert.equal((await read()).flat().length, 5000);
    const tree = await planner.plan({ table: 'far', chunks: 2 });
    assert.deepEqual(
      tree.plan.columns.map(({ required }) => required),
      [false, false],
    );
    assert.deepEqual(
      (await tree.read()).flat().map(({ id }) => id),
      Array.from({ length: 5000 }, (_, i) => i + 1),
    );
    const some = await planner.plan({ table: 'far', rows: 60, chunks: 2 });
    assert.match(some.plan.unsplittable ?? '', /public\.far_away is a foreign table/);
    assert.equal((await some.read()).flat().length, 60);
  });

  it('may be a system catalogue', async () => {
    const { plan, read } = await planner.plan({ table: 'pg_catalog.pg_class', where: 'oid < 16384' });
    assert.equal(plan.source, 'table');
    assert.equal(String((await read()).flat().length), await server.value('SELECT count(*) FROM pg_class WHERE oid < 16384'));
  });

  it('may be unlogged, empty, without columns, or without partitions', async () => {
    assert.equal((await (await planner.plan({ table: 'unlogged' })).read()).flat().length, 1);
    for (const table of ['empty', 'no_partitions']) {
      const { plan, read } = await planner.plan({ table, chunks: 3 });
      assert.equal(plan.chunks.length, 1);
      assert.deepEqual(await read(), [[]]);
    }
    const { plan, read } = await planner.plan({ table: 'nothing' });
    assert.deepEqual(plan.columns, []);
    assert.equal((await read()).flat().length, 7);
  });

  it('may have names of any characters', async () => {
    const { plan, read } = await planner.plan({ table: '"Odd ""Näme"".x"' });
    assert.equal(plan.table, 'public."Odd ""Näme"".x"');
    assert.equal(plan.stem, 'Odd %22Näme%22.x');
    assert.deepEqual((await read()).flat(), [{ select: 1, 'a"b': 'x', 'Ünï cödé': 2, ' ': 3 }]);
    const counted = await planner.plan({ table: '"Odd ""Näme"".x"', rows: 1, where: '"select" = 1' });
    assert.equal((await counted.read()).flat().length, 1);
  });

  it('may have 1,600 columns', async () => {
    const { plan, read } = await planner.plan({ table: 'wide' });
    assert.equal(plan.columns.length, 1600);
    assert.equal((await read()).flat()[0]?.c1599, false);
  });

  it('may be narrowed to columns, in the order given', async () => {
    const { plan } = await planner.plan({ table: 'sales.plain', columns: ['n', 'id'] });
    assert.deepEqual(
      plan.columns.map(({ name }) => name),
      ['n', 'id'],
    );
    const unknown = await planner.refusal({ table: 'sales.plain', columns: ['id', 'lable'] });
    assert.deepEqual(
      [unknown.code, unknown.message, unknown.hint],
      ['NOT_FOUND', 'sales.plain has no column "lable".', 'Did you mean "label"?'],
    );
    const twice = await planner.refusal({ table: 'sales.plain', columns: ['id', 'id'] });
    assert.equal(twice.code, 'USAGE');
  });

  it('that is missing is answered with close names', async () => {
    const cases: readonly (readonly [table: string, message: RegExp, hint: RegExp])[] = [
      ['plain', /There is no table plain in database "postgres" in the search path \(public\)/, /Did you mean sales\.plain\?/],
      ['partd', /There is no table partd/, /Did you mean public\.parted/],
      ['sales.plian', /There is no table sales\.plian/, /Did you mean sales\.plain\?/],
      ['zzzzzz', /There is no table zzzzzz/, /Check the name/],
      ['other.public.parted', /database "other", but the connection is to "postgres"/, /--db other/],
      ['counter', /public\.counter is a sequence, not a table/, /Name a table/],
      ['sales.plain_label', /sales\.plain_label is an index, not a table/, /Name a table/],
    ];
    for (const [table, message, hint] of cases) {
      const error = await planner.refusal({ table });
      assert.equal(error.code, 'NOT_FOUND');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
    }
  });

  it('that is a temporary table of another session is refused in words', async () => {
    await server.sql('CREATE TEMPORARY TABLE mine AS SELECT 1 AS a');
    const schema = await server.value('SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()');
    for (const table of ['mine', `${schema}.mine`]) {
      const error = await planner.refusal({ table });
      assert.equal(error.code, 'NOT_FOUND');
      assert.match(error.message, /temporary table of another session/);
    }
  });

  it('keeps its lock and snapshot: a TRUNCATE must wait, and rows of later do not show', async () => {
    const { read, coordinator } = await planner.plan({ table: 'kept' });
    const { coordinator: other } = await planner.plan({ table: 'parted' });
    const held = await server.sql(
      "SELECT relation::regclass::text AS name FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessShareLock' AND pid = ANY ($1)",
      [[coordinator.pid, other.pid]],
    );
    const names = held.map(({ name }) => name);
    for (const name of ['kept', 'parted', 'm_second', 'm_empty', 'z_first']) assert.ok(names.includes(name), `${name} is locked`);
    await server.sql("SET lock_timeout = '50ms'");
    await assert.rejects(server.sql('TRUNCATE parted'), /lock timeout/);
    await assert.rejects(server.sql('REFRESH MATERIALIZED VIEW kept'), /lock timeout/);
    await server.sql('RESET lock_timeout');
    assert.equal((await read()).flat().length, 5000);
  });
});
