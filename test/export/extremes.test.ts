import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { inspect } from '../../src/index.js';
import { assertSameAsQuery, exportInto, withFolder } from '../support/exporting.js';
import { peakOfWorkers } from '../support/peak.js';
import { readRows } from '../support/readers.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

const MIB = 1 << 20;

describe('an export of the extreme', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it('holds 1,600 columns of many types', async () => {
    const types = ['boolean', 'smallint', 'date', 'integer', '"char"', 'real'];
    const value = ['i % 2 = 0', 'i % 30000', "DATE '2000-01-01' + i", 'i * 1000', "'x'", 'i / 8.0'];
    const columns = Array.from({ length: 1600 }, (_, c) => ({
      name: `c${c}`,
      type: types[c % 6] as string,
      value: `CASE WHEN (i + ${c}) % 7 > 0 THEN ${value[c % 6]} END`,
    }));
    await server.sql(`CREATE TABLE wide (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`);
    await server.sql(
      `INSERT INTO wide SELECT ${columns.map(({ value, type }) => `(${value})::${type}`).join(', ')} FROM generate_series(1, 60) i`,
    );
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'wide' });
      await assertSameAsQuery(server, summary, 'TABLE wide', ['hyparquet', 'duckdb', 'pyarrow']);
    });
  });

  it('holds no columns, no rows, or neither', async () => {
    await server.sql(
      'CREATE TABLE nothing (); CREATE TABLE hollow (); INSERT INTO hollow SELECT FROM generate_series(1, 70000); CREATE TABLE barren (a int, b text NOT NULL, c interval)',
    );
    await withFolder(async (folder) => {
      for (const [table, rows, columns] of [
        ['nothing', 0, []],
        ['hollow', 70_000, []],
        ['barren', 0, ['a', 'b', 'c']],
      ] as const) {
        const summary = await exportInto(server, folder, { table });
        assert.deepEqual([summary.rows, summary.files.length], [rows, 1]);
        // DuckDB and pyarrow do not read a file without columns.
        for (const reader of columns.length === 0 ? (['hyparquet'] as const) : (['hyparquet', 'duckdb', 'pyarrow'] as const)) {
          const file = await readRows(reader, summary.files[0]?.path as string);
          assert.deepEqual([file.columns, file.rows.length], [columns, rows], `${table}, ${reader}`);
        }
      }
    });
  });

  it('holds columns of nothing but NULL, and texts that fill pages to their edges', async () => {
    // Of 1,024 bytes and 4 for its length, 1,020 fill a page of 1 MiB.
    const query = (rows: number) =>
      `SELECT i AS id, NULL::int AS n, NULL::text AS t, NULL::interval AS v, NULL::boolean AS b, ''::text AS e, repeat(chr(32 + i % 90), 1024) AS k FROM generate_series(1, ${rows}) AS i`;
    for (const rows of [1, 1020, 1021, 2041]) {
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { query: query(rows), jobs: 1 });
        await assertSameAsQuery(server, summary, query(rows), rows === 1021 ? ['hyparquet', 'pyarrow'] : ['duckdb']);
      });
    }
  });

  it('holds a million different strings', async () => {
    await server.sql('CREATE TABLE distinct_texts AS SELECT i AS id, md5(i::text) AS t FROM generate_series(1, 1000000) i');
    await withFolder(async (folder) => {
      const { files, rows } = await exportInto(server, folder, { table: 'distinct_texts', jobs: 4 });
      assert.equal(rows, 1_000_000);
      const { rows: found } = await queryDuckDB(
        `SELECT count(DISTINCT id), bool_and(t = md5(id::text)) FROM read_parquet('${files[0]?.path}')`,
      );
      assert.deepEqual(found[0]?.map(String), ['1000000', 'true']);
    });
  });

  it('holds a value of 200 MB among small rows, and a row of 300 MB, in memory of a few times their size', async (context) => {
    // Not a constant, which the planner would make and EXPLAIN print.
    const value = "CASE WHEN i = 50001 THEN repeat('0123456789', 20000000 + 0 * i) ELSE 'small ' || i END";
    await withFolder(async (folder) => {
      const peak = await peakOfWorkers(async () => {
        const { files } = await exportInto(server, folder, {
          query: `SELECT i, ${value} AS v FROM generate_series(1, 100000) AS i`,
          memory: 512 * MIB,
        });
        const { rows } = await queryDuckDB(`SELECT count(*), sum(i), bool_and(v = ${value}) FROM read_parquet('${files[0]?.path}')`);
        assert.deepEqual(rows[0]?.map(String), ['100000', '5000050000', 'true']);
      });
      context.diagnostic(`200 MB value: ${Math.round(peak / MIB)} MiB`);
      assert.ok(peak < 800 * MIB, `${Math.round(peak / MIB)} MiB`);
    });
    const hundred = (letter: string) => `repeat('${letter}', 100000000)`;
    await server.sql(
      `CREATE TABLE fat (a text, b text, c text); ALTER TABLE fat ALTER a SET STORAGE EXTERNAL; INSERT INTO fat VALUES (${hundred('a')}, ${hundred('b')}, ${hundred('c')})`,
    );
    await withFolder(async (folder) => {
      const peak = await peakOfWorkers(async () => {
        const { files } = await exportInto(server, folder, { table: 'fat', memory: 512 * MIB });
        const { rows } = await queryDuckDB(`SELECT md5(a), md5(b), md5(c) FROM read_parquet('${files[0]?.path}')`);
        assert.deepEqual(rows, [['a', 'b', 'c'].map((letter) => createHash('md5').update(letter.repeat(1e8)).digest('hex'))]);
      });
      context.diagnostic(`300 MB row: ${Math.round(peak / MIB)} MiB`);
      assert.ok(peak < 1100 * MIB, `${Math.round(peak / MIB)} MiB`);
    });
  });

  it('holds to its budget however much there is to read', async (context) => {
    const query = 'SELECT i AS id, repeat(md5(i::text), 64) AS v FROM generate_series(1, 200000) AS i';
    await withFolder(async (folder) => {
      const peak = await peakOfWorkers(async () => {
        const { files, receivedBytes } = await exportInto(server, folder, { query, memory: 128 * MIB, compression: 'none' });
        assert.ok(receivedBytes > 380 * MIB);
        const { rows } = await queryDuckDB(
          `SELECT count(*), sum(id), sum(length(v)), bool_and(v = repeat(md5(id::text), 64)) FROM read_parquet('${files[0]?.path}')`,
        );
        assert.deepEqual(rows[0]?.map(String), ['200000', '20000100000', '409600000', 'true']);
      });
      context.diagnostic(`budget of 128 MiB: ${Math.round(peak / MIB)} MiB`);
      assert.ok(peak < 400 * MIB, `${Math.round(peak / MIB)} MiB`);
    });
  });

  it('gathers 500 small partitions into few row groups', async () => {
    await server.sql(`CREATE TABLE many (k int, v text) PARTITION BY LIST (k);
      DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES IN (%s)', i, i); END LOOP; END $$;
      INSERT INTO many SELECT 1 + i % 500, 'v' || i FROM generate_series(1, 5000) i`);
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'many', jobs: 2 });
      await assertSameAsQuery(server, summary, 'SELECT k, v FROM many ORDER BY k, ctid');
      const { rowGroups } = await inspect(summary.files[0]?.path as string);
      assert.ok(rowGroups.length <= 8, `${rowGroups.length} row groups`);
    });
  });
});
