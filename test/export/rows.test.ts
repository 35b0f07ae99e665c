import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ExportOptions, ExportSummary } from '../../src/index.js';
import { exportInto, withFolder } from '../support/exporting.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

describe('the rows in the files', { concurrency: false }, () => {
  let server: TestServer;
  const order: Record<string, readonly number[]> = {};
  before(async () => {
    server = await startServer();
    await server.sql(`
      CREATE TABLE holes (id int PRIMARY KEY, pad text);
      INSERT INTO holes SELECT i, repeat('x', i % 200) FROM generate_series(1, 40000) i;
      DELETE FROM holes WHERE id BETWEEN 5000 AND 15000 OR id % 7 = 0;
      UPDATE holes SET pad = 'moved' WHERE id % 100 = 1;
      CREATE TABLE bloated (id int, pad text);
      INSERT INTO bloated SELECT i, repeat('y', 500) FROM generate_series(1, 60000) i; DELETE FROM bloated WHERE id <= 59500;
      CREATE TABLE tree (k int, id int, pad text) PARTITION BY LIST (k);
      CREATE TABLE tree_c PARTITION OF tree FOR VALUES IN (1); CREATE TABLE tree_b PARTITION OF tree FOR VALUES IN (2); CREATE TABLE tree_a PARTITION OF tree FOR VALUES IN (3);
      INSERT INTO tree SELECT 1 + 2 * (i % 2), i, '' FROM generate_series(1, 3000) i;
      CREATE TABLE gone (id int, pad text); INSERT INTO gone SELECT i, '' FROM generate_series(1, 1000) i; DELETE FROM gone;
      CREATE TABLE empty (id int, pad text);
      CREATE TABLE large (id bigint, pad text);
      INSERT INTO large SELECT (i * 7919::bigint) % 1000003, md5(i::text) || repeat('z', i % 300) FROM generate_series(1, 300000) i;
      DELETE FROM large WHERE id % 11 = 0;
      ANALYZE holes, bloated, tree, large;`);
    for (const [name, key] of [
      ['holes', 'ctid'],
      ['bloated', 'ctid'],
      ['tree', 'k, ctid'],
      ['large', 'ctid'],
      ['gone', 'ctid'],
      ['empty', 'ctid'],
    ] as const) {
      order[name] = (await server.sql(`SELECT id FROM ${name} ORDER BY ${key}`)).map(({ id }) => Number(id));
    }
  });
  after(() => server.stop());

  /** The ids of each file, and a checksum of everything in all of them, as DuckDB reads them. */
  async function contentOf({ files }: ExportSummary): Promise<{ ids: number[][]; checksum: string }> {
    const list = `[${files.map(({ path }) => `'${path}'`).join(', ')}]`;
    const { rows } = await queryDuckDB(
      `SELECT file_index, list(id ORDER BY file_row_number)::bigint[], string_agg(md5(concat_ws('|', id, pad)), '' ORDER BY file_row_number)
       FROM (SELECT *, list_position(${list}, filename) AS file_index FROM read_parquet(${list}, filename = true, file_row_number = true)) GROUP BY file_index ORDER BY file_index`,
    );
    const ids: number[][] = files.map(() => []);
    for (const [index, list] of rows) ids[Number(index) - 1] = (list as { items: readonly bigint[] }).items.map(Number);
    return { ids, checksum: rows.map((row) => String(row[2])).join('') };
  }

  const run = <Result>(options: ExportOptions, use: (summary: ExportSummary) => Promise<Result>) =>
    withFolder(async (folder) => {
      const summary = await exportInto(server, folder, options);
      assert.deepEqual(summary.failed, []);
      return use(summary);
    });

  // biome-ignore format: a table
  const cases: readonly (readonly [table: string, rows: number | undefined, options: ExportOptions])[] = [
    ['holes', 1, { jobs: 4 }], ['holes', 10_001, { chunks: 4, jobs: 2 }], ['holes', 1_000_000, { gpus: 2 }], ['holes', 3, { chunks: 8 }],
    ['holes', 0, { gpus: 2 }], ['holes', 9999, { chunks: 40, gpus: 2, jobs: 6 }], ['bloated', 499, { chunks: 2 }], ['bloated', 500, { chunks: 3, jobs: 3 }],
    ['bloated', 501, { gpus: 3 }], ['tree', 1499, { chunks: 4 }], ['tree', 1501, { chunks: 7, jobs: 3 }], ['tree', 9999, { gpus: 2, chunks: 5 }],
    ['gone', 5, { chunks: 2 }], ['empty', 5, { chunks: 2 }], ['gone', undefined, { chunks: 3 }], ['empty', undefined, { gpus: 2 }], ['large', 123_457, { gpus: 2, chunks: 3, jobs: 4 }],
  ];
  for (const [table, rows, options] of cases) {
    it(`are ${rows === undefined ? 'all' : `exactly the first ${rows}`} of "${table}" in ctid order, chunks within a row of each other, with ${JSON.stringify(options)}`, () =>
      run({ table, rows, ...options }, async (summary) => {
        const { ids } = await contentOf(summary);
        const expected = (order[table] as number[]).slice(0, rows ?? Number.POSITIVE_INFINITY);
        assert.deepEqual(ids.flat(), expected);
        assert.equal(summary.rows, expected.length);
        assert.deepEqual(
          summary.files.map((file) => file.rows),
          ids.map(({ length }) => length),
        );
        assert.equal(ids.length, Math.max(1, Math.min(options.chunks ?? options.gpus ?? 1, expected.length)));
        const sizes = ids.map(({ length }) => length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, String(sizes));
      }));
  }

  it('are the same, in the same order, whatever the number of connections, workers and chunks', async () => {
    let first: string | undefined;
    for (const options of [
      { jobs: 1 },
      { jobs: 4 },
      { jobs: 4, memory: 64 << 20 },
      { jobs: 3, gpus: 2, chunks: 5 },
      { jobs: 2, compression: 'zstd' },
    ] as const) {
      const { ids, checksum } = await run({ table: 'large', ...options }, contentOf);
      assert.deepEqual(ids.flat(), order.large, JSON.stringify(options));
      first ??= checksum;
      assert.equal(checksum, first, JSON.stringify(options));
    }
  });

  it('are shared out in equal stretches of pages when no number of rows is asked for', () =>
    run({ table: 'large', chunks: 4, jobs: 3 }, async (summary) => {
      const { ids } = await contentOf(summary);
      assert.deepEqual(ids.flat(), order.large);
      assert.equal(ids.length, 4);
      const mean = (order.large as number[]).length / 4;
      for (const { length } of ids) assert.ok(Math.abs(length - mean) < mean / 10, `${length} of a mean of ${mean}`);
    }));

  it('obey a condition and a limit together', () =>
    run({ table: 'large', where: "pad LIKE 'a%' -- some", rows: 5000, gpus: 2, jobs: 4 }, async (summary) => {
      const expected = await server.sql("SELECT id FROM large WHERE pad LIKE 'a%' ORDER BY ctid LIMIT 5000");
      const { ids } = await contentOf(summary);
      assert.deepEqual(
        ids.flat(),
        expected.map(({ id }) => Number(id)),
      );
      assert.deepEqual(
        ids.map(({ length }) => length),
        [2500, 2500],
      );
    }));
});
