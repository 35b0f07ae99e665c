import { after, before, describe, it } from 'node:test';
import type { ExportOptions } from '../../src/index.js';
import { assertSameAsQuery, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

/** Twelve composites around one integer, every third of them in an array. */
function deep(): { types: string; type: string; value: string } {
  let [types, type, value] = ['CREATE TYPE d0 AS (v int);', 'd0', 'ROW(7)::d0'];
  for (let i = 1; i <= 12; i++) {
    const inArray = i % 3 === 0;
    types += `CREATE TYPE d${i} AS (n ${type}${inArray ? '[]' : ''}, s text);`;
    value = `ROW(${inArray ? `ARRAY[${value}, NULL]` : value}, 's${i}')::d${i}`;
    type = `d${i}`;
  }
  return { types, type, value };
}

const nesting = deep();

interface Case {
  readonly name: string;
  /** Makes the table t. */
  readonly sql: string;
  readonly expected?: string;
  readonly options?: ExportOptions;
}

const cases: readonly Case[] = [
  {
    name: 'members of any name',
    sql: `CREATE TYPE odd AS ("a.b" int, "list" int, "element" text, "Ünï ""q""" int); CREATE TABLE t (id int, "x.y" odd, "key_value" odd[], "list" int[]);
      INSERT INTO t VALUES (1, (1,2,'e',3), ARRAY[(1,2,'e',3)::odd, NULL], '{1}')`,
  },
  {
    name: 'composites without members, as text',
    sql: `CREATE TYPE nothing AS (); CREATE TABLE t (id int, n nothing, ns nothing[]); INSERT INTO t VALUES (1, ROW()::nothing, ARRAY[ROW()::nothing]), (2, NULL, '{}')`,
    expected: 'SELECT id, n::text AS n, ns::text[] AS ns FROM t ORDER BY id',
  },
  {
    name: 'what only quotes tell apart',
    sql: `CREATE TABLE t (id int, a text[], p pair[]); INSERT INTO t VALUES (1, ARRAY['{', '}', ',', '"', '\\', '\\\\', '''', ' ', '', 'NULL', E'\\n', '{}', '(a)', '日本 🗼', NULL],
      ARRAY[(1,'{')::pair, (2,'"')::pair, (3,'\\')::pair, (4,'(,)')::pair, (5,'')::pair, (6,NULL)::pair, NULL])`,
  },
  {
    name: 'NaN and infinities in arrays, alone and among others',
    sql: `CREATE TABLE t (id int, a float8[], b real[]); INSERT INTO t VALUES (1, '{NaN,Infinity,-Infinity,-0,5e-324,NULL}', '{NaN,Infinity,-0,1e-45,NULL}'), (2, '{NaN}', '{NaN}'), (3, '{NaN,NaN}', '{Infinity}')`,
  },
  {
    name: 'infinite dates and NaN deep inside, saturated and made NULL',
    sql: `CREATE TYPE far AS (d date, n numeric(5,2), ts timestamptz[]); CREATE TABLE t (id int, c date[], q far); INSERT INTO t VALUES (1, '{infinity,-infinity,2000-01-01,NULL}', ('infinity', 'NaN', '{-infinity,NULL}'))`,
    options: { infinity: 'saturate', nan: 'null' },
    expected: `SELECT id, '{5874897-12-31,4714-11-24 BC,2000-01-01,NULL}'::date[] AS c, ROW('5874897-12-31', NULL, '{4714-11-24 00:00:00+00 BC,NULL}')::far AS q FROM t`,
  },
  {
    name: 'nothing but NULL',
    sql: 'CREATE TABLE t (id int, a int[], x text[], p pair, ps pair[]); INSERT INTO t SELECT i FROM generate_series(1, 1000) i',
  },
  { name: 'no row', sql: 'CREATE TABLE t (id int, a int[] NOT NULL, p pair, ps pair[] NOT NULL)' },
  {
    name: 'nothing but empty arrays and composites of NULLs',
    sql: `CREATE TABLE t (id int, a int[] NOT NULL, ps pair[] NOT NULL, p pair NOT NULL); INSERT INTO t SELECT i, '{}', '{}', ROW(NULL,NULL)::pair FROM generate_series(1, 1025) i`,
  },
  {
    name: 'rows of a table that lost a column',
    sql: `CREATE TABLE base (a int, gone int, b text[]); ALTER TABLE base DROP COLUMN gone; INSERT INTO base VALUES (1, '{x}'); CREATE TABLE t AS SELECT 1 AS id, base AS r, ARRAY[base] AS rs FROM base`,
  },
  {
    name: 'twelve levels',
    sql: `${nesting.types} CREATE TABLE t (id int, d ${nesting.type}); INSERT INTO t VALUES (1, ${nesting.value}), (2, NULL), (3, ROW(NULL, 'x')::d12)`,
  },
  {
    name: 'arrays larger than a slot, in little memory',
    sql: `CREATE TABLE t AS SELECT i AS id, ARRAY(SELECT md5((i * k)::text) FROM generate_series(1, 50000) k) AS a, ARRAY(SELECT ROW(k, 'x')::pair FROM generate_series(1, 5000) k) AS p FROM generate_series(1, 4) i`,
    options: { memory: 64 << 20 },
  },
];

describe('nested values arrive as the server writes them:', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql('CREATE TYPE pair AS (a int, b text)');
  });
  after(() => server.stop());

  for (const { name, sql, expected = 'SELECT * FROM t ORDER BY id', options = {} } of cases) {
    it(name, async () => {
      await server.sql(`DROP TABLE IF EXISTS t CASCADE; ${sql}`);
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 't', ...options });
        await assertSameAsQuery(server, summary, expected, ['pyarrow', 'duckdb', 'hyparquet', 'polars']);
      });
    });
  }
});
