import { after, before, test } from 'node:test';
import { assertSameAsServer, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';
import { customer, limits } from '../support/tables.js';

let server: TestServer;

before(async () => {
  server = await startServer({ settings: { lc_monetary: 'C' } });
});
after(() => server.stop());

test('every type at its limits arrives as the server writes it, in three readers', async () => {
  const table = limits(17);
  for (const statement of table.statements) await server.sql(statement);
  await withFolder(async (folder) => {
    const summary = await exportInto(server, folder, { table: 'limits' });
    await assertSameAsServer(server, summary, 'limits', { from: 'limits ORDER BY id' });
  });
});

for (const compression of ['snappy', 'zstd', 'lz4', 'none'] as const) {
  test(`twenty thousand customers arrive unchanged with ${compression}`, async () => {
    const table = customer(20_000);
    await server.sql('DROP TABLE IF EXISTS customer');
    for (const statement of table.statements) await server.sql(statement);
    await withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 'customer', compression, gpus: 2 });
      await assertSameAsServer(server, summary, 'customer', { from: 'customer ORDER BY ctid' });
    });
  });
}
