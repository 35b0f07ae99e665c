import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ExportOptions } from '../../src/index.js';
import { exportInto, fileRows, refusalOf, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

const BIN = fileURLToPath(new URL('../../../bin/gpuparser.js', import.meta.url));

/** One value of one type, taken for DECIMAL(6,2) where it is an unbounded numeric: what the export says of it by default, and what it becomes under each policy. */
interface Case {
  readonly type: string;
  readonly value: string;
  readonly error: RegExp;
  readonly flag: RegExp;
  readonly policies: readonly (readonly [options: ExportOptions, becomes: string | null])[];
}

const infinity = (type: string, value: string, error: RegExp, saturated: string): Case => ({
  type,
  value,
  error,
  flag: /--infinity null.*--infinity saturate/,
  policies: [
    [{ infinity: 'null' }, null],
    [{ infinity: 'saturate' }, saturated],
  ],
});

const cases: readonly Case[] = [
  infinity('date', 'infinity', /date infinity/, '5874897-12-31'),
  infinity('date', '-infinity', /date -infinity/, '4714-11-24 BC'),
  infinity('timestamp', 'infinity', /timestamp infinity/, '294247-01-10 04:00:54.775807'),
  infinity('timestamp', '-infinity', /timestamp -infinity/, '4714-11-24 00:00:00.000000 BC'),
  infinity('timestamptz', 'infinity', /timestamp.* infinity/, '294247-01-10 04:00:54.775807+00'),
  infinity('timestamptz', '-infinity', /timestamp.* -infinity/, '4714-11-24 00:00:00.000000+00 BC'),
  infinity('timestamp', '294260-05-06', /past 294247-01-10 04:00:54.775807, the last that Parquet holds/, '294247-01-10 04:00:54.775807'),
  infinity('time', '24:00', /24:00:00/, '23:59:59.999999'),
  infinity('interval', 'infinity', /interval infinity/, '2147483647 mons 2147483647 days 9223372036854775806 us'),
  {
    type: 'numeric(10,2)',
    value: 'NaN',
    error: /NaN/,
    flag: /--nan null/,
    policies: [[{ nan: 'null' }, null]],
  },
];

describe('a value without a place in its Parquet type', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const refusal = (options: ExportOptions) => refusalOf(server, options);
  /** The table "Some Table": 5,000 ordinary rows, the value in row `at` and NULL in the last. */
  async function tableWith(type: string, value: string, ordinary: string, at = 4321, notNull = ''): Promise<void> {
    await server.sql(`DROP TABLE IF EXISTS "Some Table"; CREATE TABLE "Some Table" (id int PRIMARY KEY, "the value" ${type} ${notNull});
      INSERT INTO "Some Table" SELECT i, CASE WHEN i = ${at} THEN '${value}' ELSE '${ordinary}' END::${type} FROM generate_series(1, 5000) i`);
  }
  const ordinary: Readonly<Record<string, string>> = {
    date: '2024-01-31',
    timestamp: '2024-01-31 1:2:3',
    timestamptz: '2024-01-31 1:2:3+00',
    time: '1:2:3',
    interval: '1 day',
  };

  for (const { type, value, error: message, flag, policies } of cases) {
    it(`is an error that names it by default, and obeys the flag: ${type} ${value}`, async () => {
      await tableWith(type, value, ordinary[type] ?? '1.5');
      const ctid = await server.value('SELECT ctid FROM "Some Table" WHERE id = 4321');
      const error = await refusal({ table: '"Some Table"', jobs: 2 });
      assert.equal(error.code, 'VALUE');
      for (const part of ['"public"."Some Table"', 'column "the value"', `row ${ctid}`, '"id" = 4321'])
        assert.ok(error.message.includes(part), `${part} is in: ${error.message}`);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', flag);
      for (const [options, becomes] of policies) {
        for (const notNull of ['', 'NOT NULL']) {
          await tableWith(type, value, ordinary[type] ?? '1.5', 4321, notNull);
          await withFolder(async (folder) => {
            const summary = await exportInto(server, folder, { table: '"Some Table"', ...options });
            const { rows } = await fileRows('hyparquet', summary);
            assert.deepEqual(rows[4320], ['4321', becomes], JSON.stringify(options));
            assert.equal(rows.filter((row) => row[1] === becomes).length, 1);
            assert.ok(
              summary.warnings.some((warning) => /the value/.test(warning)),
              `the summary says so: ${JSON.stringify(summary.warnings)}`,
            );
          });
        }
      }
    });
  }

  it('is an error where a decimal of --numeric does not hold it', async () => {
    for (const [value, said, flag] of [
      ['123456.5', /123456\.5 has more digits than DECIMAL\(6,2\) holds/, /--numeric string/],
      ['1.234', /1\.234 has more fraction digits than DECIMAL\(6,2\) keeps/, /--numeric string/],
      ['NaN', /NaN is no value of DECIMAL\(6,2\)/, /--nan null/],
      ['Infinity', /infinity is no value of DECIMAL\(6,2\)/i, /--infinity null or --infinity saturate/],
    ] as const) {
      await tableWith('numeric', value, '-1234.50');
      const error = await refusal({ table: '"Some Table"', numeric: 'decimal(6,2)' });
      assert.match(error.message, said);
      assert.match(error.message, /column "the value" \(numeric\), row \(\d+,\d+\), "id" = 4321/);
      assert.match(error.hint ?? '', flag);
    }
    await tableWith('numeric', '1e400', '-1234.50');
    assert.match((await refusal({ table: '"Some Table"', numeric: 'double' })).message, /beyond the largest double/);
    for (const [numeric, becomes] of [
      ['string', '-1234.50'],
      ['double', '-1234.5'],
      ['decimal(38,4)', '-1234.5000'],
    ] as const) {
      await tableWith('numeric', '7', '-1234.50');
      await withFolder(async (folder) => {
        const { rows } = await fileRows('duckdb', await exportInto(server, folder, { table: '"Some Table"', numeric }));
        assert.equal(rows[0]?.[1], becomes);
      });
    }
  });

  it('is bent by the policy for infinity in a decimal of --numeric too', async () => {
    for (const [value, infinity, becomes] of [
      ['Infinity', 'null', null],
      ['Infinity', 'saturate', '9999.99'],
      ['-Infinity', 'saturate', '-9999.99'],
    ] as const) {
      await tableWith('numeric', value, '-1234.50');
      await withFolder(async (folder) => {
        const { rows } = await fileRows(
          'duckdb',
          await exportInto(server, folder, { table: '"Some Table"', numeric: 'decimal(6,2)', infinity }),
        );
        assert.deepEqual(
          [rows[4320], rows[4321]],
          [
            ['4321', becomes],
            ['4322', '-1234.50'],
          ],
        );
      });
    }
  });

  it('fails its own chunk alone: the others stay, and the manifest says which one is missing', async () => {
    await tableWith('date', 'infinity', '2024-01-31');
    await withFolder(async (folder) => {
      const { rows, files, failed } = await exportInto(server, folder, { table: '"Some Table"', chunks: 4 });
      assert.deepEqual([rows, files.length, failed.map(({ chunk }) => chunk)], [3750, 3, [3]]);
      assert.match(
        failed[0]?.error.message ?? '',
        /column "the value" \(date\), row \(\d+,\d+\), "id" = 4321: date infinity has no place in DATE\.$/,
      );
      assert.deepEqual((await readdir(folder)).sort(), [
        'Some Table_chunk_0.parquet',
        'Some Table_chunk_1.parquet',
        'Some Table_chunk_2.parquet',
        '_manifest.json',
      ]);
      const { tables } = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8')) as {
        tables: Record<string, { failures: { index: number }[] }>;
      };
      assert.deepEqual(
        tables['Some Table']?.failures.map(({ index }) => index),
        [3],
      );
    });
  });

  it('is named with its relation when it stands in a partition, and with its place in a query', async () => {
    await server.sql(`DROP TABLE IF EXISTS p; CREATE TABLE p (id int, d date) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
      INSERT INTO p SELECT 1 + i % 2, DATE '2024-01-01' + i FROM generate_series(1, 600) i; INSERT INTO p VALUES (2, 'infinity')`);
    const ctid = await server.value("SELECT ctid FROM p2 WHERE d = 'infinity'");
    const { message } = await refusal({ table: 'p' });
    assert.ok(message.startsWith(`"public"."p2", column "d" (date), row ${ctid}: `), message);
    const query = await refusal({ query: 'SELECT d FROM p ORDER BY d' });
    assert.match(query.message, /query, column "d" \(date\), row 601: .*infinity/);
  });

  it('is named with its partition where the role may read it through the parent alone', async () => {
    await server.sql(`DROP TABLE IF EXISTS q; CREATE TABLE q (id int, d date, n numeric(5,2), c "char") PARTITION BY LIST (id);
      CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1); CREATE TABLE q2 PARTITION OF q FOR VALUES IN (2);
      INSERT INTO q SELECT 1 + i % 2, DATE '2024-01-01' + i, 1, 'x' FROM generate_series(1, 600) i;
      INSERT INTO q VALUES (2, 'infinity', 1, 'x'), (2, '2024-01-01', 'NaN', 'x'), (2, '2024-01-01', 1, (-1)::int::"char");
      DROP ROLE IF EXISTS above; CREATE ROLE above LOGIN; GRANT SELECT ON q TO above; CREATE OR REPLACE VIEW w AS SELECT * FROM q ORDER BY id, c DESC, n, d`);
    const { host, port, database } = server;
    const connection = { host, port, database, user: 'above' };
    const cases = [
      ['d', `d = 'infinity'`, /date infinity/, /--infinity null .*--infinity d=null/],
      ['n', `n = 'NaN'`, /NaN/, /--nan null .*--nan n=null/],
      ['c', `c = (-1)::int::"char"`, /255/, /--invalid-utf8 replace .*--invalid-utf8 c=binary/],
    ] as const;
    for (const [column, where, message, hint] of cases) {
      const ctid = await server.value(`SELECT ctid FROM q2 WHERE ${where}`);
      const type = await server.value(
        `SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'q'::regclass AND attname = '${column}'`,
      );
      const through = await refusal({ table: 'q', columns: ['id', column], connection });
      assert.ok(through.message.startsWith(`"public"."q", column "${column}" (${type}), row ${ctid} of q2: `), through.message);
      const own = await refusal({ table: 'q', columns: [column] });
      assert.ok(own.message.startsWith(`"public"."q2", column "${column}" (${type}), row ${ctid}: `), own.message);
      const view = await refusal({ table: 'w', columns: [column] });
      assert.match(view.message, new RegExp(`^"public"\\."w", column "${column}" .*, row \\d+: `));
      for (const error of [through, own, view]) {
        assert.match(error.message, message);
        assert.match(error.hint ?? '', hint);
      }
    }
  });

  it('makes the command end with code 1, one sentence and a hint', async () => {
    await tableWith('date', 'infinity', '2024-01-31');
    await withFolder(async (folder) => {
      const { host, port, user, database } = server;
      const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database };
      const result = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
        const child = execFile(
          process.execPath,
          [BIN, 'export', '-t', '"Some Table"', '-o', folder, '--device', 'cpu', '--quiet'],
          { env },
          (_error, _stdout, stderr) => resolve({ code: child.exitCode, stderr }),
        );
      });
      assert.equal(result.code, 1);
      assert.match(
        result.stderr,
        /^gpuparser: "public"\."Some Table", column "the value" \(date\), row \(\d+,\d+\), "id" = 4321: .*infinity.*\.\nhint: Use --infinity null or --infinity saturate \(for this column alone: --infinity 'the value'=null\)\.\n$/,
      );
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it('does not arise for a type without a Parquet form: it travels as text, and a warning names the columns', async () => {
    await server.sql(
      `CREATE TABLE texts (a inet[], b int4range, c inet, d text[], e int); INSERT INTO texts VALUES ('{::1,NULL}', '[1,5)', '10.0.0.1', '{"a b",NULL,"NULL"}', 1), (NULL, NULL, NULL, '{}', NULL)`,
    );
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'texts' });
      assert.deepEqual(summary.warnings, [
        `Exported as the server's exact text, for want of a Parquet type: "a" (inet[]), "b" (int4range), "c" (inet).`,
      ]);
      assert.deepEqual((await fileRows('duckdb', summary)).rows, [
        ['["::1/128",null]', '[1,5)', '10.0.0.1/32', '["a b",null,"NULL"]', '1'],
        [null, null, null, '[]', null],
      ]);
    });
  });
});
