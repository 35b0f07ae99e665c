import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertSameAsServer, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('a server with few connections to spare', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ settings: { max_connections: 8 } });
    await server.sql(`CREATE TABLE t AS SELECT i AS id, repeat('x', 400) AS pad FROM generate_series(1, 20000) i`);
  });
  after(() => server.stop());

  it('is read by as many workers as it has connections for, and every chunk is written', () =>
    withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { table: 't', gpus: 9 });
      assert.equal(summary.files.length, 9);
      await assertSameAsServer(server, summary, 't', { from: 't ORDER BY ctid' });
      const [, few] = /^Reading with (\d+) of 9 connections: the server has no more free/.exec(summary.warnings.join('\n')) ?? [];
      assert.ok(Number(few) >= 1 && Number(few) < 9, summary.warnings.join('\n'));
    }));
});
