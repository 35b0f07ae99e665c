import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect, planExport } from '../../src/functions.js';
import type { ExportOptions } from '../../src/index.js';
import type { Manifest } from '../../src/sink/manifest.js';
import { assertVerified, connectionTo, exportInto, fileRows, refusalOf, withFolder } from '../support/exporting.js';
import type { Reader } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';

/** A column under `--type`, the Parquet type it gets and the SQL whose text is what readers must find. */
const FORMS: readonly (readonly [type: string, form: string, parquet: string, sql: string, values: readonly string[]])[] = [
  ['numeric', 'decimal(18,4)', 'DECIMAL(18,4)', 'c::numeric(18,4)', ['1.5', '-99999999999999.9999', '0']],
  ['numeric(10,2)', 'decimal(38,2)', 'DECIMAL(38,2)', 'c', ['1.50', '-99999999.99']],
  ['numeric(10,2)', 'text', 'STRING', 'c', ['1.50', 'NaN', '-99999999.99']],
  ['numeric(10,2)', 'double', 'DOUBLE', 'c::float8', ['1.50', '-99999999.99', 'NaN']],
  ['smallint', 'decimal(5,0)', 'DECIMAL(5,0)', 'c', ['-32768', '32767']],
  ['integer', 'decimal(12,2)', 'DECIMAL(12,2)', 'c::numeric(12,2)', ['-2147483648', '2147483647']],
  ['bigint', 'decimal(19,0)', 'DECIMAL(19,0)', 'c', ['-9223372036854775808', '9223372036854775807']],
  ['bigint', 'text', 'STRING', 'c', ['-9223372036854775808', '9223372036854775807']],
  ['bigint', 'double', 'DOUBLE', 'c::float8', ['-9007199254740993', '9223372036854775807']],
  ['real', 'double', 'DOUBLE', 'c::float8', ['0.1', 'NaN', '-Infinity', '1e-45']],
  ['oid', 'bigint', 'INT64', 'c::int8', ['0', '4294967295']],
  ['smallint', 'integer', 'INT32', 'c', ['-32768', '32767']],
  ['money', 'decimal(20,2)', 'DECIMAL(20,2)', 'c::numeric', ['-92233720368547758.08', '0.01']],
  ['text', 'binary', 'BYTE_ARRAY', "convert_to(c, 'UTF8')", ['', 'grüße 😀']],
  ['character(5)', 'binary', 'BYTE_ARRAY', "convert_to(rpad(c, 5), 'UTF8')", ['ab', 'é']],
  ['character(5)', 'text', 'STRING', 'rpad(c, 5)', ['ab', 'é']],
  ['jsonb', 'text', 'STRING', 'c', ['{"a": [1, "é"]}']],
  ['jsonb', 'binary', 'BYTE_ARRAY', "convert_to(c::text, 'UTF8')", ['{"a": [1, "é"]}']],
  ['xml', 'binary', 'BYTE_ARRAY', "convert_to(c::text, 'UTF8')", ['<a>é</a>']],
  ['"char"', 'binary', 'BYTE_ARRAY', "CASE WHEN c = ''::\"char\" THEN ''::bytea ELSE charsend(c) END", ['a', '']],
  ['mood', 'binary', 'BYTE_ARRAY', "convert_to(c::text, 'UTF8')", ['sad', "o'k"]],
  ['bytea', 'text', 'STRING', 'c::text', ['\\x00ff', '']],
  ['bytea', 'binary', 'BYTE_ARRAY', 'c', ['\\x00ff', '']],
  ['uuid', 'text', 'STRING', 'c', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  ['date', 'text', 'STRING', 'c', ['infinity', '2024-01-31', '0044-03-15 BC']],
  ['timestamptz', 'text', 'STRING', 'c', ['-infinity', '2024-01-31 12:00:00.5+00']],
  ['time', 'text', 'STRING', 'c', ['24:00:00']],
  ['integer[]', 'text', 'STRING', 'c', ['{1,NULL,3}', '{{1},{2}}', '[2:3]={1,2}']],
  ['dom', 'decimal(9,3)', 'DECIMAL(9,3)', 'c::numeric(9,3)', ['1.5']],
];

describe('the form of a column', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`CREATE TYPE mood AS ENUM ('sad', 'o''k'); CREATE DOMAIN dom AS numeric(7,3)`);
  });
  after(() => server.stop());

  const refusal = (options: ExportOptions) => refusalOf(server, options);
  /** A table `t` with the column c and the values in order of `id`, the last row NULL. */
  async function tableOf(type: string, values: readonly string[]): Promise<void> {
    await server.sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, c ${type})`);
    for (const [i, value] of [...values, null].entries()) await server.sql(`INSERT INTO t VALUES (${i}, $1)`, [value]);
  }
  /** What a reader of the file must find. */
  async function expected(sql: string, parquet: string): Promise<(string | null)[]> {
    await server.sql("SET TimeZone = 'UTC'; SET DateStyle = ISO; SET bytea_output = hex");
    const rows = await server.sql(`SELECT (${sql})::text AS v FROM t ORDER BY id`);
    return rows.map(({ v }) => (v !== null && v !== undefined && parquet === 'DOUBLE' ? String(Number(v)) : (v ?? null)));
  }

  for (const [type, form, parquet, sql, values] of FORMS) {
    it(`is ${parquet} for ${type} under --type c=${form}`, async () => {
      await tableOf(type, values);
      const wanted = await expected(sql, parquet);
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 't', types: { c: form } });
        for (const reader of ['hyparquet', 'duckdb', 'pyarrow'] satisfies Reader[]) {
          const { rows } = await fileRows(reader, summary);
          assert.deepEqual(
            rows.map(([, value]) => value),
            wanted,
            reader,
          );
        }
        const { tables } = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8')) as Manifest;
        const column = tables.t?.columns[1];
        assert.deepEqual([column?.parquetType, column?.policies.type], [parquet, form]);
        const lossy = parquet === 'DOUBLE' && /numeric|bigint/.test(type);
        await assertVerified(folder, connectionTo(server));
        const { warnings } = summary;
        assert.deepEqual(warnings, lossy ? [`Rounded to the nearest double: "c" (${type}).`] : []);
      });
    });
  }

  it('is refused where it cannot hold the type, with the forms that can', async () => {
    const cases = [
      ['text', 'decimal(5,2)', /column "c" is text, which DECIMAL\(P,S\) does not hold/, /text can become text, binary;/],
      ['double precision', 'decimal(5,2)', /is double precision, which DECIMAL/, /can become text, double;/],
      ['bigint', 'integer', /is bigint, which INT32 does not hold/, /can become text, decimal\(P,S\), double, bigint;/],
      ['integer[]', 'double', /is integer\[\], which DOUBLE/, /can become text;/],
      ['date', 'binary', /is date, which BYTE_ARRAY/, /can become text;/],
    ] as const;
    for (const [type, form, message, hint] of cases) {
      await tableOf(type, []);
      const error = await refusal({ table: 't', types: { c: form } });
      assert.equal(error.code, 'USAGE');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
    }
  });

  it('names the column where it is not there, with close names, and the option', async () => {
    await server.sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int, price numeric, total numeric)');
    const unknown = await refusal({ table: 't', types: { prise: 'text' } });
    assert.deepEqual(
      [unknown.code, unknown.message, unknown.hint],
      ['NOT_FOUND', 'public.t has no column "prise", which --type names.', 'Did you mean "price"?'],
    );
    const policy = await refusal({ query: 'SELECT price FROM t', nan: { columns: { pricee: 'null' } } });
    assert.match(`${policy.message} ${policy.hint}`, /The query has no column "pricee", which --nan names\. Did you mean "price"\?/);
    const left = await refusal({ table: 't', columns: ['id'], numeric: { columns: { price: 'double' } } });
    assert.deepEqual([left.code, left.message], ['USAGE', '--numeric names column "price", which is left out of the export.']);
  });

  it('does not take a policy that cannot rule it', async () => {
    await server.sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int, price numeric, total numeric(10,2), f float8, m mood)');
    const cases: readonly [ExportOptions, string][] = [
      [{ nan: { columns: { id: 'null' } } }, '--nan rules nothing in column "id" (integer), which becomes INT32.'],
      [{ nan: { columns: { price: 'null' } } }, '--nan rules nothing in column "price" (numeric), which becomes STRING.'],
      [{ nan: { columns: { f: 'null' } } }, '--nan rules nothing in column "f" (double precision), which becomes DOUBLE.'],
      [
        { numeric: { columns: { total: 'double' } } },
        '--numeric rules nothing in column "total" (numeric(10,2)), which becomes DECIMAL(10,2).',
      ],
      [{ enum: { columns: { id: 'dictionary' } } }, '--enum rules nothing in column "id" (integer), which becomes INT32.'],
      [{ infinity: { columns: { m: 'null' } } }, '--infinity rules nothing in column "m" (mood), which becomes STRING.'],
      [{ invalidUtf8: { columns: { m: 'replace' } } }, '--invalid-utf8 rules nothing in column "m" (mood), which becomes STRING.'],
    ];
    for (const [options, message] of cases) {
      const error = await refusal({ table: 't', ...options });
      assert.deepEqual([error.code, error.message], ['USAGE', message]);
    }
    // For all columns together it rules what it can.
    const { columns } = await planExport({ table: 't', device: 'cpu', connection: connectionTo(server), nan: 'null', enum: 'dictionary' });
    assert.deepEqual(
      columns.map(({ policies }) => policies),
      [{}, { numeric: 'string' }, { nan: 'null', infinity: 'error' }, {}, { enum: 'dictionary' }],
    );
  });

  it('follows a policy of its own over the one for all, and plan, manifest and warnings say so', async () => {
    await server.sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int, a numeric(5,2), b numeric(5,2), d date, e date, n numeric, m numeric);
      INSERT INTO t VALUES (1, 'NaN', 1, 'infinity', '2024-01-01', 1.5, 2.5), (2, 2, 2, '-infinity', '2024-01-02', 1e3, 0.125)`);
    const options: ExportOptions = {
      table: 't',
      nan: { columns: { a: 'null' } },
      infinity: { default: 'error', columns: { d: 'saturate' } },
      numeric: { default: 'decimal(10,3)', columns: { n: 'string' } },
    };
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, options);
      const { rows } = await fileRows('duckdb', summary);
      assert.deepEqual(rows, [
        ['1', null, '1.00', '5874897-12-31', '2024-01-01', '1.5', '2.500'],
        ['2', '2.00', '2.00', '4714-11-24 BC', '2024-01-02', '1000', '0.125'],
      ]);
      assert.deepEqual(summary.warnings, [
        '--nan null: NaN becomes NULL in "a" (numeric(5,2)).',
        `--infinity saturate: what is infinite or out of range becomes the type's last or first value in "d" (date).`,
      ]);
      const { tables } = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8')) as Manifest;
      assert.deepEqual(tables.t?.policies, {
        numeric: 'decimal(10,3)',
        nan: 'error',
        infinity: 'error',
        arrays: 'error',
        ranges: 'text',
        enum: 'string',
        invalidUtf8: 'error',
      });
      assert.deepEqual(
        tables.t?.columns.map(({ policies }) => policies),
        [
          {},
          { nan: 'null', infinity: 'error' },
          { nan: 'error', infinity: 'error' },
          { infinity: 'saturate' },
          { infinity: 'error' },
          { numeric: 'string' },
          { numeric: 'decimal(10,3)', nan: 'error', infinity: 'error' },
        ],
      );
    });
    const error = await refusal({ ...options, nan: { default: 'null', columns: { a: 'error' } } });
    assert.match(`${error.message} ${error.hint}`, /column "a" \(numeric\(5,2\)\), row \(0,1\): .*NaN.* --nan a=null/);
  });

  it('names the row of a value that has no place, in whichever of several relations of one batch it lies', async () => {
    await server.sql(`CREATE TABLE parts (k int, d date) PARTITION BY LIST (k);
      ${[1, 2, 3].map((k) => `CREATE TABLE parts_${k} PARTITION OF parts FOR VALUES IN (${k});`).join('')}`);
    for (const [k, line] of [
      [2, 1],
      [2, 3],
      [3, 1],
    ]) {
      await server.sql(`TRUNCATE parts; INSERT INTO parts
        SELECT p, CASE WHEN (p, i) = (${k}, ${line}) THEN 'infinity' ELSE '2026-01-01' END::date FROM generate_series(1, 3) p, generate_series(1, 4) i ORDER BY p, i`);
      const { message } = await refusal({ table: 'parts', jobs: 1, chunks: 1 });
      assert.match(message, new RegExp(`"parts_${k}", column "d" \\(date\\), row \\(0,${line}\\)`));
    }
  });

  it('of an enum is ENUM with a dictionary on request, however many labels are seen once', async () => {
    const labels = Array.from({ length: 3000 }, (_, i) => `label ${String(i).padStart(40, '0')}`);
    await server.sql(`CREATE TYPE many AS ENUM (${labels.map((label) => `'${label}'`).join(', ')});
      DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT row_number() OVER () AS id, l AS a, l AS b FROM unnest(enum_range(NULL::many)) l`);
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 't', enum: { columns: { a: 'dictionary' } } });
      const { schema, rowGroups } = await inspect(summary.files[0]?.path as string);
      assert.deepEqual(
        schema.map(({ logicalType }) => logicalType),
        [undefined, 'ENUM', 'STRING'],
      );
      assert.deepEqual(
        rowGroups.map(({ columns }) => columns.map(({ hasDictionary }) => hasDictionary)),
        [[false, true, false]],
      );
      const wanted = labels.map((label, i) => [String(i + 1), label, label]);
      for (const reader of ['hyparquet', 'duckdb', 'polars'] satisfies Reader[])
        assert.deepEqual((await fileRows(reader, summary)).rows, wanted, reader);
      // pyarrow takes ENUM for bytes.
      const { rows } = await fileRows('pyarrow', summary);
      assert.deepEqual(rows[7]?.[1], `\\x${Buffer.from(labels[7] as string).toString('hex')}`);
    });
  });
});
