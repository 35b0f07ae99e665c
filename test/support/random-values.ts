/** SQL expressions over `i`, the row's number from 1, by type: dense, sparse, sorted, repeated, extreme. */
export const EXPRESSIONS: Readonly<Record<string, readonly string[]>> = {
  boolean: ['random() < 0.5', 'true', 'i % 9 = 0'],
  smallint: ['(random() * 65535 - 32768)::int', 'i % 3'],
  integer: [
    '(random() * 4294967295 - 2147483648)::bigint',
    'i',
    '-1',
    '(random() * 10)::int * 100000',
    'CASE WHEN random() < 0.5 THEN -2147483648 ELSE 2147483647 END',
  ],
  bigint: ['(random() * 1.8e19 - 9e18)::numeric', 'i * 1000000007::bigint', '(random() * 3)::int', '-9223372036854775808'],
  oid: ['(random() * 4294967295)::bigint', 'i'],
  real: [
    'random() * 2 - 1',
    "CASE (random() * 4)::int WHEN 0 THEN 'NaN'::real WHEN 1 THEN 'Infinity' WHEN 2 THEN '-0' ELSE i END",
    'i / 3.0',
  ],
  'double precision': [
    'random() * 1e300',
    "CASE (random() * 4)::int WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-Infinity' WHEN 2 THEN '-0' ELSE i END",
    'exp(random() * 1400 - 700)',
  ],
  'numeric(9,2)': ['random() * 19999998 - 9999999', '(i % 5) * 0.25', '9999999.99'],
  'numeric(18,6)': ['random() * 2e12 - 1e12', 'i * 0.000001'],
  'numeric(30,10)': ['(random() * 1e18)::numeric * (random() * 100)::numeric', '-99999999999999999999.9999999999', 'i'],
  'numeric(38)': ['floor(random() * 1e37)::numeric * 10 + 7', 'i'],
  numeric: [
    'random()::numeric * 10::numeric ^ (random() * 60 - 30)::int',
    "CASE WHEN i % 5 = 0 THEN 'NaN'::numeric ELSE i * 1.50 END",
    '0.000',
  ],
  money: ['(random() * 1e12 - 5e11)::numeric', 'i'],
  text: [
    'repeat(chr(32 + (random() * 90)::int), (random() * 40)::int)',
    'md5(random()::text)',
    'chr(160 + (random() * 40000)::int) || i',
    "''",
    "(ARRAY['red', 'green', 'blue', ''])[1 + floor(random() * 4)::int]",
    'repeat(md5(i::text), (random() * random() * 200)::int)',
    "chr(128512 + i % 70) || E'\\n\"\\\\'",
  ],
  'varchar(70)': ['md5(i::text)', "'ä' || i % 4"],
  'char(9)': ['i::text', "''", "'日本'"],
  name: ["'n' || i % 20"],
  '"char"': ['chr(1 + i % 120)', "''"],
  limits_mood: ["(ARRAY['', 'glad', 'très \"glad\"'])[1 + floor(random() * 3)::int]"],
  json: [`'{"a": ' || i || ', "é":  [1, null]}'`, `'"' || md5(i::text) || '"'`],
  jsonb: [`'{"b": ' || i || ', "a": [1.50, null, "é"]}'`, 'to_json(random())'],
  bytea: ["decode(md5(random()::text), 'hex')", "'\\x'", "decode(repeat(to_hex(16 + i % 200), (random() * 30)::int), 'hex')"],
  uuid: ['md5(random()::text)', "'00000000-0000-0000-0000-000000000000'"],
  date: ["DATE '2000-01-01' + (random() * 40000 - 20000)::int", "DATE '4713-01-01 BC' + i", "DATE '2024-01-01' + i / 50"],
  'timestamp without time zone': [
    "TIMESTAMP '2000-01-01' + random() * INTERVAL '90 years' - INTERVAL '45 years'",
    "TIMESTAMP '2024-01-01' + i * INTERVAL '1 second'",
  ],
  'timestamp with time zone': [
    "TIMESTAMPTZ '2000-01-01 00:00+00' + random() * INTERVAL '9000 years'",
    "TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'",
    "TIMESTAMPTZ '4713-06-01 00:00+00 BC' + i * INTERVAL '1 year 0.000001 second'",
  ],
  'time without time zone': ["TIME '00:00' + random() * INTERVAL '24 hours'", "TIME '12:00'"],
  'time with time zone': ["TIMETZ '01:02:03.5+05:30' + random() * INTERVAL '24 hours'"],
  interval: [
    "random() * INTERVAL '10 years 20 days 30:40:50'",
    'make_interval(months => (random() * 1000)::int - 500, days => i, secs => random() * 1000)',
  ],
  'integer[]': ['ARRAY[i, NULL, -i]', "'{}'"],
  inet: ["('10.' || i % 256 || '.0.' || (random() * 255)::int || '/' || 8 + i % 25)"],
  int4range: ['int4range(i, i + 5)', "'empty'"],
};

