import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { assertSameAsQuery, assertVerified, connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { type RandomTable, randomTable, statementsOf, typesOf } from '../support/random-table.js';
import { startServer, type TestServer } from '../support/server.js';
import { limits } from '../support/tables.js';

/** Columns that are compared before the test is done: each has its own type, values and share of NULLs. */
const COLUMNS = 300;
/** `npm run nightly` runs this again and again, with new seeds. */
const TABLES = 50;
/** What a failure printed, to see it again: GPUPARSER_PROPERTY='{ "seed": 1, "path": "2:0", "endOnFailure": true }' */
const again = JSON.parse(process.env.GPUPARSER_PROPERTY ?? '{}') as fc.Parameters<[RandomTable]>;

let server: TestServer;

before(async () => {
  server = await startServer({ settings: { lc_monetary: 'C' } });
  for (const statement of limits(17).statements.slice(0, 2)) await server.sql(statement);
});
after(() => server.stop());

test('random tables of random values arrive as the server writes them, in its order', { timeout: 180_000 }, async (context) => {
  let columns = 0;
  await fc.assert(
    fc.asyncProperty(randomTable, async (table) => {
      const { create, expected } = statementsOf('random_table', table);
      await server.sql(create);
      await withFolder(async (folder) => {
        const { limit: rows, condition: where, policies, options } = table;
        const summary = await exportInto(server, folder, {
          table: 'random_table',
          rows,
          where,
          types: typesOf(table),
          ...policies,
          ...options,
        });
        assert.deepEqual(summary.failed, []);
        await assertVerified(folder, connectionTo(server));
        await assertSameAsQuery(server, summary, expected);
      });
      columns += table.columns.length;
    }),
    { numRuns: TABLES, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: false, includeErrorInReport: true, ...again },
  );
  context.diagnostic(`${columns} columns`);
  if (again.path === undefined) assert.ok(columns >= COLUMNS, `${columns} columns of ${COLUMNS}`);
});
