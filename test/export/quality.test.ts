import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Codec } from '../../src/options.js';
import { assertSameAsQuery, assertSameAsServer, exportInto, withFolder } from '../support/exporting.js';
import { runPython } from '../support/readers.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

/** Types of every physical kind; sequences, measurements, sorted and unsorted text, few and many values, NULLs in between. */
const TABLE = `CREATE TABLE quality AS SELECT i::bigint AS id, timestamptz '2024-01-01 00:00Z' + i * interval '1.000003 s' AS at,
  20 + sin(i / 100.0) + (i * 7919 % 1000) / 1e6 AS level, (20 + cos(i / 50.0))::real AS small,
  'https://example.org/item/' || (1000000 + i) AS url, md5(i::text) || repeat('x', i % 13) AS note,
  CASE WHEN i % 9 > 0 THEN i * 31 END::int AS code, (i % 17)::smallint AS few, md5(i::text)::uuid AS key,
  (i * 1.25)::numeric(12,2) AS price, (i * 1000000007::numeric * 1000000009)::numeric(30,4) AS large, (i % 3 = 0) AS flag,
  date '2000-01-01' + (i / 10)::int AS day, i * 0.5::numeric AS exact, json_build_object('n', i, 'on', i % 2 = 0)::jsonb AS doc,
  CASE WHEN i > 9000 THEN 'late ' || i END AS late, decode(md5(i::text), 'hex') AS bytes, (i % 86400) * interval '1 s' AS span
  FROM generate_series(1, 12000) i; ALTER TABLE quality ADD PRIMARY KEY (id)`;

