import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chown, cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GpuParserError } from '../errors.js';
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
    await initialize(binaries, dataDir, options.initdbArgs ?? [], account);
    await configure(dataDir, folder, options, account);
    return await launch(major, path.join(binaries, 'bin', 'postgres'), folder, guardian);
  } catch (error) {
    await guardian.stop();
    throw error;
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, so root runs it as somebody who owns nothing. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['nobody', 'postgres', 'daemon']) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new GpuParserError('PERMISSION', 'PostgreSQL does not run as root, and there is no user "nobody" to run it as.', {
    hint: 'Run the command as an ordinary user.',
  });
}

/** The binaries where the account can reach them: a checkout below /root is closed to it, so it gets a copy. */
async function runnable(binaries: string, folder: string, account: Account | undefined): Promise<string> {
  try {
    await run(path.join(binaries, 'bin', 'postgres'), ['--version'], account);
    return binaries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' || !account) throw error;
  }
  const copy = path.join(folder, 'server');
  await cp(binaries, copy, { recursive: true, verbatimSymlinks: true });
  // The guardian, who is the account, removes it.
  await run('chown', ['-R', `${account.uid}:${account.gid}`, copy], undefined);
  return copy;
}

async function initialize(binaries: string, dataDir: string, extra: readonly string[], account: Account | undefined): Promise<void> {
  const arguments_ = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync', ...extra];
  try {
    await run(path.join(binaries, 'bin', 'initdb'), arguments_, account);
  } catch (cause) {
    throw new GpuParserError('SERVER', 'initdb failed.', { cause, detail: String((cause as { stderr?: string }).stderr ?? cause).trim() });
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

/** Starts a server for each line `port binary`, and ends with its input. The second rm is for an initdb that was still writing. */
const guardianScript = `
while read -r port binary; do
  "$binary" -D "$1/data" -p "$port" </dev/null >>"$1/log" 2>&1 &
  server=$!
  echo $server
done
if [ -n "$server" ]; then kill -QUIT $server 2>/dev/null; wait $server; fi
cd /
rm -rf "$1" || { sleep 2; rm -rf "$1"; }
`;

/**
 * A shell in a session of its own that owns the folder and the server in it: when our end of its standard input closes,
 * because of stop() or because this process died of anything at all, it stops the server and removes the folder.
 */
class Guardian {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly #gone: Promise<void>;

  constructor(folder: string, account: Account | undefined) {
    this.#shell = spawn('/bin/sh', ['-c', guardianScript, 'guardian', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment,
      ...account,
    });
    // A guardian that has been killed shows by the server that does not come up.
    this.#shell.stdin.on('error', () => undefined);
    this.#gone = new Promise((resolve) => this.#shell.on('close', () => resolve()));
  }

  /** @returns the postmaster's process id. */
  start(binary: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#shell.once('error', reject);
      this.#shell.stdout.once('data', (text: Buffer) => resolve(Number.parseInt(text.toString(), 10)));
      this.#shell.stdin.write(`${port} ${binary}\n`);
    });
  }

  /** The server alone must not keep this process running. */
  unref(): void {
    this.#shell.unref();
    for (const pipe of [this.#shell.stdin, this.#shell.stdout]) (pipe as unknown as { unref(): void }).unref();
  }

  stop(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin.end();
    return this.#gone;
  }
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

/** The postmaster's state is the eighth line of postmaster.pid (pg_ctl reads it there too). */
async function ready(dataDir: string, pid: number): Promise<boolean> {
  while (isAlive(pid)) {
    const text = await readFile(path.join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
    const lines = text.split('\n');
    if (lines[0] === String(pid) && lines[7]?.trim() === 'ready') return true;
    await sleep(10);
  }
  return false;
}

/** Backends notice their postmaster's death only when idle, so a crash needs them killed as well. */
async function killAll(postmaster: number): Promise<void> {
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').catch(() => '');
  for (const pid of [postmaster, ...children.split(' ').filter(Boolean).map(Number)]) {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  while (isAlive(postmaster)) await sleep(5);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie whose parent (the guardian, busy with its cat) has not waited for it is dead too.
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
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

/** Nothing of PGDATA, LC_ALL or LD_LIBRARY_PATH around us reaches the server. */
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

function run(command: string, arguments_: readonly string[], account: Account | undefined) {
  return promisify(execFile)(command, [...arguments_], { cwd: '/', env: environment, ...account });
}
