import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verify } from '../../src/functions.js';
import type { ExportOptions, Verification, VerifyOptions } from '../../src/index.js';
import { type Hash64, HashSum, hashBytes, hashElement, RowHashes } from '../../src/verify/text-hash.js';
import { connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { availableMajors, startServer, type TestServer } from '../support/server.js';
import { limits, lineitem } from '../support/tables.js';

/** Exports, lets the server's rows change, and returns what verify says of both. */
async function compared(
  server: TestServer,
  options: ExportOptions,
  change: string | (() => unknown) = '',
  more: VerifyOptions = {},
): Promise<Verification> {
  return withFolder(async (folder) => {
    await exportInto(server, folder, options);
    if (typeof change === 'string') await server.sql(change);
    else await change();
    return verify(folder, { connection: connectionTo(server), ...more });
  });
}

const messages = ({ tables }: Verification): string[] =>
  tables.flatMap(({ problems, files }) => [...files.flatMap((file) => file.problems), ...problems]).map(({ message }) => message);
const different = ({ tables }: Verification): (string | null)[] =>
  tables.flatMap(({ columns }) => columns.filter(({ status }) => status !== 'same').map(({ column }) => column));

for (const major of availableMajors) {
  it(`finds every type at its limits equal on PostgreSQL ${major}`, async () => {
    const server = await startServer({ major });
    try {
      for (const statement of limits(major).statements) await server.sql(statement);
      const found = await compared(server, { table: 'limits' }, '', { deep: true });
      assert.deepEqual(messages(found), []);
      assert.equal(found.ok, true);
      assert.deepEqual(different(found), []);
      // Every column, the key included, and whole rows; none of them empty.
      assert.equal(found.tables[0]?.columns.length, limits(major).columns.length + 2);
      assert.ok(found.tables[0]?.columns.every(({ files }) => (files?.values ?? 0) > 0));
    } finally {
      await server.stop();
    }
  });
}

describe('verify, against the server', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    for (const table of [lineitem(2500), limits(server.major)]) for (const statement of table.statements) await server.sql(statement);
  });
  after(() => server.stop());

  it('says of views and queries that read otherwise each time what they call, instead of what differs', async () => {
    await server.sql(
      'CREATE VIEW moving AS SELECT i, now() AS at, random() AS r FROM generate_series(1, 3) AS i; CREATE VIEW over_it AS SELECT * FROM moving',
    );
    const text = (calls: string) => [
      `It was not compared with the server: it calls ${calls}, which may give other values at each reading.`,
    ];
    assert.deepEqual(messages(await compared(server, { table: 'over_it' })), text('random, now'));
    assert.deepEqual(messages(await compared(server, { query: 'SELECT CURRENT_TIMESTAMP AS t' })), text('current_timestamp'));
    assert.deepEqual(messages(await compared(server, { query: 'SELECT now() > now() AS never' })), []);
  });

  it('hashes bytes, integers and arrays as PostgreSQL does', async () => {
    const found: Hash64 = { hi: 0, lo: 0 };
    const element: Hash64 = { hi: 0, lo: 0 };
    const text = '東京 0123456789 abcdefghijklmnopqrstuvwxyz';
    for (let length = 0; length <= text.length; length++) {
      const part = text.slice(0, length);
      const bytes = Buffer.from(`.${part}`);
      hashBytes(bytes, 1, bytes.length, found);
      const rows = new RowHashes(1);
      hashElement(found, element);
      rows.add(0, element.hi, element.lo);
      rows.add(0, 0, 0);
      rows.add(0, element.hi, element.lo);
      const sums = [new HashSum(), new HashSum()] as const;
      sums[0].add(found);
      rows.addTo(sums[1]);
      const [row] = await server.sql(
        `SELECT to_hex(h) AS h, to_hex(hashint8extended(hash_array_extended(ARRAY[h, NULL, h], 0), 0)) AS a FROM (SELECT hashtextextended($1 COLLATE "C", 0) AS h) AS v`,
        [part],
      );
      assert.deepEqual(
        sums.map((sum) => sum.text),
        [row?.h?.padStart(16, '0'), row?.a?.padStart(16, '0')],
        part,
      );
    }
  });

  it('finds each kind of change of a row, and names the column first', async () => {
    const at = '(SELECT l_orderkey FROM lineitem OFFSET 700 LIMIT 1)';
    const one = `ctid = (SELECT ctid FROM lineitem OFFSET 700 LIMIT 1)`;
    const cases: [change: string, columns: (string | null)[], message: RegExp][] = [
      [
        "UPDATE lineitem SET l_comment = l_comment || ' ' WHERE $",
        ['l_comment', null],
        /Column "l_comment" \(.*\) differs: both have 2,500 values/,
      ],
      [
        'UPDATE lineitem SET l_quantity = l_quantity + 0.01 WHERE $',
        ['l_quantity', null],
        /Column "l_quantity" \(numeric\(15,2\)\) differs/,
      ],
      ['UPDATE lineitem SET l_shipdate = l_shipdate + 1, l_tax = 0.99 WHERE $', ['l_tax', 'l_shipdate', null], /Column "l_tax"/],
    ];
    for (const [change, columns, message] of cases) {
      await server.sql('CREATE TABLE kept AS TABLE lineitem');
      const found = await compared(server, { table: 'lineitem' }, change.replace('$', one));
      assert.deepEqual(different(found), columns, change);
      assert.match(messages(found)[0] ?? '', message);
      assert.match(found.tables[0]?.problems[0]?.hint ?? '', /If the table changed after the export's snapshot \(20.*LSN/);
      await server.sql('TRUNCATE lineitem; INSERT INTO lineitem TABLE kept; DROP TABLE kept');
    }
    assert.match(
      messages(await compared(server, { table: 'lineitem' }, `DELETE FROM lineitem WHERE ${one}`))[0] ?? '',
      /files hold 2,500 rows, the server 2,499/,
    );
    assert.match(
      messages(await compared(server, { table: 'lineitem' }, `INSERT INTO lineitem SELECT * FROM lineitem WHERE l_orderkey = ${at}`))[0] ??
        '',
      /^The files hold 2,499 rows, the server 2,5\d\d/,
    );
  });

  it('finds duplicates in place of other rows, NULL in place of a value, and values that changed rows', async () => {
    const make = "CREATE TABLE small AS SELECT i AS id, 'v' || i AS v FROM generate_series(1, 1000) i";
    const cases: [change: string, columns: (string | null)[], message: RegExp][] = [
      ['UPDATE small SET v = NULL WHERE id = 500', ['v', null], /the files have 1,000 values that are not NULL, the server 999/],
      ["UPDATE small SET id = 7, v = 'v7' WHERE id = 500", ['id', 'v', null], /Column "id"/],
      ["UPDATE small SET v = '' WHERE id = 500", ['v', null], /both have 1,000 values/],
      ["UPDATE small SET v = CASE id WHEN 7 THEN 'v8' ELSE 'v7' END WHERE id IN (7, 8)", [null], /form other rows/],
      ['CREATE TABLE mixed AS SELECT * FROM small ORDER BY -id; TRUNCATE small; INSERT INTO small TABLE mixed; DROP TABLE mixed', [], /./],
      ['VACUUM FULL small', [], /./],
    ];
    for (const [change, columns, message] of cases) {
      await server.sql(make);
      const found = await compared(server, { table: 'small', chunks: 2 }, async () => {
        for (const statement of change.split('; ')) await server.sql(statement);
      });
      assert.deepEqual(different(found), columns, change);
      assert.equal(found.ok, columns.length === 0);
      if (columns.length > 0) assert.match(messages(found)[0] ?? '', message);
      await server.sql('DROP TABLE small');
    }
  });

  it('asks for the same rows and columns again: conditions, queries, columns, numbers of rows, views and trees', async () => {
    await server.sql(`
      CREATE VIEW seen AS SELECT l_orderkey, l_comment FROM lineitem WHERE l_orderkey % 2 = 0;
      CREATE TABLE parted (id int, v text) PARTITION BY LIST (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
      CREATE TABLE parted_2 PARTITION OF parted DEFAULT; INSERT INTO parted SELECT i % 3, 'v' || i FROM generate_series(1, 300) i;
      CREATE TABLE empty (id int, v text); CREATE TABLE without ()`);
    const requests: ExportOptions[] = [
      { table: 'lineitem', where: "l_shipmode = 'AIR' -- by air", columns: ['l_tax', 'l_comment'] },
      { table: 'lineitem', rows: 1234, chunks: 3 },
      { table: 'lineitem', rows: 10_000_000 },
      { query: 'SELECT l_orderkey, count(*) AS n, array_agg(l_tax) AS taxes FROM lineitem GROUP BY 1 -- grouped' },
      { table: 'seen' },
      { table: 'seen', rows: 1_000_000 },
      { table: 'parted', chunks: 2 },
      { table: 'empty' },
      { table: 'without' },
    ];
    for (const request of requests) {
      const found = await compared(server, request);
      assert.deepEqual(messages(found), [], JSON.stringify(request));
      assert.ok(found.tables[0]?.columns.at(-1)?.status === 'same');
    }
    const any = await compared(server, { table: 'seen', rows: 5 });
    assert.equal(any.ok, false);
    assert.match(messages(any)[0] ?? '', /^It was not compared with the server: --rows 5 took any 5 rows .*a view has no ctid/);
  });

  it('compares what a policy changed on its terms, and says them', async () => {
    await server.sql(`CREATE TABLE odd (n numeric(9,2), u numeric, d date, t timestamp, z timestamptz, o time, i interval)`);
    await server.sql(`INSERT INTO odd VALUES ('NaN', 0, 'infinity', '294270-01-01', 'infinity', '24:00', 'infinity'), (1.5, 1.25, '-infinity', '-infinity', '294250-01-01', '23:00', '-infinity'),
      (2, '1e30', '2020-01-01', '2020-01-01 00:00:00.5', '0001-01-01 00:00:00+00 BC', '00:00', '1 day'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL), (-1, -0.5, '0044-03-15 BC', '0044-03-15 01:02:03.000001 BC', 'now', '1:00', '-1 month')`);
    for (const policies of [
      { nan: 'null', infinity: 'null' },
      { nan: 'null', infinity: 'saturate' },
      { nan: 'null', infinity: 'null', numeric: 'decimal(38,4)' },
      { nan: 'null', infinity: 'saturate', numeric: 'double' },
    ] as const) {
      const found = await compared(server, { table: 'odd', ...policies });
      assert.deepEqual(messages(found), [], JSON.stringify(policies));
      const reasons = Object.fromEntries(found.tables[0]?.columns.map(({ column, reason }) => [column ?? '', reason]) ?? []);
      assert.match(reasons.n ?? '', /NaN counts as NULL \(--nan null\)/);
      assert.match(reasons.t ?? '', /--infinity/);
    }
    const lost = await compared(
      server,
      { table: 'odd', nan: 'null', infinity: 'null', numeric: 'decimal(38,4)' },
      'UPDATE odd SET u = 1.25001 WHERE u = 1.25',
    );
    assert.deepEqual(different(lost), ['u', null]);
  });

  it('compares every form that --type, --enum and --invalid-utf8 give, in any encoding of the server', async () => {
    for (const encoding of ['UTF8', 'LATIN1', 'SQL_ASCII']) {
      const name = `in_${encoding.toLowerCase()}`;
      await server.sql(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
      const client = await server.client({ database: name });
      try {
        await client.query(`CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN padded AS char(6);
          CREATE TABLE forms (n numeric(12,2), u numeric, i int, b bigint, f real, t text, c char(5), p padded, m mood, j jsonb, x bytea, o oid, cash money, a text[]);
          INSERT INTO forms VALUES (1.5, 2.25, 7, 9007199254740993, 0.1, 'größe', 'é', 'ü', 'glad', '{"ä": 1}', '\\x00ff', 4294967295, 12.5, '{ö,NULL}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
        await withFolder(async (folder) => {
          const connection = { ...connectionTo(server), database: name };
          const types = {
            n: 'decimal(18,4)',
            u: 'text',
            i: 'double',
            b: 'double',
            f: 'double',
            c: 'binary',
            p: 'binary',
            t: 'binary',
            o: 'bigint',
            cash: 'decimal(20,3)',
          };
          const requests: ExportOptions[] = [
            {},
            { types },
            { types: { b: 'decimal(19,0)', i: 'text', j: 'binary', m: 'binary', x: 'binary' }, enum: 'dictionary' },
          ];
          for (const request of requests) {
            await exportInto(server, folder, { table: 'forms', connection, overwrite: true, ...request });
            const found = await verify(folder, { connection, deep: true });
            assert.deepEqual([messages(found), different(found)], [[], []], `${encoding} ${JSON.stringify(request)}`);
          }
          if (encoding !== 'SQL_ASCII') return;
          await exportInto(server, folder, { table: 'forms', connection, overwrite: true, invalidUtf8: 'replace' });
          const found = await verify(folder, { connection });
          assert.deepEqual([found.ok, messages(found), different(found)], [true, [], []]);
          assert.match(found.tables[0]?.columns.find(({ column }) => column === 't')?.reason ?? '', /--invalid-utf8 replace/);
        });
      } finally {
        await client.end();
      }
    }
  });

  it('compares numbers at the limits of double on its terms', async () => {
    await server.sql(`CREATE TABLE doubles AS SELECT v::numeric AS v FROM unnest(ARRAY['1e308', '1.7976931348623157e308', '-1e400', '1e400', '1e-320', '2.4703282292062327e-324',
      '2.4703282292062328e-324', '-1e-400', '0', 'NaN', '0.1', '123456789012345678901234567890', 'Infinity', '-Infinity', NULL]) AS v`);
    for (const infinity of ['null', 'saturate'] as const)
      assert.deepEqual(messages(await compared(server, { table: 'doubles', numeric: 'double', infinity })), [], infinity);
  });

  it('says why a table cannot be compared, and that is no success', async () => {
    const cases: [change: string, message: RegExp][] = [
      ['ALTER TABLE gone RENAME TO elsewhere', /not compared with the server: .*gone/],
      ['ALTER TABLE gone ALTER COLUMN v TYPE varchar(20)', /column "v" is character varying\(20\) on the server, the manifest says text/],
      ['ALTER TABLE gone DROP COLUMN v', /column "v" is no longer on the server/],
      ['ALTER TABLE gone ADD COLUMN w int', /column "w" is on the server and not in the manifest/],
    ];
    for (const [change, message] of cases) {
      await server.sql("CREATE TABLE gone AS SELECT 1 AS id, 'x' AS v");
      const found = await compared(server, { table: 'gone' }, change);
      assert.equal(found.ok, false);
      assert.match(messages(found).join('\n'), message);
      await server.sql('DROP TABLE IF EXISTS gone, elsewhere');
    }
  });

  it('leaves the comparison when it is interrupted, and no query behind', async () => {
    await withFolder(async (folder) => {
      await server.sql('CREATE VIEW slow AS SELECT l_orderkey, pg_sleep(0.02) IS NULL AS v FROM lineitem LIMIT 40');
      await exportInto(server, folder, { table: 'slow' });
      await server.sql('CREATE OR REPLACE VIEW slow AS SELECT l_orderkey, pg_sleep(60) IS NULL AS v FROM lineitem LIMIT 40');
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 700);
      await assert.rejects(verify(folder, { connection: connectionTo(server) }, { signal: abort.signal }), { code: 'INTERRUPTED' });
      assert.equal(
        await server.value(
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%hashtextextended%' AND state = 'active' AND pid <> pg_backend_pid()",
        ),
        '0',
      );
    });
  });

  it('names types alike whatever the session quotes', async () => {
    await server.sql(`CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE moods AS SELECT 1 AS id, 'glad'::mood AS m, 'x'::varchar(3) AS v`);
    const quoted = `ALTER DATABASE postgres SET quote_all_identifiers = on`;
    const found = await compared(server, { table: 'moods' }, quoted).finally(() => server.sql('ALTER DATABASE postgres RESET ALL'));
    assert.deepEqual(messages(found), []);
    assert.equal(found.ok, true);
  });

  it('compares 1,600 columns', async () => {
    const columns = Array.from({ length: 1600 }, (_, i) => `c${i} int`);
    await server.sql(`CREATE TABLE wide (${columns.join(', ')})`);
    await server.sql(`INSERT INTO wide SELECT ${columns.map((_, i) => `i * ${i}`).join(', ')} FROM generate_series(1, 20) i`);
    assert.deepEqual(messages(await compared(server, { table: 'wide' }, '', { deep: true })), []);
    assert.deepEqual(different(await compared(server, { table: 'wide' }, 'UPDATE wide SET c1599 = -1 WHERE c1 = 20')), ['c1599', null]);
  });

  it('refuses a server that cannot be reached as any command does', async () => {
    await assert.rejects(compared(server, { table: 'limits' }, '', { connection: { host: '127.0.0.1', port: 1 } }), { code: 'CONNECT' });
  });
});
