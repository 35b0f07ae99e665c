import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { assertSameAsQuery, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';
import { limits } from '../support/tables.js';

/** `npm run nightly` runs this again and again, with new seeds. */
const CASES = 25;

/** SQL expressions over `i`, the row's number from 1, by type: dense, sparse, sorted, repeated, extreme. */
const expressions: Readonly<Record<string, readonly string[]>> = {
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
const types = Object.keys(expressions);

const column = fc.constantFrom(...types).chain((type) =>
  fc.record({
    type: fc.constant(type),
    expression: fc.constantFrom(...(expressions[type] as readonly string[])),
    nullShare: fc.constantFrom(0, 0, 0.02, 0.5, 0.98, 1),
    notNull: fc.boolean(),
  }),
);
const table = fc.record({
  columns: fc.array(column, { minLength: 1, maxLength: 12 }),
  rows: fc.oneof(fc.constantFrom(0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025), fc.integer({ min: 0, max: 4000 })),
  seed: fc.double({ min: -1, max: 1, noNaN: true }),
  deleted: fc.constantFrom(0, 0, 0.1, 0.9),
  partitions: fc.constantFrom(1, 1, 1, 3),
  limit: fc.option(fc.integer({ min: 0, max: 4000 }), { nil: undefined }),
  condition: fc.option(fc.constantFrom('i % 3 = 0', 'i > 100 -- most', 'false'), { nil: undefined }),
  options: fc.record({
    jobs: fc.integer({ min: 1, max: 4 }),
    chunks: fc.integer({ min: 1, max: 5 }),
    compression: fc.constantFrom('snappy', 'zstd', 'lz4', 'none'),
  }),
});

let server: TestServer;

before(async () => {
  server = await startServer({ settings: { lc_monetary: 'C' } });
  for (const statement of limits(17).statements.slice(0, 3)) await server.sql(statement);
});
after(() => server.stop());

test('random tables of random values arrive as the server writes them, in its order', { timeout: 90_000 }, () =>
  fc.assert(
    fc.asyncProperty(table, async ({ columns, rows, seed, deleted, partitions, limit, condition, options }) => {
      const definitions = columns.map(({ type, nullShare, notNull }, c) => `c${c} ${type}${nullShare === 0 && notNull ? ' NOT NULL' : ''}`);
      const values = columns.map(({ type, expression, nullShare }) =>
        nullShare === 0 ? `(${expression})::${type}` : `CASE WHEN random() >= ${nullShare} THEN (${expression})::${type} END`,
      );
      const leaves = Array.from(
        { length: partitions },
        (_, p) => `CREATE TABLE random_${p} PARTITION OF random_table FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${p});`,
      );
      await server.sql(`DROP TABLE IF EXISTS random_table CASCADE;
        CREATE TABLE random_table (i int, ${definitions.join(', ')})${partitions > 1 ? ` PARTITION BY HASH (i); ${leaves.join(' ')}` : ''};
        SELECT setseed(${seed}); INSERT INTO random_table SELECT i, ${values.join(', ')} FROM generate_series(1, ${rows}) AS i;
        DELETE FROM random_table WHERE random() < ${deleted}`);
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 'random_table', rows: limit, where: condition, ...options });
        const where = condition === undefined ? '' : `WHERE (${condition}\n)`;
        await assertSameAsQuery(
          server,
          summary,
          `SELECT * FROM random_table ${where} ORDER BY tableoid, ctid ${limit === undefined ? '' : `LIMIT ${limit}`}`,
        );
      });
    }),
    { numRuns: CASES, interruptAfterTimeLimit: 80_000, markInterruptAsFailure: true },
  ),
);
