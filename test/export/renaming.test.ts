import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ExportOptions, planExport, tableDefinition } from '../../src/index.js';
import type { Manifest } from '../../src/sink/manifest.js';
import { assertSameAsQuery, assertVerified, connectionTo, exportInto, refusalOf, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('columns under other names, or left out', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`
      CREATE TYPE pair AS (x int, y int);
      CREATE TABLE customer (
        "cust id" int PRIMARY KEY, name text NOT NULL, balance numeric, born date, p pair, secret text, UNIQUE (name, "cust id"),
        CONSTRAINT positive CHECK (balance > 0));
      COMMENT ON COLUMN customer.balance IS 'what is owed';
      INSERT INTO customer SELECT i, 'name ' || i, i * 1.25, DATE '2000-01-01' + i, (i, -i)::pair, 's' FROM generate_series(1, 40000) i;
      CREATE TABLE endless (n int, "to the end" date); INSERT INTO endless VALUES (1, 'infinity')`);
  });
  after(() => server.stop());

  const options: ExportOptions = {
    table: 'customer',
    excludeColumns: ['secret'],
    rename: { 'cust id': 'customer_id', balance: 'Balance, net', p: 'q' },
    types: { balance: 'decimal(12,2)' },
    bloomFilters: ['cust id'],
    jobs: 4,
    chunks: 2,
  };

  it('are read by several connections, and every value stands under its new name', async () => {
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, options);
      assert.deepEqual([summary.rows, summary.files.length], [40000, 2]);
      const select =
        'SELECT "cust id" AS customer_id, name, balance::numeric(12,2) AS "Balance, net", born, p AS q FROM customer ORDER BY 1';
      await assertSameAsQuery(server, summary, select);
      await assertVerified(folder, connectionTo(server));
      const { tables } = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8')) as Manifest;
      const entry = tables.customer;
      assert.deepEqual([entry?.request?.rename, entry?.request?.excludeColumns], [options.rename, ['secret']]);
      assert.deepEqual(
        entry?.origin.columns.map(({ name, renamedFrom }) => [name, renamedFrom]),
        [
          ['customer_id', 'cust id'],
          ['name', undefined],
          ['Balance, net', 'balance'],
          ['born', undefined],
          ['q', 'p'],
        ],
      );
    });
  });

  it('are in the plan, and another table of the new names takes the rows, under the same constraints', async () => {
    const plan = await planExport({ device: 'cpu', connection: connectionTo(server), ...options });
    assert.deepEqual(
      plan.columns.map(({ name, source, expression, bloomFilter }) => [name, source, expression, bloomFilter]),
      [
        ['customer_id', 'cust id', '"cust id"', true],
        ['name', undefined, '"name"', undefined],
        ['Balance, net', 'balance', '"balance"', undefined],
        ['born', undefined, '"born"', undefined],
        ['q', 'p', '"p"', undefined],
      ],
    );
    await withFolder(async (folder) => {
      const { files } = await exportInto(server, folder, options);
      const ddl = await tableDefinition(files[0]?.path as string);
      await server.sql('CREATE DATABASE elsewhere');
      const client = await server.client({ database: 'elsewhere' });
      try {
        await client.query(ddl);
        const { rows } = await client.query(`SELECT attname, attnotnull, col_description(attrelid, attnum) AS comment
          FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attnum > 0 ORDER BY attnum`);
        assert.deepEqual(rows.map(Object.values), [
          ['customer_id', 't', null],
          ['name', 't', null],
          ['Balance, net', 'f', 'what is owed'],
          ['born', 'f', null],
          ['q', 'f', null],
        ]);
        const { rows: constraints } = await client.query(
          `SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = 'customer'::regclass AND contype <> 'n' ORDER BY 1`,
        );
        assert.deepEqual(
          constraints.map(({ text }) => text),
          ['CHECK (("Balance, net" > (0)::numeric))', 'PRIMARY KEY (customer_id)', 'UNIQUE (name, customer_id)'],
        );
      } finally {
        await client.end();
      }
    });
  });

  it('may end a clash of letter case, or make one', async () => {
    const warnings = async (own: ExportOptions) => (await planExport({ device: 'cpu', connection: connectionTo(server), ...own })).warnings;
    await server.sql('CREATE TABLE cased (a int, "A" int, b int)');
    assert.equal((await warnings({ table: 'cased' })).length, 1);
    assert.deepEqual(await warnings({ table: 'cased', rename: { A: 'other' } }), []);
    assert.deepEqual(await warnings({ table: 'cased', excludeColumns: ['A'] }), []);
    assert.match((await warnings({ table: 'cased', excludeColumns: ['A'], rename: { a: 'B' } }))[0] ?? '', /"B" and "b"/);
  });

  it('are called by their own names where a value cannot be kept', async () => {
    const error = await refusalOf(server, { table: 'endless', rename: { 'to the end': 'until' } });
    assert.equal(error.code, 'VALUE');
    assert.match(error.message, /column "to the end" \(date\)/);
    assert.match(error.hint ?? '', /--infinity 'to the end'=null/);
  });

  for (const [what, own, code, message, hint] of [
    ['an unknown column', { rename: { balence: 'b' } }, 'NOT_FOUND', /no column "balence", which --rename names/, /Did you mean "balance"/],
    [
      'a name that is there',
      { rename: { balance: 'name' } },
      'USAGE',
      /"balance" into "name": public.customer has a column of that name/,
      /free/,
    ],
    ['a name that is left out', { rename: { name: 'secret' }, excludeColumns: ['secret'] }, 'USAGE', /has a column of that name/, /free/],
    ['one name for two', { rename: { balance: 'x', name: 'x' } }, 'USAGE', /"name" into "x": another column gets that name/, /free/],
    [
      'a column that is left out',
      { rename: { name: 'x' }, columns: ['p'] },
      'USAGE',
      /--rename names column "name", which is left out/,
      /Export it/,
    ],
    ['an unknown column to leave out', { excludeColumns: ['sekret'] }, 'NOT_FOUND', /"sekret", which --exclude-columns names/, /"secret"/],
    ['one both chosen and left out', { columns: ['name', 'p'], excludeColumns: ['p'] }, 'USAGE', /both name "p"/, /out of one/],
    [
      'all left out',
      { columns: ['p'], excludeColumns: ['name', 'balance', 'born', 'secret', 'cust id', 'p'] },
      'USAGE',
      /both name "p"/,
      /one/,
    ],
    [
      'all of a table left out',
      { table: 'endless', excludeColumns: ['n', 'to the end'] },
      'USAGE',
      /leaves no column of public.endless/,
      /fewer/,
    ],
    ['a query', { table: undefined, query: 'SELECT 1 AS a', rename: { a: 'b' } }, 'USAGE', /--rename belong to --table/, /query/],
    ['no name', { rename: { name: '' } }, 'USAGE', /Expected an object of texts by column name for --rename/, undefined],
  ] as const) {
    it(`are refused: ${what}`, async () => {
      const error = await refusalOf(server, { table: 'customer', ...own } as ExportOptions);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      if (hint) assert.match(error.hint ?? '', hint);
    });
  }
});