/** Types that stay themselves inside arrays and composites. */
export const NATIVE_TYPES: readonly string[] = Object.keys(EXPRESSIONS).filter(
  (type) => !['time with time zone', 'integer[]', 'inet', 'int4range'].includes(type),
);

/** A type of which some values have no place in Parquet's, and what the server says they are under each policy. */
export interface Troubled {
  readonly type: string;
  readonly expression: string;
  /** SQL over the column, by policy; a policy that is missing cannot rule it. */
  readonly expected: Readonly<Record<string, (column: string) => string>>;
  readonly policy: 'nan' | 'infinity' | 'numeric';
}

/** Types under `--type`, with SQL over the column for what readers must find. */
export const FORMS: readonly (readonly [type: string, form: string, expected: (column: string) => string])[] = [
  ['numeric(9,2)', 'decimal(38,2)', (column) => column],
  ['numeric(9,2)', 'text', (column) => column],
  ['numeric(18,6)', 'double', (column) => `${column}::double precision`],
  ['bigint', 'decimal(19,0)', (column) => column],
  ['bigint', 'double', (column) => `${column}::double precision`],
  ['smallint', 'integer', (column) => column],
  ['oid', 'bigint', (column) => `${column}::bigint`],
  ['real', 'double', (column) => `${column}::double precision`],
  ['text', 'binary', (column) => `convert_to(${column}, 'UTF8')`],
  ['jsonb', 'text', (column) => column],
  ['uuid', 'text', (column) => column],
  ['bytea', 'text', (column) => `${column}::text`],
  ['timestamp with time zone', 'text', (column) => `${column}::text`],
  ['integer[]', 'text', (column) => `${column}::text`],
];

const finite = (column: string) => `CASE WHEN isfinite(${column}) THEN ${column} END`;
const bounded = (low: string, high: string) => (column: string) =>
  `CASE ${column} WHEN 'infinity' THEN '${high}' WHEN '-infinity' THEN '${low}' ELSE ${column} END`;
const sometimes = (values: readonly string[], other: string) =>
  `CASE floor(random() * ${values.length + 3})::int ${values.map((value, i) => `WHEN ${i} THEN ${value}`).join(' ')} ELSE ${other} END`;

const lastTimestamp = '294247-01-10 04:00:54.775807';

export const TROUBLED: readonly Troubled[] = [
  {
    type: 'date',
    expression: sometimes(["'infinity'", "'-infinity'"], "DATE '2000-01-01' + i"),
    policy: 'infinity',
    expected: { null: finite, saturate: bounded('4714-11-24 BC', '5874897-12-31') },
  },
  {
    type: 'timestamp without time zone',
    expression: sometimes(["'infinity'", "'-infinity'", "'294260-05-06'"], "TIMESTAMP '2000-01-01' + random() * INTERVAL '1 day'"),
    policy: 'infinity',
    expected: {
      null: (column) => `CASE WHEN ${column} <= '${lastTimestamp}' AND isfinite(${column}) THEN ${column} END`,
      // least() and greatest() ignore NULLs.
      saturate: (column) =>
        `CASE WHEN ${column} IS NOT NULL THEN greatest(least(${column}, '${lastTimestamp}'), '4714-11-24 00:00:00 BC') END`,
    },
  },
  {
    type: 'timestamp with time zone',
    expression: sometimes(["'infinity'", "'-infinity'"], "TIMESTAMPTZ '2000-01-01 00:00+00' + random() * INTERVAL '1 day'"),
    policy: 'infinity',
    expected: { null: finite, saturate: bounded('4714-11-24 00:00:00+00 BC', `${lastTimestamp}+00`) },
  },
  {
    type: 'time without time zone',
    expression: sometimes(["'24:00'"], "TIME '00:00' + random() * INTERVAL '24 hours'"),
    policy: 'infinity',
    expected: {
      null: (column) => `CASE WHEN ${column} < '24:00' THEN ${column} END`,
      saturate: (column) => `CASE WHEN ${column} IS NOT NULL THEN least(${column}, '23:59:59.999999') END`,
    },
  },
  {
    type: 'numeric(10,2)',
    expression: sometimes(["'NaN'"], 'i * 0.25'),
    policy: 'nan',
    expected: { null: (column) => `NULLIF(${column}, 'NaN')` },
  },
  {
    type: 'numeric',
    expression: sometimes(["'0'", "'-1e25'", "'1e-10'"], 'round((random() * 1e9)::numeric, (random() * 12)::int)'),
    policy: 'numeric',
    expected: {
      string: (column) => column,
      double: (column) => `${column}::double precision`,
      'decimal(38,12)': (column) => `${column}::numeric(38,12)`,
    },
  },
];
