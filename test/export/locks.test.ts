import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('the locks of an export', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ settings: { log_statement: 'all', max_locks_per_transaction: 256 } });
  });
  after(() => server.stop());

  /** The partitions that each LOCK TABLE of the data connections named. The table has a row in each. */
  async function locked(table: string, partitions: number): Promise<string[][]> {
    const parts = Array.from({ length: partitions }, (_, i) => `CREATE TABLE ${table}_${i} PARTITION OF ${table} FOR VALUES IN (${i});`);
    await server.sql(`CREATE TABLE ${table} (id int) PARTITION BY LIST (id); ${parts.join(' ')}
      INSERT INTO ${table} SELECT generate_series(0, ${partitions - 1}); ANALYZE ${table}`);
    await withFolder(async (folder) => {
      const { rows, files } = await exportInto(server, folder, { table, jobs: 2, chunks: 3 });
      assert.deepEqual([rows, files.length], [partitions, 3]);
    });
    const names = new RegExp(`${table}_\\d+`, 'g');
    const statements = (await server.log()).match(new RegExp(`LOCK TABLE ONLY "public"."${table}_.* NOWAIT`, 'g')) ?? [];
    return statements.map((statement) => statement.match(names) ?? []);
  }

  it('are all taken once by each connection, before anything is read', async () => {
    assert.deepEqual(
      (await locked('few', 12)).map(({ length }) => length),
      [12, 12],
    );
  });

  it('are taken one by one in a tree of more relations than every connection may lock', async () => {
    const taken = await locked('many', 210);
    assert.ok(
      taken.every(({ length }) => length === 1),
      taken.map(({ length }) => length).join(' '),
    );
    assert.equal(new Set(taken.flat()).size, 210);
  });
});
