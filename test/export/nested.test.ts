import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ExportOptions, ExportSummary } from '../../src/index.js';
import { inspect, merge } from '../../src/index.js';
import { assertVerified, connectionTo, exportInto, fileRows, refusalOf, withFolder } from '../support/exporting.js';
import { expectedRows } from '../support/nested.js';
import { type Reader, readRows } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';

const READERS: readonly Reader[] = ['pyarrow', 'duckdb', 'hyparquet'];

/** Every type with a form of its own, and literals for its values. */
const SCALARS: readonly (readonly [type: string, ...values: string[]])[] = [
  ['boolean', 'true', 'false'],
  ['smallint', '-32768', '32767'],
  ['integer', '-2147483648', '2147483647', '0'],
  ['bigint', '-9223372036854775808', '9223372036854775807'],
  ['oid', '0', '4294967295'],
  ['real', '-3.4028235e38', '0.1', 'NaN', '-0', 'Infinity'],
  ['double precision', '5e-324', 'NaN', '-Infinity', '0.1'],
  ['numeric(9,2)', '-9999999.99', '0.01'],
  ['numeric(18,4)', '99999999999999.9999', '0'],
  ['numeric(38,10)', '-9999999999999999999999999999.9999999999', '0.0000000001'],
  ['numeric', '1e100', '-0.50', 'NaN'],
  ['money', '-92233720368547758.08', '0.01'],
  ['text', '', 'a "b", {c}', 'NULL', 'Ünïcödé 東京', 'x'.repeat(300)],
  ['varchar(10)', 'a\\b', ''],
  ['char(4)', 'ab', ''],
  ['name', 'pg_class', ''],
  ['"char"', 'a', '~'],
  ['n_mood', 'sad', 'très "glad"'],
  ['json', '{"a":  1}', 'null'],
  ['jsonb', '{"a":  1}', '[]'],
  ['bytea', '\\x', '\\x00ff10'],
  ['uuid', '00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['date', '4713-01-01 BC', '2000-02-29', '5874897-12-31'],
  ['timestamp', '4713-01-01 00:00:00 BC', '2000-01-01 00:00:00.000001'],
  ['timestamptz', '2026-07-01 12:00:00.123456+05:30', '294246-12-31 23:59:59.999999+00'],
  ['time', '00:00:00', '23:59:59.999999'],
  ['interval', '1 month -2 days 03:04:05.000006', '0'],
  ['n_positive', '1', '2147483647'],
];

const quote = (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

describe('nested types', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ settings: { lc_monetary: 'C' } });
    await server.sql(`
      CREATE EXTENSION hstore;
      CREATE TYPE n_mood AS ENUM ('sad', 'très "glad"');
      CREATE DOMAIN n_positive AS integer CHECK (VALUE > 0) NOT NULL;
      CREATE TYPE n_point AS (x integer, label text);
      CREATE DOMAIN n_point_domain AS n_point;
      CREATE DOMAIN n_tags AS text[];
      CREATE TYPE n_item AS ("a b" numeric(10,2), tags n_tags, at n_point_domain, "when" timestamptz[], d n_positive, h hstore);
      CREATE TYPE n_odd AS (a integer, b inet);
      CREATE DOMAIN n_items AS n_item[]`);
  });
  after(() => server.stop());

  /** Exports a table and compares every reader's rows with the server's, in the order of ctid; verify sees every page and index. */
  async function same(table: string, options: ExportOptions = {}, readers = READERS): Promise<ExportSummary> {
    return withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table, ...options });
      await assertVerified(folder, connectionTo(server));
      const expected = await expectedRows(server, table, options);
      for (const reader of readers) {
        const { rows } = await fileRows(reader, summary);
        assert.equal(rows.length, expected.length, reader);
        for (const [i, row] of rows.entries()) assert.deepEqual(row, expected[i], `${reader}: row ${i}`);
      }
      return summary;
    });
  }

  const refusal = (options: ExportOptions) => refusalOf(server, options);

  it('arrays of every type: NULL arrays, empty ones and NULL elements are three different things', async () => {
    const columns = SCALARS.map(([type], i) => `c${i} ${type}[]`);
    const array = (elements: readonly string[], type: string) => `ARRAY[${elements.join(', ')}]::${type}[]`;
    const row = (make: (values: readonly string[], type: string) => string) =>
      `(${SCALARS.map(([type, ...values]) =>
        make(
          values.map((value) => `${quote(value)}::${type}`),
          type,
        ),
      ).join(', ')})`;
    await server.sql(`CREATE TABLE arrays (${columns.join(', ')}); INSERT INTO arrays VALUES
      ${row((values, type) => array(values, type))}, ${row(() => 'NULL')}, ${row((_, type) => array([], type))},
      ${row((values, type) => (type === 'n_positive' ? array(values, type) : array([...values, 'NULL', values[0] as string], type)))},
      ${row((_, type) => (type === 'n_positive' ? 'NULL' : array(['NULL'], type)))},
      ${row((values, type) => array(values.slice(0, 1), type))}`);
    const { warnings } = await same('arrays');
    assert.match(warnings.join(), /^Exported as STRING, for want of a precision [^"]*("c\d+" \([^"]*(, )?)+$/);
  });

  it('composites: a NULL one is not one of NULLs, and they may hold arrays, domains and other composites', async () => {
    await server.sql(`CREATE TABLE composites (id int, p n_point, i n_item, ps n_point[], items n_items NOT NULL);
      INSERT INTO composites VALUES
        (1, (1,'a'), (1.50, '{a,NULL,""}', (7,'q'), ARRAY['2020-01-01 00:00+00'::timestamptz, NULL], 3, 'k=>v, n=>NULL'), ARRAY[(1,'x'), NULL, (NULL,NULL)]::n_point[], ARRAY[]::n_item[]),
        (2, (NULL,NULL), (NULL,NULL,NULL,NULL,1,NULL), '{}', ARRAY[NULL, (0.01, '{}', NULL, '{}', 9, '')]::n_item[]),
        (3, NULL, NULL, NULL, ARRAY[(NULL, '{x,y}', (NULL,'z'), NULL, 2, 'a=>1,b=>2'), (99999999.99, NULL, (5,NULL), '{}', 4, NULL)]::n_item[]);
      ALTER TYPE n_point ADD ATTRIBUTE gone integer; ALTER TYPE n_point DROP ATTRIBUTE gone;`);
    const { warnings } = await same('composites');
    assert.deepEqual(warnings, []);
  });

  it('hstore becomes a map', async () => {
    await server.sql(
      `CREATE TABLE maps (h hstore, hs hstore[]); INSERT INTO maps VALUES ('a=>1, b=>NULL, "c d"=>""', ARRAY['x=>1'::hstore, NULL, '']), ('', '{}'), (NULL, NULL)`,
    );
    await same('maps');
  });

  it('ranges and multiranges are text, or structs where that is asked for', async () => {
    await server.sql(`CREATE TABLE ranges (a int4range, b numrange, c tstzrange[], d int8multirange, e daterange NOT NULL);
      INSERT INTO ranges VALUES ('[1,5)', '(,1.50]', ARRAY['[2020-01-01 00:00+00,)'::tstzrange, 'empty', NULL, '(,)'], '{[1,2),[5,)}', '[2020-01-01,2020-02-01)'),
        ('empty', '[0,0]', '{}', '{}', 'empty'), (NULL, NULL, NULL, NULL, '(,)')`);
    const { warnings } = await same('ranges');
    assert.match(
      warnings[0] ?? '',
      /"a" \(int4range\), "b" \(numrange\), "c" \(tstzrange\[\]\), "d" \(int8multirange\), "e" \(daterange\)/,
    );
    assert.deepEqual((await same('ranges', { ranges: 'struct' })).warnings, [
      'Exported as STRING, for want of a precision of at most 38 digits (--numeric gives another form): "b" (numrange).',
    ]);
  });

  it('arrays of types without a form are lists of their text, and a composite that holds one is text', async () => {
    await server.sql(`CREATE TABLE odd (a inet[], b n_odd, c n_odd[], d int2vector, e point[], f bit(3)[], g timetz[]);
      INSERT INTO odd VALUES ('{10.0.0.1/8,NULL}', (1,'::1'), ARRAY[(1,NULL)::n_odd, NULL], '1 2', ARRAY[point(1,2)], '{101}', '{12:00+01}'), (NULL, NULL, '{}', '', '{}', NULL, NULL)`);
    const { warnings } = await same('odd');
    assert.match(warnings.join(), /"a" \(inet\[\]\), "b" \(n_odd\), "c" \(n_odd\[\]\), "d" \(int2vector\), "e" \(point\[\]\)/);
  });

  it('arrays that are no plain lists are an error, text or lists of lists', async () => {
    await server.sql(
      `CREATE TABLE deep (id int PRIMARY KEY, a int[][]); INSERT INTO deep VALUES (1, '{{1,2},{3,NULL}}'), (2, '{}'), (3, NULL)`,
    );
    const ctid = await server.value('SELECT ctid FROM deep WHERE id = 1');
    const refused = await refusal({ table: 'deep' });
    assert.equal(
      refused.message,
      `"public"."deep", column "a" (integer[]), row ${ctid}, "id" = 1, in {{1,2},{3,NULL}}: an array of 2 dimensions, [1:2][1:2], where the column's have 1 and begin at 1.`,
    );
    assert.match(refused.hint ?? '', /^Use --arrays text .*, or --arrays nested where the column is declared with 2 dimensions\.$/);
    assert.deepEqual((await same('deep', { arrays: 'text' })).warnings, []);
    await same('deep', { arrays: 'nested' });
    // What is computed declares none.
    const query = await refusal({ query: 'SELECT a || NULL::int[] AS a FROM deep', arrays: 'nested' });
    assert.match(query.hint ?? '', /^Use --arrays text \(for this column alone: --arrays a=text\)\.$/);
    await server.sql(`INSERT INTO deep VALUES (4, '{1}')`);
    assert.match(
      (await refusal({ table: 'deep', arrays: 'nested' })).message,
      /"id" = 4, in \{1\}: an array of 1 dimension, \[1:1\], where the column's have 2/,
    );
    await server.sql(`DELETE FROM deep WHERE id = 4; INSERT INTO deep VALUES (5, '[0:0][2:2]={{1}}')`);
    const bounds = await refusal({ table: 'deep', arrays: 'nested' });
    assert.match(bounds.message, /\[0:0\]\[2:2\]/);
    assert.match(bounds.hint ?? '', /^Use --arrays text /);
  });

  it('policies reach inside, and errors name the value inside', async () => {
    await server.sql(`CREATE TYPE n_when AS (d date, n numeric(5,2)); CREATE TABLE inner_values (id int, w n_when[]);
      INSERT INTO inner_values VALUES (1, ARRAY[('2020-01-01', 1)]::n_when[]), (2, ARRAY[(NULL,NULL), ('infinity', 2)]::n_when[]), (3, ARRAY[('2020-01-01', 'NaN')]::n_when[])`);
    const refused = await refusal({ table: 'inner_values' });
    assert.match(
      refused.message,
      /column "w" \(n_when\[\]\), value w\[\]\.d \(date\), row \(0,2\), in \{"\(,\)","\(infinity,2\.00\)"\}: date infinity has no place in DATE\.$/,
    );
    assert.match(refused.hint ?? '', /--infinity null/);
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'inner_values', infinity: 'null', nan: 'null' });
      const { rows } = await fileRows('duckdb', summary);
      assert.equal(rows[1]?.[1], '[{"d":null,"n":null},{"d":null,"n":"2.00"}]');
      assert.equal(rows[2]?.[1], '[{"d":"2020-01-01","n":null}]');
      assert.equal(summary.warnings.length, 2);
    });
  });

  it('are refused where a NOT NULL column and only there says so, and --type makes text of any of them', async () => {
    await server.sql(`CREATE TABLE strict (a int[] NOT NULL, p n_point NOT NULL, h hstore NOT NULL);
      INSERT INTO strict VALUES ('{1,NULL}', (NULL, 'x'), 'a=>NULL'), ('{}', (NULL, NULL), '')`);
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'strict' });
      const { schema } = await inspect(summary.files[0]?.path as string);
      const optional = schema.map(({ repetition, children }) => [
        repetition,
        children[0]?.children[0]?.repetition ?? children[0]?.repetition,
      ]);
      assert.deepEqual(optional, [
        ['required', 'optional'],
        ['required', 'optional'],
        ['required', 'required'],
      ]);
    });
    await same('strict');
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'strict', types: { a: 'text', p: 'text', h: 'text' } });
      assert.deepEqual((await fileRows('duckdb', summary)).rows, [
        ['{1,NULL}', '(,x)', '"a"=>NULL'],
        ['{}', '(,)', ''],
      ]);
      assert.deepEqual(summary.warnings, []);
    });
  });

  it('in a database of another encoding become text where --invalid-utf8 asks for it', async () => {
    await server.sql(`CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
    const client = await server.client({ database: 'ascii' });
    try {
      await client.query(`CREATE TABLE t (a text[]); INSERT INTO t VALUES (ARRAY['caf' || chr(233)])`);
      const connection = { ...connectionTo(server), database: 'ascii' };
      assert.match((await refusal({ table: 't', connection })).message, /column "a" \(text\[\]\), row \(0,1\): .*is not UTF-8/);
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 't', connection, invalidUtf8: 'replace' });
        assert.deepEqual((await fileRows('duckdb', summary)).rows, [['{caf\ufffd}']]);
      });
    } finally {
      await client.end();
    }
  });

  it('arrays of all sizes survive page edges, merging, and queries', async () => {
    await server.sql(`CREATE TABLE edges AS SELECT i AS id,
        CASE WHEN i % 11 = 5 THEN NULL ELSE ARRAY(SELECT CASE WHEN k % 7 = 3 THEN NULL ELSE k * i END FROM generate_series(1, n) k) END AS a,
        ARRAY(SELECT 'text ' || k % 50 FROM generate_series(1, n) k) AS t
      FROM (SELECT i, (ARRAY[0,1,2,3,31,32,33,1000])[1 + i % 8] AS n FROM generate_series(1, 400) i) s;
      INSERT INTO edges SELECT 401, ARRAY(SELECT generate_series(1, 300000)), ARRAY(SELECT md5(k::text) FROM generate_series(1, 100000) k);
      INSERT INTO edges VALUES (402, '{1}', '{}')`);
    const summary = await same('edges', { chunks: 1 });
    assert.equal(summary.rows, 402);
    await withFolder(async (folder) => {
      const parts = await exportInto(server, folder, { table: 'edges', chunks: 3 });
      const path = `${folder}/merged.parquet`;
      await merge(
        parts.files.map((file) => file.path),
        path,
      );
      const merged = await fileRows('pyarrow', { ...parts, files: [{ ...parts.files[0]!, path }] });
      assert.deepEqual(merged.rows, await expectedRows(server, 'edges', {}));
      const described = await inspect(path);
      const leaves = described.rowGroups.flatMap(({ columns }) =>
        columns.map((leaf) => [leaf.path, leaf.hasColumnIndex, (leaf.pages ?? 0) > 0]),
      );
      assert.deepEqual(
        leaves.slice(0, 3),
        ['id', 'a.list.element', 't.list.element'].map((leaf) => [leaf, true, true]),
      );
      assert.ok(described.rowGroups.some(({ columns }) => (columns[1]?.pages ?? 0) > 1 && (columns[2]?.pages ?? 0) > 1));
      // a reader that skips pages by the indexes must still find each row's elements
      const wanted = (await expectedRows(server, 'edges', {})).filter(([id]) => Number(id) >= 390 && Number(id) <= 400);
      for (const reader of ['hyparquet', 'duckdb', 'pyarrow'] as const) {
        const { rows } = await readRows(reader, path, { column: 'id', low: 390, high: 400 });
        assert.deepEqual(rows, wanted, reader);
      }
    });
    await withFolder(async (folder) => {
      const query = await exportInto(server, folder, { query: 'SELECT id, a, t FROM edges ORDER BY id' });
      assert.deepEqual((await fileRows('duckdb', query)).rows, await expectedRows(server, 'edges', {}));
    });
  });
});
