import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type ExportEvent, exportTable, planExport } from '../../src/index.js';
import { connectionTo, withFolder } from '../support/exporting.js';
import { kill, processes, until } from '../support/ray.js';
import { startServer, type TestServer } from '../support/server.js';

describe("the caller's signal", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 100) i');
  });
  after(() => server.stop());

  it('may serve any number of exports: none keeps listening', () =>
    withFolder(async (output) => {
      const { signal } = new AbortController();
      const options = { table: 't', device: 'cpu', output, overwrite: true, connection: connectionTo(server) } as const;
      await exportTable(options, { signal });
      await planExport(options, { signal });
      await assert.rejects(exportTable({ ...options, table: 'missing' }, { signal }), { code: 'NOT_FOUND' });
      await assert.rejects(planExport({ ...options, connection: { host: '127.0.0.1', port: 1, user: 'x' } }, { signal }), {
        code: 'CONNECT',
      });
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    }));

  it('ends planning, before it began and while it waits for a lock', async () => {
    const options = { table: 't', connection: connectionTo(server) };
    await assert.rejects(planExport(options, { signal: AbortSignal.abort() }), { code: 'INTERRUPTED' });
    const other = await server.client();
    await other.query('BEGIN; LOCK TABLE t');
    const started = performance.now();
    await assert.rejects(planExport(options, { signal: AbortSignal.timeout(1000) }), { code: 'INTERRUPTED' });
    assert.ok(performance.now() - started < 10_000);
    await other.end();
  });

  it('is as good as given when the listener throws, whose error the export then ends with', async () => {
    await server.sql('CREATE TABLE many AS SELECT i AS id FROM generate_series(1, 300000) i');
    for (const type of ['planned', 'progress', 'chunk']) {
      await withFolder(async (output) => {
        const options = { table: 'many', device: 'cpu', output, chunks: 3, jobs: 1, connection: connectionTo(server) } as const;
        const failure = new Error(`no ${type}`);
        const onEvent = (event: ExportEvent) => {
          if (event.type === type) throw failure;
        };
        await assert.rejects(exportTable(options, { onEvent }), failure);
        assert.deepEqual(
          (await readdir(output)).filter((name) => !/^(_manifest\.json|many_chunk_\d\.parquet)$/.test(name)),
          [],
        );
        const others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gpuparser' AND state <> 'idle'";
        assert.equal(await server.value(others), '0');
      });
    }
  });

  it('ends what the server runs for a worker that does not answer any more', () =>
    withFolder(async (output) => {
      const abort = new AbortController();
      const query = 'SELECT 1 AS id FROM pg_sleep(600)';
      const run = exportTable({ query, device: 'cpu', output, connection: connectionTo(server) }, { signal: abort.signal });
      const running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep(600)%' AND state = 'active'";
      await until(async () => (await server.value(running)) === '1', 15_000, 'the query to run');
      const worker = processes().find(({ parent, title }) => parent === process.pid && title.startsWith('gpuparser worker'));
      kill(worker?.pid as number, 'SIGSTOP');
      abort.abort();
      await assert.rejects(run, { code: 'INTERRUPTED' });
      await until(async () => (await server.value(running)) === '0', 15_000, 'the query to end');
    }));

  it('ends connecting to what never answers', () =>
    withFolder(async (output) => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const connection = { ...connectionTo(server), host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
      const started = performance.now();
      const signal = AbortSignal.timeout(1000);
      await assert.rejects(exportTable({ table: 't', device: 'cpu', output, connection }, { signal }), { code: 'INTERRUPTED' });
      await assert.rejects(planExport({ table: 't', connection }, { signal }), { code: 'INTERRUPTED' });
      assert.ok(performance.now() - started < 10_000);
      assert.deepEqual(await readdir(output), []);
      for (const socket of sockets) socket.destroy();
      silent.close();
    }));
});