describe('the quality of an export', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(TABLE);
  });
  after(() => server.stop());

  async function facts(path: string): Promise<FileFacts> {
    return JSON.parse(await runPython(['-c', FACTS, path])) as FileFacts;
  }

  for (const compression of ['snappy', 'zstd', 'none'] satisfies Codec[])
    it(`${compression}: files of every encoding read like the server's own text`, () =>
      withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 'quality', encodings: 'auto', compression });
        await assertSameAsServer(server, summary, 'quality', { from: 'quality ORDER BY id' });
        const { encodings } = await facts((summary.files[0] as { path: string }).path);
        const of = (name: string) => encodings[name]?.filter((encoding) => encoding !== 'RLE' && encoding !== 'PLAIN').join();
        assert.deepEqual(
          [of('id'), of('at'), of('url'), of('few')],
          ['DELTA_BINARY_PACKED', 'DELTA_BINARY_PACKED', 'DELTA_BYTE_ARRAY', 'RLE_DICTIONARY'],
        );
        if (compression === 'snappy') assert.deepEqual([of('small'), of('note')], ['BYTE_STREAM_SPLIT', 'DELTA_LENGTH_BYTE_ARRAY']);
      }));

  it('every encoding reads alike in polars, which has no UUID and no intervals', () =>
    withFolder(async (folder) => {
      const query =
        'SELECT id, at, level, small, url, note, code, few, price, large, flag, day, exact, late, bytes FROM quality ORDER BY id';
      const summary = await exportInto(server, folder, { query, encodings: 'auto' });
      await assertSameAsQuery(server, summary, query, ['polars']);
    }));

  it('lets a filter find NaN where the server finds it: among the largest', () =>
    withFolder(async (folder) => {
      await server.sql(`CREATE TABLE odd AS SELECT i, CASE WHEN i = 7000 THEN 'NaN' ELSE (i % 100)::float8 END AS d,
        CASE WHEN i = 9000 THEN 'NaN' ELSE i::real END AS f, 1.5::float8 AS whole FROM generate_series(1, 20000) i`);
      const summary = await exportInto(server, folder, { table: 'odd' });
      const file = (summary.files[0] as { path: string }).path;
      for (const condition of [`d = 'NaN'`, 'd > 98', 'd > 1e6', 'd BETWEEN 3 AND 5', `f = 'NaN'`, 'f >= 19999', 'f < 10', 'whole > 2']) {
        const [own] = await server.sql(`SELECT count(*) AS n FROM odd WHERE ${condition}`);
        const { rows } = await queryDuckDB(`SELECT count(*)::text FROM read_parquet('${file}') WHERE ${condition}`);
        assert.equal(rows[0]?.[0], own?.n, condition);
      }
      const bounded = `import sys, json, pyarrow.parquet as pq; g = pq.ParquetFile(sys.argv[1]).metadata.row_group(0); print(json.dumps([g.column(i).statistics.has_min_max for i in range(4)]))`;
      assert.deepEqual(JSON.parse(await runPython(['-c', bounded, file])), [true, false, false, true]);
    }));

  it('has only PLAIN and dictionaries unless asked for more, and says by which columns it is sorted', () =>
    withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'quality' });
      const { encodings, sorting } = await facts((summary.files[0] as { path: string }).path);
      const used = new Set(Object.values(encodings).flat());
      assert.deepEqual([...used].sort(), ['PLAIN', 'RLE', 'RLE_DICTIONARY']);
      assert.deepEqual(sorting, ['id', 'at', 'url', 'price', 'large', 'day']);
      const shuffled = await exportInto(server, folder, { query: 'SELECT id, url FROM quality ORDER BY note' });
      assert.deepEqual((await facts((shuffled.files[0] as { path: string }).path)).sorting, []);
    }));

  it('has a checksum in every page, by which pyarrow finds one changed byte', () =>
    withFolder(async (folder) => {
      for (const encodings of ['compatible', 'auto'] as const) {
        const summary = await exportInto(server, folder, { table: 'quality', encodings, overwrite: true });
        const { path } = summary.files[0] as { path: string };
        const bytes = await readFile(path);
        const { pages } = await facts(path);
        const broken: string[] = [];
        for (const at of pages) {
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] as number) ^ 0x10;
          const file = join(folder, `changed${at}`);
          await writeFile(file, changed);
          broken.push(file);
        }
        const [whole, ...found] = JSON.parse(await runPython(['-c', VERIFY, path, ...broken])) as string[];
        assert.equal(whole, '12000 rows');
        assert.equal(found.length, pages.length);
        for (const [i, said] of found.entries()) assert.match(said, /CRC checksum/, `byte ${pages[i]}`);
      }
    }));

  it('has bloom filters where asked for, by which DuckDB excludes values that are not there', () =>
    withFolder(async (folder) => {
      const names = ['id', 'url', 'note', 'code', 'level', 'day', 'few', 'late'];
      const summary = await exportInto(server, folder, { table: 'quality', bloomFilters: names });
      const { path } = summary.files[0] as { path: string };
      const connection = await (await DuckDBInstance.create()).connect();
      const excluded = async (column: string, value: string): Promise<unknown> => {
        const result = await connection.runAndReadAll(
          `SELECT bloom_filter_excludes FROM parquet_bloom_probe('${path}', '${column}', ${value})`,
        );
        return result.getRows()[0]?.[0];
      };
      const there: Record<string, string> = {
        id: '777',
        url: "'https://example.org/item/1000777'",
        note: "md5('777') || repeat('x', 777 % 13)",
        code: '24087',
        few: '12',
      };
      const absent: Record<string, string> = { id: '-5', url: "'https://example.org/item/1'", note: "'none'", code: '24088', few: '99' };
      for (const [column, value] of Object.entries(there)) assert.equal(await excluded(column, value), false, `${column} ${value}`);
      for (const [column, value] of Object.entries(absent)) assert.equal(await excluded(column, value), true, `${column} ${value}`);
      const metadata = await connection.runAndReadAll(
        `SELECT path_in_schema FROM parquet_metadata('${path}') WHERE bloom_filter_offset IS NOT NULL ORDER BY 1`,
      );
      assert.deepEqual(metadata.getRows().flat(), [...names].sort());
      connection.closeSync();
    }));

  it('refuses bloom filters for columns that are not there and for booleans', () =>
    withFolder(async (folder) => {
      const refused = (bloomFilters: string[]) => exportInto(server, folder, { table: 'quality', bloomFilters });
      await assert.rejects(refused(['urll']), { code: 'NOT_FOUND', message: /has no column "urll"/, hint: /Did you mean "url"/ });
      await assert.rejects(refused(['flag']), { code: 'USAGE', message: /"flag" is a BOOLEAN/ });
    }));
});

interface FileFacts {
  readonly encodings: Readonly<Record<string, readonly string[]>>;
  readonly sorting: readonly string[];
  /** A byte in the middle of some column chunks. */
  readonly pages: readonly number[];
}

const FACTS = `
import json, sys, pyarrow.parquet as pq
m = pq.ParquetFile(sys.argv[1]).metadata
g = m.row_group(0)
c = [g.column(i) for i in range(g.num_columns)]
print(json.dumps({'encodings': {x.path_in_schema: x.encodings for x in c},
  'sorting': [c[s.column_index].path_in_schema for s in g.sorting_columns],
  'pages': [(x.dictionary_page_offset or x.data_page_offset) + x.total_compressed_size // 2 for x in c[:12:3]]}))
`;

const VERIFY = `
import json, sys, pyarrow.parquet as pq
def read(path):
    try:
        return f'{pq.read_table(path, page_checksum_verification=True).num_rows} rows'
    except Exception as error:
        return str(error)
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;
