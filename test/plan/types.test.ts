import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { numericModifier } from '../../src/types/digits.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner } from './planner.js';

/** Type of a column, what it becomes: kind, Parquet type, and for text forms a sample that proves the cast exact. */
const NATIVE: readonly (readonly [type: string, kind: ColumnPlan['kind'], parquet: string])[] = [
  ['boolean', 'bool', 'BOOLEAN'],
  ['smallint', 'int2', 'INT32 (INT 16)'],
  ['integer', 'int4', 'INT32'],
  ['bigint', 'int8', 'INT64'],
  ['oid', 'oid', 'INT32 (UINT 32)'],
  ['real', 'float4', 'FLOAT'],
  ['double precision', 'float8', 'DOUBLE'],
  ['numeric(9,0)', 'decimal', 'DECIMAL(9,0)'],
  ['numeric(12,2)', 'decimal', 'DECIMAL(12,2)'],
  ['numeric(38,38)', 'decimal', 'DECIMAL(38,38)'],
  ['numeric(3,-2)', 'decimal', 'DECIMAL(5,0)'],
  ['numeric(38,-1)', 'numeric_text', 'STRING'],
  ['numeric(3,5)', 'decimal', 'DECIMAL(5,5)'],
  ['numeric(3,39)', 'numeric_text', 'STRING'],
  ['numeric(39,2)', 'numeric_text', 'STRING'],
  ['numeric(1000,1000)', 'numeric_text', 'STRING'],
  ['numeric', 'numeric_text', 'STRING'],
  ['money', 'money', 'DECIMAL(19,2)'],
  ['text', 'text', 'STRING'],
  ['character varying', 'text', 'STRING'],
  ['character varying(20)', 'text', 'STRING'],
  ['character(5)', 'text', 'STRING'],
  ['name', 'text', 'STRING'],
  ['"char"', 'char', 'STRING'],
  ['citext', 'text', 'STRING'],
  ['mood', 'text', 'STRING'],
  ['json', 'text', 'JSON'],
  ['jsonb', 'jsonb', 'JSON'],
  ['bytea', 'bytea', 'BYTE_ARRAY'],
  ['uuid', 'uuid', 'UUID'],
  ['date', 'date', 'DATE'],
  ['timestamp(3) without time zone', 'timestamp', 'TIMESTAMP(us, local)'],
  ['timestamp with time zone', 'timestamptz', 'TIMESTAMP(us, UTC)'],
  ['time(0) without time zone', 'time', 'TIME(us, local)'],
  ['interval day to second(3)', 'interval', 'group { months INT32, days INT32, microseconds INT64 }'],
  ['dom', 'decimal', 'DECIMAL(7,3)'],
  ['dom_of_dom', 'decimal', 'DECIMAL(7,3)'],
  ['dom_enum', 'text', 'STRING'],
];
// biome-ignore format: a list of words
const AS_TEXT = [
  'int2vector', 'oidvector', 'odd_pair', 'empty_pair', 'range_pair', 'int4range', 'int4multirange',
  'point', 'box', 'path', 'inet', 'cidr', 'macaddr', 'bit(3)', 'bit varying', 'xml', 'time with time zone', 'tsvector', 'tsquery', 'pg_lsn',
  'regclass', 'xid', 'jsonpath',
];

