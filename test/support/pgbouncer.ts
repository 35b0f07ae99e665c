import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unprivilegedAccount } from '../../src/demo/account.js';
import type { TestServer } from './server.js';

export interface Pool {
  readonly mode: 'session' | 'transaction';
  readonly size: number;
}

/** A running PgBouncer; a pool's name is the database to connect to. */
export interface Pooler {
  /** Folder of the Unix socket. */
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Ends PgBouncer and removes its folder when our end of its standard input closes, also because this process died. */
const KEEPER = 'pgbouncer -q "$1/pgbouncer.ini" >>"$1/log" 2>&1 & pooler=$!; read -r _; kill $pooler; wait $pooler; rm -rf "$1"';

/** Starts a real PgBouncer before a server, with a pool for each name; roles come in without a password. */
export async function startPooler(server: TestServer, pools: Readonly<Record<string, Pool>>, roles: readonly string[]): Promise<Pooler> {
  const account = unprivilegedAccount();
  const host = await mkdtemp(join(tmpdir(), 'gpuparser-pooler-'));
  const port = await freePort();
  const log = join(host, 'log');
  const target = `host=${server.host} port=${server.port} dbname=${server.database}`;
  const lines = [
    '[databases]',
    ...Object.entries(pools).map(([name, { mode, size }]) => `${name} = ${target} pool_mode=${mode} pool_size=${size}`),
    '[pgbouncer]',
    'listen_addr =',
    `listen_port = ${port}`,
    `unix_socket_dir = ${host}`,
    'auth_type = trust',
    `auth_file = ${join(host, 'users')}`,
    'query_wait_timeout = 0', // for ever
  ];
  await writeFile(join(host, 'pgbouncer.ini'), `${lines.join('\n')}\n`);
  await writeFile(join(host, 'users'), roles.map((role) => `"${role}" ""\n`).join(''));
  await writeFile(log, '');
  if (account) for (const file of [host, log]) await chown(file, account.uid, account.gid);
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', host], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    ...account,
  });
  const ended = once(keeper, 'close');
  const stop = async () => {
    keeper.stdin.end();
    await ended;
  };
  while (!(await answers(join(host, `.s.PGSQL.${port}`)))) {
    const said = await readFile(log, 'utf8');
    if (keeper.exitCode === null && !/FATAL|not found/.test(said)) continue;
    await stop();
    throw new Error(`PgBouncer did not start: ${said}`);
  }
  return { host, port, stop };
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!connected) await new Promise((resolve) => setTimeout(resolve, 20));
  return connected;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
