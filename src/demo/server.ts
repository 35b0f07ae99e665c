import { chown, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import { type Account, run, unprivilegedAccount } from './account.js';
import { initialize, runnable } from './data-folder.js';
import { Guardian } from './guardian.js';
import { killAll, ready } from './postmaster.js';
import { defaultMajor, serverBinaries } from './server-binaries.js';

export interface ServerOptions {
  /** PostgreSQL's major version, one of `availableMajors`. Default 17. */
  readonly major?: number;
  /** Folder with `bin/postgres` of a server of that major that is installed already. Default: one from npm. */
  readonly binaries?: string;
  /** Lines for postgresql.conf, over the fast-start defaults. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Lines of pg_hba.conf. Default: trust everybody. The superuser `postgres` is always trusted over the Unix socket. */
  readonly hba?: readonly string[];
  /** PEM texts of the server's certificate and key, and the CA for clients' certificates. */
  readonly ssl?: { readonly cert: string; readonly key: string; readonly ca?: string };
  readonly initdbArgs?: readonly string[];
  /** A data folder that initdb has made, to copy instead of running it again. */
  readonly template?: string;
}

/** A running PostgreSQL of our own in a temporary folder; nothing of it outlives this process, however that ends. */
export interface Server {
  readonly major: number;
  /** Folder of the Unix socket. */
  readonly host: string;
  /** Of the Unix socket and of TCP on 127.0.0.1. */
  readonly port: number;
  /** The superuser's name; it needs no password over the Unix socket. */
  readonly user: string;
  readonly database: string;
  readonly dataDir: string;
  /** The postmaster's process id. */
  readonly pid: number;
  /** The server's log so far. */
  log(): Promise<string>;
  /** Stops the server without ceremony and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster and all its backends, as a crash or the OOM killer would. The folder stays until stop(). */
  kill(): Promise<void>;
}

/** A server that is torn down in any case needs neither durable files nor room for old ones. */
const fastStart = {
  fsync: false,
  synchronous_commit: false,
  full_page_writes: false,
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '1GB',
  shared_buffers: '128MB',
  autovacuum: false,
  listen_addresses: '127.0.0.1',
};

/**
 * Starts a server. Takes about a second; the first time for a major also downloads it.
 * @throws GpuParserError NOT_FOUND when the binaries cannot be had, SERVER when it does not start (with its log).
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const major = options.major ?? defaultMajor;
  const account = unprivilegedAccount();
  // sun_path holds 107 characters, so a deep TMPDIR cannot hold the socket.
  const folder = await mkdtemp(path.join(tmpdir().length < 70 ? tmpdir() : '/tmp', 'gpuparser-pg-'));
  if (account) await chown(folder, account.uid, account.gid);
  const guardian = new Guardian(folder, account);
  try {
    const binaries = await runnable(options.binaries ?? (await serverBinaries(major)), folder, account);
    const dataDir = path.join(folder, 'data');
    if (options.template === undefined) await initialize(binaries, dataDir, options.initdbArgs ?? [], account);
    else await run('cp', ['-a', '--reflink=auto', options.template, dataDir], undefined);
    await configure(dataDir, folder, options, account);
    return await launch(major, path.join(binaries, 'bin', 'postgres'), folder, guardian);
  } catch (error) {
    await guardian.stop();
    throw error;
  }
}

async function configure(dataDir: string, folder: string, options: ServerOptions, account: Account | undefined): Promise<void> {
  const write = async (name: string, text: string) => {
    const file = path.join(dataDir, name);
    await writeFile(file, text, { mode: 0o600 });
    if (account) await chown(file, account.uid, account.gid);
  };
  const settings: Record<string, string | number | boolean> = { ...fastStart, unix_socket_directories: folder };
  if (options.ssl) {
    await write('server.crt', options.ssl.cert);
    await write('server.key', options.ssl.key);
    settings.ssl = true;
    if (options.ssl.ca) {
      await write('root.crt', options.ssl.ca);
      settings.ssl_ca_file = 'root.crt';
    }
  }
  Object.assign(settings, options.settings);
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  await write('postgresql.auto.conf', lines.join(''));
  const hba = options.hba ?? ['local all all trust', 'host all all all trust'];
  await write('pg_hba.conf', ['local all postgres trust', ...hba, ''].join('\n'));
}

async function launch(major: number, binary: string, folder: string, guardian: Guardian): Promise<Server> {
  const dataDir = path.join(folder, 'data');
  const log = () => readFile(path.join(folder, 'log'), 'utf8');
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const pid = await guardian.start(binary, port);
    if (await ready(dataDir, pid)) {
      guardian.unref();
      const stop = () => guardian.stop();
      return { major, host: folder, port, user: 'postgres', database: 'postgres', dataDir, pid, log, stop, kill: () => killAll(pid) };
    }
    const text = await log();
    // Somebody else may have taken the port meanwhile.
    if (text.includes('Address already in use') && attempt < 5) continue;
    throw new GpuParserError('SERVER', `The PostgreSQL ${major} server did not start.`, { detail: text.trim() });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
