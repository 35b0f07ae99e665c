import { lineitemSql } from '../../bench/lineitem.js';
import { customerSql } from '../../src/demo/customer.js';

/** A table for tests: statements that make it, run by a superuser on an empty database. */
export interface TestTable {
  readonly name: string;
  readonly statements: readonly string[];
}

export const customer = (rows: number): TestTable => ({ name: 'customer', statements: customerSql(rows) });
export const lineitem = (rows: number): TestTable => ({ name: 'lineitem', statements: lineitemSql(rows) });

export interface LimitColumn {
  readonly name: string;
  readonly type: string;
  /** SQL literals without quotes; each is cast to the type. */
  readonly values: readonly string[];
}

/**
 * Every type at its limits: one row per literal, columns with fewer literals hold NULL from there on, and one last row holds
 * NULL everywhere but in `id`. All values survive the default policies. nestedLimits() has the nested types.
 */
export function limits(majorVersion: number): TestTable & Limits {
  const columns = [...everywhere, ...(majorVersion >= 15 ? from15 : [])];
  const types = [
    `CREATE TYPE limits_mood AS ENUM ('', 'glad', 'très "glad"', '${'x'.repeat(63)}')`,
    'CREATE DOMAIN limits_positive AS integer CHECK (VALUE > 0)',
  ];
  return literals('limits', columns, types);
}

/** Lists, structs and maps: NULL, empty, and what only quoting tells apart. */
export function nestedLimits(): TestTable & Limits {
  const types = [
    'CREATE EXTENSION IF NOT EXISTS hstore',
    'CREATE TYPE limits_pair AS (a integer, b text)',
    'CREATE TYPE limits_deep AS (pairs limits_pair[], at timestamptz, tags text[])',
  ];
  return literals('nested_limits', nested, types);
}

interface Limits {
  readonly columns: readonly LimitColumn[];
  readonly rows: number;
}

