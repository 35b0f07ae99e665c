import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { assertVerified, connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

const LEAVES = 250;
const INDEXES = 8;

describe('a tree with more relations and indexes than the server has room for locks', { timeout: 240_000 }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ settings: { max_locks_per_transaction: 10, max_connections: 40, max_wal_senders: 0 } });
    await server.sql('CREATE TABLE t (k int, a int, b text) PARTITION BY LIST (k)');
    for (let first = 0; first < LEAVES; first += 5) {
      const made = Array.from({ length: 5 }, (_, i) => {
        const indexes = Array.from({ length: INDEXES }, (_, at) => `CREATE INDEX ON t_${first + i} ((a + ${at}))`);
        return [`CREATE TABLE t_${first + i} PARTITION OF t FOR VALUES IN (${first + i})`, ...indexes].join('; ');
      });
      await server.sql(made.join('; '));
    }
    for (let first = 0; first < LEAVES; first += 20)
      await server.sql(
        `INSERT INTO t SELECT k, k * i, md5(i::text) FROM generate_series(${first}, ${Math.min(first + 20, LEAVES) - 1}) k, generate_series(1, 40) i`,
      );
  });
  after(() => server?.stop());

  it('cannot be planned as a whole, as these tests need it', async () => {
    await assert.rejects(server.sql('EXPLAIN SELECT * FROM t'), /out of shared memory/);
  });

  it('is exported as the server has it, and verified', () =>
    withFolder(async (folder) => {
      const { rows } = await exportInto(server, folder, { table: 't', jobs: 4, chunks: 3 });
      assert.equal(rows, LEAVES * 40);
      await assertVerified(folder, connectionTo(server));
    }));

  it('is counted and cut where a number of rows is asked for, with a condition', () =>
    withFolder(async (folder) => {
      const { rows } = await exportInto(server, folder, { table: 't', jobs: 3, chunks: 4, rows: 5000, where: 'a % 2 = 0' });
      assert.equal(rows, 5000);
      await assertVerified(folder, connectionTo(server));
    }));

  it('leaves others room for locks of their own', () =>
    withFolder(async (folder) => {
      const exported = exportInto(server, folder, { table: 't', jobs: 4, chunks: 8 });
      let done = false;
      exported.finally(() => (done = true)).catch(() => undefined);
      let rounds = 0;
      while (!done) {
        // 90 locks at a time.
        const names = Array.from({ length: 10 }, (_, i) => `t_${(rounds * 10 + i) % LEAVES}`);
        await server.sql(names.map((name) => `SELECT count(*) FROM ${name} WHERE a = 1`).join('; '));
        rounds++;
      }
      assert.equal((await exported).rows, LEAVES * 40);
      assert.ok(rounds > 0);
    }));
});