/** Types that hold others: kind, Parquet type, the SQL behind the column's name. */
const NESTED: readonly (readonly [type: string, kind: ColumnPlan['kind'], parquet: string, cast?: string])[] = [
  ['integer[]', 'list', 'LIST<INT32>'],
  ['numeric(12,2)[]', 'list', 'LIST<DECIMAL(12,2)>'],
  ['dom[]', 'list', 'LIST<DECIMAL(7,3)>'],
  ['dom_array', 'list', 'LIST<INT32>'],
  ['dom_array[]', 'list', 'LIST<LIST<INT32>>'],
  ['pair', 'struct', 'group { a INT32, b STRING }'],
  ['dom_pair', 'struct', 'group { a INT32, b STRING }'],
  ['pair[]', 'list', 'LIST<group { a INT32, b STRING }>'],
  ['deep', 'struct', 'group { p group { a INT32, b STRING }, "of all" LIST<group { a INT32, b STRING }>, n DECIMAL(5,1) }'],
  ['hstore', 'map', 'MAP<STRING, STRING>'],
  ['inet[]', 'list', 'LIST<STRING>', '::text[]'],
  ['odd_pair[]', 'list', 'LIST<STRING>', '::text[]'],
  ['int4range[]', 'list', 'LIST<STRING>', '::text[]'],
];