function literals(name: string, columns: readonly LimitColumn[], types: readonly string[]): TestTable & Limits {
  const rows = Math.max(...columns.map(({ values }) => values.length)) + 1;
  const quote = (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const line = (i: number) => columns.map(({ values, type }) => (values[i] === undefined ? 'NULL' : `${quote(values[i])}::${type}`));
  const tuples = Array.from({ length: rows }, (_, i) => `(${[i + 1, ...line(i)].join(', ')})`);
  const definitions = columns.map((column) => `${column.name} ${column.type}`);
  return {
    name,
    columns,
    rows,
    statements: [
      ...types,
      `CREATE TABLE ${name} (id integer NOT NULL, ${definitions.join(', ')})`,
      `INSERT INTO ${name} VALUES ${tuples.join(',\n')}`,
    ],
  };
}

const nines = (count: number) => '9'.repeat(count);
const texts = ['', 'a', ' a b ', 'Ünïcödé', '東京 🗼', 'line\nbreak\ttab', 'quote\'s "double" \\ back', 'x'.repeat(300), '\u0001\u007f'];

const everywhere: readonly LimitColumn[] = [
  { name: 'a_bool', type: 'boolean', values: ['true', 'false'] },
  { name: 'a_int2', type: 'smallint', values: ['-32768', '32767', '0', '-1'] },
  { name: 'a_int4', type: 'integer', values: ['-2147483648', '2147483647', '0', '-1'] },
  { name: 'a_int8', type: 'bigint', values: ['-9223372036854775808', '9223372036854775807', '0', '-1'] },
  { name: 'a_oid', type: 'oid', values: ['0', '4294967295', '2147483648'] },
  { name: 'a_float4', type: 'real', values: ['-3.4028235e38', '3.4028235e38', '1e-45', '-0', '0', 'NaN', 'Infinity', '-Infinity', '0.1'] },
  {
    name: 'a_float8',
    type: 'double precision',
    values: ['-1.7976931348623157e308', '1.7976931348623157e308', '5e-324', '-0', '0', 'NaN', 'Infinity', '-Infinity', '0.1'],
  },
  {
    name: 'a_numeric_9_2',
    type: 'numeric(9,2)',
    values: [`${nines(7)}.99`, `-${nines(7)}.99`, '0', '0.01', '-0.01', '100', '10000', '1234.5'],
  },
  { name: 'a_numeric_9_0', type: 'numeric(9)', values: [nines(9), `-${nines(9)}`, '0', '1', '10000', '100000000'] },
  {
    name: 'a_numeric_18_4',
    type: 'numeric(18,4)',
    values: [`${nines(14)}.9999`, `-${nines(14)}.9999`, '0.0001', '0', '10000.0001', '99990000'],
  },
  { name: 'a_numeric_18_18', type: 'numeric(18,18)', values: [`0.${nines(18)}`, `-0.${nines(18)}`, '0', '0.000000000000000001', '0.5'] },
  {
    name: 'a_numeric_38_10',
    type: 'numeric(38,10)',
    values: [`${nines(28)}.${nines(10)}`, `-${nines(28)}.${nines(10)}`, '0', '0.0000000001', '1e27'],
  },
  {
    name: 'a_numeric_38_0',
    type: 'numeric(38)',
    values: [nines(38), `-${nines(38)}`, '0', '18446744073709551616', '-9223372036854775809'],
  },
  { name: 'a_numeric_60_5', type: 'numeric(60,5)', values: [`${nines(55)}.99999`, `-${nines(55)}.99999`, '0', '0.00001', 'NaN'] },
  {
    name: 'a_numeric',
    type: 'numeric',
    values: ['0', '0.00', '-0.5', 'NaN', '1e100', '-1e-100', `${nines(200)}.${nines(100)}`, '10000', '0.00010000'],
  },
  { name: 'a_money', type: 'money', values: ['-92233720368547758.08', '92233720368547758.07', '0', '-0.01'] },
  { name: 'a_text', type: 'text', values: texts },
  { name: 'a_varchar', type: 'varchar(400)', values: texts },
  { name: 'a_char', type: 'char(8)', values: ['', 'a', 'ab cd', '12345678', 'Ünï', '東京'] },
  { name: 'a_name', type: 'name', values: ['', 'pg_class', 'x'.repeat(63)] },
  { name: 'a_single_char', type: '"char"', values: ['', 'a', '~', ' '] },
  { name: 'a_enum', type: 'limits_mood', values: ['', 'glad', 'très "glad"', 'x'.repeat(63)] },
  { name: 'a_json', type: 'json', values: ['null', '{"b": 1,  "a": [1, 2.50, "é"], "b": 2}', '"\\u00e9"', '[]', '1e400'] },
  { name: 'a_jsonb', type: 'jsonb', values: ['null', '{"b": 1,  "a": [1, 2.50, "é"], "b": 2}', '"\\u00e9"', '[]', '1e400'] },
  { name: 'a_bytea', type: 'bytea', values: ['', '\\x00', '\\x00ff10', `\\x${'ab'.repeat(300)}`] },
  {
    name: 'a_uuid',
    type: 'uuid',
    values: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  },
  {
    name: 'a_date',
    type: 'date',
    values: ['4713-01-01 BC', '5874897-12-31', '1970-01-01', '1969-12-31', '2000-02-29', '0001-01-01', '0001-12-31 BC'],
  },
  {
    name: 'a_timestamp',
    type: 'timestamp',
    values: [
      '4713-01-01 00:00:00 BC',
      '294246-12-31 23:59:59.999999',
      '1970-01-01 00:00:00',
      '1969-12-31 23:59:59.999999',
      '2000-01-01 00:00:00.000001',
    ],
  },
  {
    name: 'a_timestamptz',
    type: 'timestamptz',
    values: ['4713-01-01 00:00:00+00 BC', '294246-12-31 23:59:59.999999+00', '1970-01-01 00:00:00+00', '2026-07-01 12:00:00.123456+05:30'],
  },
  { name: 'a_time', type: 'time', values: ['00:00:00', '23:59:59.999999', '12:34:56.000001'] },
  {
    name: 'an_interval',
    type: 'interval',
    values: ['-178000000 years', '178000000 years', '1 month -2 days 03:04:05.000006', '0', '-2147483648 days', '-0.000001 seconds'],
  },
  { name: 'a_timetz', type: 'timetz', values: ['00:00:00+15:59', '24:00:00-15:59', '12:34:56.000001+05:30'] },
  { name: 'a_domain', type: 'limits_positive', values: ['1', '2147483647'] },
  { name: 'an_xml', type: 'xml', values: ['<a/>', '<?xml version="1.0"?><a b="é">t</a>'] },
  { name: 'a_range', type: 'int4range', values: ['empty', '[1,5)', '(,)'] },
  { name: 'a_point', type: 'point', values: ['(0.1,0.30000000000000004)', '(1e300,-1e-300)'] },
  { name: 'an_inet', type: 'inet', values: ['0.0.0.0', '10.1.2.3/8', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/64'] },
  { name: 'a_bit', type: 'bit(9)', values: ['101010101', '000000000'] },
  { name: 'a_varbit', type: 'varbit', values: ['', '1', '1010101010101'] },
  { name: 'a_tsvector', type: 'tsvector', values: ['', "'fat':2A 'cat':3B,4"] },
  { name: 'a_lsn', type: 'pg_lsn', values: ['0/0', 'FFFFFFFF/FFFFFFFF'] },
];

/** A scale below zero or above the precision came with version 15. */
const from15: readonly LimitColumn[] = [
  { name: 'a_numeric_5_m2', type: 'numeric(5,-2)', values: ['9999900', '-9999900', '0', '100'] },
  { name: 'a_numeric_3_5', type: 'numeric(3,5)', values: ['0.00999', '-0.00999', '0', '0.00001'] },
  { name: 'a_numeric_infinity', type: 'numeric', values: ['Infinity', '-Infinity', 'NaN', '0'] },
];

const nested: readonly LimitColumn[] = [
  { name: 'an_int_array', type: 'integer[]', values: ['{}', '{1,NULL,-2147483648}', '{NULL}', '{0}'] },
  { name: 'a_bigint_array', type: 'bigint[]', values: ['{}', '{9223372036854775807,NULL}', '{-9223372036854775808}'] },
  { name: 'a_text_array', type: 'text[]', values: ['{}', '{"a b",NULL,"NULL","é\\"\\\\",""}', '{"{}","a,b"}'] },
  { name: 'a_float_array', type: 'double precision[]', values: ['{}', '{NaN,Infinity,-0,0.1,NULL}'] },
  { name: 'a_numeric_array', type: 'numeric(20,4)[]', values: ['{}', '{9999999999999999.9999,NULL,-0.0001}'] },
  { name: 'a_bytea_array', type: 'bytea[]', values: ['{}', '{"\\\\x","\\\\x00ff",NULL}'] },
  { name: 'a_uuid_array', type: 'uuid[]', values: ['{}', '{ffffffff-ffff-ffff-ffff-ffffffffffff,NULL}'] },
  { name: 'a_date_array', type: 'date[]', values: ['{}', '{2000-02-29,NULL,9999-12-31}'] },
  { name: 'a_timestamp_array', type: 'timestamp[]', values: ['{}', '{"2000-01-01 00:00:00.000001",NULL}'] },
  { name: 'a_timestamptz_array', type: 'timestamptz[]', values: ['{}', '{"2026-07-01 12:00:00.123456+05:30",NULL}'] },
  { name: 'a_composite', type: 'limits_pair', values: ['(1,a)', '(,)', '(-5,"x, ""y"" (z)")', '(,"")'] },
  { name: 'a_composite_array', type: 'limits_pair[]', values: ['{}', '{NULL,"(,)","(1,\\"a \\\\\\\\ b\\")"}'] },
  {
    name: 'a_deep_composite',
    type: 'limits_deep',
    values: ['("{""(1,a)"",NULL}","2020-01-01 00:00:00+00","{x,NULL,""""}")', '({},,{})', '(,,)'],
  },
  { name: 'an_hstore', type: 'hstore', values: ['', 'a=>1, b=>NULL, "c d"=>""'] },
];
