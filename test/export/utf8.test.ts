import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ExportOptions, ExportSummary } from '../../src/index.js';
import { shownBytes } from '../../src/source/copy/locate-text.js';
import { assertVerified, connectionTo, exportInto, fileRows, refusalOf, withFolder } from '../support/exporting.js';
import type { Reader } from '../support/readers.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

const READERS: readonly Reader[] = ['hyparquet', 'duckdb', 'pyarrow'];

/** Bytes that a SQL_ASCII database takes for text, and what the standard decoder of browsers makes of them. */
const SAMPLES = ['6162', '636166e9', 'c3a9', 'e282', 'e28228', 'c0af', 'eda080', 'f0908080', 'f09f9880ff', 'fe'.repeat(50), '']
  .map((hex) => Buffer.from(hex, 'hex'))
  .map((bytes) => ({ bytes, text: new TextDecoder().decode(bytes) }));

describe('text that is not UTF-8', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ initdbArgs: ['--encoding=SQL_ASCII', '--locale=C'] });
  });
  after(() => server.stop());

  const refusal = (options: ExportOptions) => refusalOf(server, options);
  async function withExport(options: ExportOptions, use: (summary: ExportSummary) => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      await use(await exportInto(server, folder, options));
      if (options.query !== undefined) return;
      await assertVerified(folder, options.connection ?? connectionTo(server));
    });
  }
  /** SQL for a text of these bytes. */
  const raw = (bytes: Buffer) => `convert_from('\\x${bytes.toString('hex')}'::bytea, 'SQL_ASCII')`;

  const TYPES: readonly (readonly [type: string, sql: (text: string) => string, wrap: (text: string) => string])[] = [
    ['text', (text) => text, (text) => text],
    ['varchar(60)', (text) => text, (text) => text],
    ['char(60)', (text) => text, (text) => text],
    ['name', (text) => `${text}::name`, (text) => text],
    ['json', (text) => `('"' || ${text} || '"')::json`, (text) => `"${text}"`],
    ['jsonb', (text) => `jsonb_build_array(${text})`, (text) => `["${text}"]`],
    ['text[]', (text) => `ARRAY['', ${text}]`, (text) => `{"",${text === '' ? '""' : text}}`],
    ['xml', (text) => `('<a>' || ${text} || '</a>')::xml`, (text) => `<a>${text}</a>`],
  ];

  for (const [type, sql, wrap] of TYPES) {
    it(`is an error with its row by default, and obeys the flag: ${type}`, async () => {
      // A SQL_ASCII server reads JSON and XML by their bytes; what its parsers refuse is no value of the type.
      const values = SAMPLES.filter(({ bytes }) => type !== 'xml' || !bytes.some((byte) => byte >= 0x80));
      await server.sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, c ${type})`);
      for (const [i, { bytes }] of values.entries()) await server.sql(`INSERT INTO t VALUES (${i}, ${sql(raw(bytes))})`);
      await server.sql(`INSERT INTO t VALUES (100, NULL)`);
      const bad = values.findIndex(({ bytes, text }) => !Buffer.from(text).equals(bytes));
      if (bad >= 0) {
        const error = await refusal({ table: 't' });
        assert.equal(error.code, 'VALUE');
        const [row] = await server.sql(`SELECT ctid FROM t WHERE id = ${bad}`);
        assert.ok(error.message.startsWith(`"public"."t", column "c" (`), error.message);
        assert.ok(error.message.includes(`, row ${row?.ctid}, "id" = ${bad}: "`), error.message);
        assert.match(error.message, /caf\\xe9.*" is not UTF-8\.$/);
        assert.match(
          error.hint ?? '',
          /^Use --invalid-utf8 replace or --invalid-utf8 binary \(for this column alone: --invalid-utf8 c=binary\)\.$/,
        );
      }
      const pad = (text: string, bytes: Buffer) => (type.startsWith('char(') ? text + ' '.repeat(60 - bytes.length) : text);
      await withExport({ table: 't', invalidUtf8: 'replace' }, async (summary) => {
        const wanted = [...values.map(({ text, bytes }) => pad(wrap(text), bytes)), null];
        for (const reader of READERS) {
          const { rows } = await fileRows(reader, summary);
          assert.deepEqual(
            rows.map(([, value]) => value),
            wanted,
            reader,
          );
        }
        assert.ok(summary.warnings.some((text) => text.startsWith('--invalid-utf8 replace: what is not UTF-8 becomes U+FFFD in "c" (')));
      });
      await withExport({ table: 't', invalidUtf8: { columns: { c: 'binary' } } }, async (summary) => {
        const parts = wrap('\0').split('\0');
        const [head, tail] = [Buffer.from(parts[0] as string), Buffer.from(parts[1] as string)];
        const binary = (bytes: Buffer) => {
          const body = Buffer.concat([head, type === 'text[]' && bytes.length === 0 ? Buffer.from('""') : bytes, tail]);
          return `\\x${(type.startsWith('char(') ? Buffer.concat([body, Buffer.alloc(60 - bytes.length, ' ')]) : body).toString('hex')}`;
        };
        for (const reader of READERS) {
          const { rows } = await fileRows(reader, summary);
          assert.deepEqual(
            rows.map(([, value]) => value),
            [...values.map(({ bytes }) => binary(bytes)), null],
            reader,
          );
        }
      });
    });
  }

  it('is found among many rows, in the second column that has some, with its key however that is spelled', async () => {
    await server.sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (a text, b text, "the key" text PRIMARY KEY, c text);
      INSERT INTO t SELECT 'a' || i, 'b' || i, 'k' || i, 'c' || i FROM generate_series(1, 60000) i;
      UPDATE t SET b = ${raw(Buffer.from('78ff79', 'hex'))}, "the key" = ${raw(Buffer.from('6be9', 'hex'))} WHERE a = 'a41234'`);
    const ctid = await server.value(`SELECT ctid FROM t WHERE a = 'a41234'`);
    const error = await refusal({ table: 't', jobs: 3 });
    assert.equal(error.message, `"public"."t", column "b" (text), row ${ctid}, "the key" = k\ufffd: "x\\xffy" is not UTF-8.`);
  });

  it('is named with its partition, and with its place in a view, a query and a part of the rows', async () => {
    await server.sql(`DROP TABLE IF EXISTS p CASCADE; CREATE TABLE p (id int, c text) PARTITION BY LIST (id);
      CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
      INSERT INTO p SELECT 1 + i % 2, 'x' FROM generate_series(1, 600) i; INSERT INTO p VALUES (2, ${raw(Buffer.from('ff', 'hex'))});
      CREATE VIEW v AS SELECT * FROM p`);
    const ctid = await server.value(`SELECT ctid FROM p2 WHERE c <> 'x'`);
    assert.equal((await refusal({ table: 'p' })).message, `"public"."p2", column "c" (text), row ${ctid}: "\\xff" is not UTF-8.`);
    assert.equal((await refusal({ table: 'v' })).message, `"public"."v", column "c" (text), row 601: "\\xff" is not UTF-8.`);
    const query = await refusal({ query: 'SELECT c AS "odd name" FROM p WHERE id = 2', rows: 400 });
    assert.equal(query.message, 'query, column "odd name" (text), row 301: "\\xff" is not UTF-8.');
    assert.match(query.hint ?? '', /--invalid-utf8 'odd name'=binary/);
    await withExport({ table: 'p', where: `c = 'x'` }, async ({ rows }) => assert.equal(rows, 600));
  });

  it('is said to be there when no second look is possible', async () => {
    await server.sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (c text); INSERT INTO t VALUES (${raw(Buffer.from('ff', 'hex'))});
      DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN; GRANT SELECT ON t TO plain; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC`);
    const { host, port, database } = server;
    const error = await refusal({ table: 't', connection: { host, port, database, user: 'plain' } });
    await server.sql('GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC');
    assert.match(error.message, /^"public"\."t": the server could not send a text: .*0xff\.$/);
    assert.match(error.hint ?? '', /--invalid-utf8 replace or --invalid-utf8 binary\.$/);
  });

  it('may be a "char" in any database', async () => {
    await server.sql(
      `DROP TABLE IF EXISTS t; CREATE TABLE t (id int, c "char"); INSERT INTO t VALUES (1, 'a'), (2, ''), (3, NULL), (4, (-56)::int::"char")`,
    );
    const error = await refusal({ table: 't' });
    assert.match(
      `${error.message} ${error.hint}`,
      /column "c" \("char"\), row \(0,4\): .*200.* Use --invalid-utf8 replace or --invalid-utf8 binary/,
    );
    const cases = [
      ['replace', ['a', '', null, '\ufffd']],
      ['binary', ['\\x61', '\\x', null, '\\xc8']],
    ] as const;
    for (const [invalidUtf8, wanted] of cases) {
      await withExport({ table: 't', invalidUtf8 }, async (summary) => {
        for (const reader of READERS) {
          const { rows } = await fileRows(reader, summary);
          assert.deepEqual(
            rows.map(([, value]) => value),
            wanted,
            reader,
          );
        }
      });
    }
  });

  it('is a character without an equivalent in a database of another encoding', async () => {
    await server.sql(`CREATE DATABASE windows ENCODING 'WIN1252' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
    const client = await server.client({ database: 'windows' });
    await client.query(
      `CREATE TABLE t (id int PRIMARY KEY, c text, d text); INSERT INTO t VALUES (1, 'é', '€'), (2, convert_from('\\x4181'::bytea, 'WIN1252'), 'ß')`,
    );
    await client.end();
    const { host, port, user } = server;
    const connection = { host, port, user, database: 'windows' };
    const error = await refusal({ table: 't', connection });
    assert.equal(
      error.message,
      `"public"."t", column "c" (text), row (0,2), "id" = 2: "A\\x81" has a character without an equivalent in UTF-8.`,
    );
    assert.equal(error.hint, 'Use --invalid-utf8 binary (for this column alone: --invalid-utf8 c=binary).');
    await withExport({ table: 't', connection, invalidUtf8: { columns: { c: 'binary' } } }, async (summary) => {
      assert.deepEqual((await fileRows('duckdb', summary)).rows, [
        ['1', '\\xe9', '€'],
        ['2', '\\x4181', 'ß'],
      ]);
    });
    const replace = await refusal({ table: 't', connection, invalidUtf8: 'replace' });
    assert.match(
      `${replace.code} ${replace.message} ${replace.hint}`,
      /USAGE --invalid-utf8 replace is for SQL_ASCII databases, .*WIN1252.*binary/,
    );
  });

  it('is no matter in an hstore, whose binary form is wrong where the server converts it', async () => {
    await server.sql(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
    const client = await server.client({ database: 'latin' });
    await client.query(`CREATE EXTENSION hstore; CREATE TYPE holder AS (h hstore, n int); CREATE TABLE t (id int, h hstore, l hstore[], c holder);
      INSERT INTO t VALUES (1, 'é=>ß', ARRAY['a=>ü'::hstore, NULL], ROW('ö=>NULL', 1)), (2, NULL, NULL, NULL)`);
    await client.end();
    const connection = { ...connectionTo(server), database: 'latin' };
    await withExport({ table: 't', connection }, async (summary) => {
      const { rows } = await queryDuckDB(`SELECT h, l[1], l[2], c FROM '${summary.files[0]?.path}' WHERE id = 1`);
      assert.deepEqual(rows, [['"é"=>"ß"', '"a"=>"ü"', null, '("""ö""=>NULL",1)']]);
      const text = summary.warnings.join('\n');
      for (const column of ['h', 'l', 'c']) assert.ok(text.includes(`"${column}" (`), text);
    });
  });

  it('is shown in messages byte by byte, and shortened', () => {
    assert.equal(shownBytes(Buffer.from('caf\xe9 \n\\', 'latin1')), 'caf\\xe9 \\x0a\\x5c');
    assert.equal(shownBytes(Buffer.from('grüße 😀')), 'grüße 😀');
    assert.equal(shownBytes(Buffer.from('x'.repeat(100))), `${'x'.repeat(40)}...`);
    assert.equal(shownBytes(Buffer.from('e2', 'hex')), '\\xe2');
  });
});