describe('the types of columns', () => {
  let server: TestServer;
  let planner: Planner;
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql(`
      CREATE EXTENSION citext; CREATE EXTENSION hstore;
      CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text);
      CREATE DOMAIN dom AS numeric(7,3) NOT NULL; CREATE DOMAIN dom_of_dom AS dom CHECK (VALUE > 0);
      CREATE DOMAIN dom_enum AS mood; CREATE DOMAIN dom_array AS int[]; CREATE DOMAIN dom_pair AS pair;
      CREATE TYPE odd_pair AS (a int, b inet); CREATE TYPE empty_pair AS (); CREATE TYPE range_pair AS (r int4range);
      CREATE TYPE deep AS (p dom_pair, gone int, "of all" pair[], n numeric(5,1)); ALTER TYPE deep DROP ATTRIBUTE gone;
      CREATE TABLE nested (${NESTED.map(([type], index) => `c${index} ${type}`).join(', ')});
      CREATE TABLE native (${NATIVE.map(([type], index) => `c${index} ${type}`).join(', ')});
      CREATE TABLE other (${AS_TEXT.map((type, index) => `c${index} ${type}`).join(', ')});`);
  });
  after(async () => {
    await planner.close();
    await server.stop();
  });

  it('with a Parquet form of their own travel in binary', async () => {
    const { plan } = await planner.plan({ table: 'native' });
    assert.deepEqual(
      plan.columns.map(({ postgresType, kind, parquetType, asText, required }) => [postgresType, kind, parquetType, asText, required]),
      NATIVE.map(([type, kind, parquet]) => [type, kind, parquet, false, false]),
    );
    assert.match(plan.warnings.join(), /^Exported as STRING, for want of a precision .*: ("c\d+" \(numeric[^"]*\)(, )?)+\.$/);
  });

  it('without one travel as exact text, and one warning names them', async () => {
    const { plan } = await planner.plan({ table: 'other' });
    for (const [index, { kind, logical, parquetType, expression, asText }] of plan.columns.entries()) {
      assert.deepEqual([kind, logical, parquetType, asText], ['text', 'string', 'STRING', true], AS_TEXT[index]);
      // test/export/names-as-text.test.ts is about names.
      if (AS_TEXT[index] !== 'regclass') assert.equal(expression, `"c${index}"::text`);
    }
    assert.equal(plan.warnings.length, 1);
    assert.match(
      plan.warnings[0] as string,
      /^Exported as the server's exact text, for want of a Parquet type: "c0" \(int2vector\), .*, 11 more\.$/,
    );
  });

  it('are the same for a query, where domains are gone', async () => {
    const { plan } = await planner.plan({ query: 'TABLE native' });
    assert.deepEqual(
      plan.columns.map(({ kind, parquetType, required }) => [kind, parquetType, required]),
      NATIVE.map(([, kind, parquet]) => [kind, parquet, false]),
    );
    const other = await planner.plan({ query: 'TABLE other' });
    assert.ok(other.plan.columns.every(({ asText }) => asText));
  });

  it('follow the policies for numeric', async () => {
    const { plan } = await planner.plan({
      query: 'SELECT 1::numeric AS a, 1::numeric(39,2) AS b, 1::numeric(5,2) AS c',
      numeric: 'decimal(20,4)',
    });
    assert.deepEqual(
      plan.columns.map(({ parquetType, precision, scale }) => [parquetType, precision, scale]),
      [
        ['DECIMAL(20,4)', 20, 4],
        ['DECIMAL(20,4)', 20, 4],
        ['DECIMAL(5,2)', 5, 2],
      ],
    );
    const double = await planner.plan({ query: 'SELECT 1::numeric AS a', numeric: 'double', nan: 'null', infinity: 'saturate' });
    const [column] = double.plan.columns;
    assert.deepEqual([column?.kind, column?.onNan, column?.onInfinity], ['numeric_double', 'null', 'saturate']);
  });

  it('that hold others are nested, at any depth and through domains', async () => {
    const { plan } = await planner.plan({ table: 'nested' });
    assert.deepEqual(
      plan.columns.map(({ postgresType, kind, parquetType, expression, required }) => [
        postgresType,
        kind,
        parquetType,
        expression,
        required,
      ]),
      NESTED.map(([type, kind, parquet, cast = ''], i) => [type, kind, parquet, `"c${i}"${cast}`, false]),
    );
    assert.match(plan.warnings.join(), /^[^"]*"c10" \(inet\[\]\), "c11" \(odd_pair\[\]\), "c12" \(int4range\[\]\)\.$/);
  });

  it('follow the policies for arrays', async () => {
    const { plan } = await planner.plan({ query: "SELECT '{1}'::int[] AS a", arrays: 'text' });
    assert.deepEqual([plan.columns[0]?.parquetType, plan.columns[0]?.asText, plan.warnings], ['STRING', true, []]);
    await server.sql('CREATE TABLE dims (a int[][][], b int[])');
    const nested = await planner.plan({ table: 'dims', arrays: 'nested' });
    assert.deepEqual(
      nested.plan.columns.map(({ parquetType, precision }) => [parquetType, precision]),
      [
        ['LIST<LIST<LIST<INT32>>>', 3],
        ['LIST<INT32>', 1],
      ],
    );
  });

  it('follow the policies for ranges', async () => {
    const { plan } = await planner.plan({ query: "SELECT '[1,2)'::int4range AS a, '{}'::tstzmultirange AS b", ranges: 'struct' });
    const flags = 'lower_inc BOOLEAN, upper_inc BOOLEAN, empty BOOLEAN';
    const utc = 'TIMESTAMP(us, UTC)';
    assert.deepEqual(
      plan.columns.map(({ parquetType }) => parquetType),
      [`group { lower INT32, upper INT32, ${flags} }`, `LIST<group { lower ${utc}, upper ${utc}, ${flags} }>`],
    );
  });

  it('are warned of where names are equal but for letter case, in composites too', async () => {
    await server.sql(`CREATE TYPE c_pair AS (x int, "X" int); CREATE TABLE cased ("UPPER" int, upper int, p c_pair[], q int)`);
    assert.deepEqual((await planner.plan({ table: 'cased' })).plan.warnings, [
      'Spark cannot read files with names that are equal but for letter case: "UPPER" and "upper", "p.element.x" and "p.element.X".',
    ]);
    assert.deepEqual((await planner.plan({ table: 'cased', columns: ['upper', 'q'] })).plan.warnings, []);
  });

  it('are warned of where numerics become text or arrays are declared with several dimensions, wherever they stand', async () => {
    await server.sql(`CREATE DOMAIN w_free AS numeric; CREATE DOMAIN w_grid AS int[][]; CREATE TYPE w_pair AS (n numeric, g int[][]);
      CREATE TYPE w_odd AS (n numeric, i inet);
      CREATE TABLE warned (a numeric, b numeric[], c w_free, d w_pair, e w_pair[], f numeric(10,2), g int[][], h w_grid, i int[], j w_odd, k numeric(40,2));
      CREATE VIEW warned_view AS SELECT a, d, f FROM warned; CREATE VIEW warned_grid AS SELECT i AS first, g AS second, g || g AS made FROM warned;
      CREATE VIEW above AS SELECT second AS s, first FROM warned_grid; CREATE MATERIALIZED VIEW kept_grid AS SELECT g FROM warned`);
    const warnings = async (options: Parameters<typeof planner.plan>[0]) => (await planner.plan(options)).plan.warnings;
    const texts = (names: string) =>
      `Exported as STRING, for want of a precision of at most 38 digits (--numeric gives another form): ${names}.`;
    const grids = (names: string) =>
      `Declared as arrays of several dimensions, though the server takes others there too: ${names}. A value of several dimensions ends the export unless --arrays is nested or text.`;
    const odd = `Exported as the server's exact text, for want of a Parquet type: "j" (w_odd).`;
    const free = texts('"a" (numeric), "b" (numeric[]), "c" (w_free), "d" (w_pair), "e" (w_pair[]), "k" (numeric(40,2))');
    assert.deepEqual(await warnings({ table: 'warned' }), [
      odd,
      free,
      grids('"d" (w_pair), "e" (w_pair[]), "g" (integer[]), "h" (w_grid)'),
    ]);
    assert.deepEqual(await warnings({ table: 'warned', arrays: 'nested' }), [odd, free]);
    assert.deepEqual(await warnings({ table: 'warned', columns: ['a', 'c'], numeric: 'string' }), []);
    assert.deepEqual(await warnings({ table: 'warned', columns: ['a', 'c'], numeric: { columns: { a: 'string' } } }), [
      texts('"c" (w_free)'),
    ]);
    assert.deepEqual(await warnings({ table: 'warned', columns: ['a'], types: { a: 'text' } }), []);
    assert.deepEqual((await warnings({ table: 'warned_view' })).slice(0, 2), [texts('"a" (numeric), "d" (w_pair)'), grids('"d" (w_pair)')]);
    assert.equal((await warnings({ query: 'SELECT a, f FROM warned' }))[0], texts('"a" (numeric)'));
    // A view's columns and a query's declare nothing: the table's that they are do.
    assert.deepEqual(await warnings({ table: 'above' }), [grids('"s" (integer[])')]);
    assert.deepEqual(await warnings({ table: 'kept_grid' }), [grids('"g" (integer[])')]);
    assert.deepEqual(await warnings({ query: 'SELECT second, made FROM warned_grid' }), [grids('"second" (integer[])')]);
    const { plan } = await planner.plan({ table: 'above', arrays: 'nested' });
    assert.deepEqual(
      plan.columns.map(({ parquetType }) => parquetType),
      ['LIST<LIST<INT32>>', 'LIST<INT32>'],
    );
  });

  it('keep every declared precision and scale of numeric', async () => {
    const declared = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -1000, max: 1000 }));
    const pairs = fc.sample(declared, 300);
    const types = pairs.map(([precision, scale]) => `numeric(${precision},${scale})`);
    await server.sql(`CREATE TABLE numerics (${types.map((type, index) => `c${index} ${type}`).join(', ')})`);
    const rows = await server.sql(
      `SELECT atttypmod FROM pg_attribute WHERE attrelid = 'numerics'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    assert.deepEqual(
      rows.map(({ atttypmod }) => numericModifier(Number(atttypmod))),
      pairs.map(([precision, scale]) => ({ precision, scale })),
    );
    const { plan } = await planner.plan({ table: 'numerics' });
    for (const [index, column] of plan.columns.entries()) {
      const [precision, scale] = pairs[index] as [number, number];
      if (column.kind === 'numeric_text') assert.ok(precision > 38 || scale > 38 || precision - scale > 38);
      else assert.ok(column.precision <= 38 && column.scale >= Math.max(0, scale) && column.precision - column.scale >= precision - scale);
    }
  });
});
