import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { ConnectionConfig } from '../../src/config/connection.js';
import { watchCoordinator } from '../../src/run/watch.js';

test('a look for the coordinator that has to wait is given up, and no second one waits beside it', async () => {
  const open = new Set<Socket>();
  let most = 0;
  let looks = 0;
  // A pooler without room: it takes a connection and says nothing.
  const silent = createServer((socket) => {
    open.add(socket);
    most = Math.max(most, open.size);
    looks++;
    socket
      .on('error', () => undefined)
      .on('close', () => open.delete(socket))
      .resume();
    if (looks === 2) seen();
  });
  let seen = () => {};
  const second = new Promise<void>((resolve) => {
    seen = resolve;
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const config: ConnectionConfig = {
    host: '127.0.0.1',
    port: (silent.address() as { port: number }).port,
    user: 'postgres',
    database: 'postgres',
    applicationName: 'gpuparser test',
    connectTimeoutMs: 0,
    ssl: { mode: 'disable' },
    channelBinding: 'prefer',
  };
  const stop = watchCoordinator(
    config,
    { pid: 1, startedAt: '', pollMs: 10 },
    () => assert.fail('a server that cannot be asked proves nothing'),
    100,
  );
  await second;
  stop();
  silent.close();
  for (const socket of open) socket.destroy();
  assert.equal(most, 1);
});
