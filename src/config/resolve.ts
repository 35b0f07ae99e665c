import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import type { ConnectionOptions } from '../options.js';
import type { ConnectionConfig, TargetSessionAttributes } from './connection.js';
import { requireConnectionOptions } from './connection-options.js';
import { isConnectionString, parseConnectionString } from './dsn.js';
import { fromEnvironment, type Parameters, refuseUnsupported, refuseUrls, withoutRequireSsl } from './keywords.js';
import { findPassword, readPassfile } from './passfile.js';
import { parseRequireAuth } from './require-auth.js';
import { readService } from './service-file.js';
import { type Target, targetsOf } from './targets.js';
import { resolveTls } from './tls-files.js';

/** Where libpq of the common distributions looks for a server's Unix socket. */
const socketFolders = ['/var/run/postgresql', '/tmp'];
const systemServiceFolders = ['/etc/postgresql-common', '/etc'];
/** libpq waits as long as the kernel does, over two minutes; nobody watching a terminal wants to. */
const defaultTimeoutSeconds = 30;

/** The machine's side of the question, changed by tests. */
export interface Machine {
  readonly osUser?: string;
  readonly socketFolders?: readonly string[];
}

export interface ResolvedConnection {
  readonly connection: ConnectionConfig;
  /** Sentences for people: a password file that is too open, for example. */
  readonly warnings: readonly string[];
}

/**
 * Where to connect and as whom: flags, then the connection string, then the service file, then the environment, then
 * libpq's defaults; that the service comes before PG* variables is libpq's own order (conninfo_add_defaults()).
 * @throws GpuParserError USAGE
 */
export async function resolveConnection(
  flags: ConnectionOptions,
  env: NodeJS.ProcessEnv,
  machine: Machine = {},
): Promise<ResolvedConnection> {
  requireConnectionOptions(flags);
  const home = env.HOME || systemHome();
  const parameters = await gather(flags, env, home);
  const warnings = refuseUnsupported(parameters);
  const get = (name: string) => parameters.get(name) || undefined;

  const user = get('user') ?? machine.osUser ?? systemUser();
  const database = get('dbname') ?? user;
  const folders = machine.socketFolders ?? socketFolders;
  const targets = targetsOf(get('host'), get('hostaddr'), get('port'), folders);
  const configs: ConnectionConfig[] = [];
  for (const target of targets) configs.push(await configOf(target));
  const [first, ...others] = configs as [ConnectionConfig, ...ConnectionConfig[]];
  const attributes = (get('target_session_attrs') ?? 'any') as TargetSessionAttributes;
  const choice = { others, attributes, random: get('load_balance_hosts') === 'random' };
  const connection = others.length === 0 && attributes === 'any' ? first : { ...first, choice };
  return { connection, warnings };

  async function configOf({ host, name, address, port }: Target): Promise<ConnectionConfig> {
    refusePeer(host, get('requirepeer'));
    const password = get('password') ?? (await fromPassfile(name, port));
    return {
      host,
      ...(address === undefined ? {} : { address }),
      port,
      database,
      user,
      ...(password === undefined ? {} : { password }),
      applicationName: get('application_name') ?? get('fallback_application_name') ?? 'gpuparser',
      connectTimeoutMs: parseTimeout(get('connect_timeout')),
      ...(get('options') === undefined ? {} : { options: get('options') }),
      ssl: await resolveTls(parameters, home, env, host.startsWith('/')),
      channelBinding: parseChannelBinding(get('channel_binding')),
      ...(get('require_auth') && { requireAuth: parseRequireAuth(get('require_auth')) }),
      ...keepAlive(get('keepalives'), get('keepalives_idle')),
    };
  }

  async function fromPassfile(name: string, port: number): Promise<string | undefined> {
    const { text, warning } = await readPassfile(get('passfile') ?? path.join(home, '.pgpass'));
    if (warning && !warnings.includes(warning)) warnings.push(warning);
    // libpq looks a server on its default socket up as localhost.
    const known = folders.includes(name) ? 'localhost' : name;
    return findPassword(text, { host: known, port: String(port), database, user }) || undefined;
  }
}

/** Containers run as users that no password file knows. */
function systemHome(): string {
  try {
    return homedir();
  } catch {
    return '/nonexistent';
  }
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new GpuParserError('USAGE', `No user is named, and this system has no name for the user of id ${process.getuid?.()}.`, {
      hint: 'Name one with --user or PGUSER.',
      cause,
    });
  }
}

async function gather(flags: ConnectionOptions, env: NodeJS.ProcessEnv, home: string): Promise<Parameters> {
  const parameters: Parameters = new Map();
  const addMissing = (given: Parameters) => {
    const more = withoutRequireSsl(given);
    refuseUrls(more);
    for (const [name, value] of more) if (!parameters.has(name)) parameters.set(name, value);
  };
  const asString = flags.database !== undefined && isConnectionString(flags.database);
  addMissing(fromFlags(asString ? { ...flags, database: undefined } : flags));
  for (const text of [asString ? flags.database : undefined, flags.url]) {
    if (text === undefined) continue;
    const given = parseConnectionString(text);
    // A host named by a flag is not the one whose address the string holds.
    if (flags.host !== undefined) given.delete('hostaddr');
    addMissing(given);
  }
  const environment = fromEnvironment(env);
  refuseUrls(environment);
  const service = parameters.get('service') ?? environment.get('service');
  if (service) {
    const file = parameters.get('servicefile') || environment.get('servicefile') || undefined;
    addMissing(await readService(service, { file, home, systemFolders: env.PGSYSCONFDIR ? [env.PGSYSCONFDIR] : systemServiceFolders }));
  }
  addMissing(environment);
  return parameters;
}

function fromFlags({ host, port, database, user, password }: ConnectionOptions): Parameters {
  const given: [string, string | undefined][] = [
    ['host', host],
    ['port', port === undefined ? undefined : String(port)],
    ['dbname', database],
    ['user', user],
    ['password', password],
  ];
  return new Map(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function refusePeer(host: string, user: string | undefined): void {
  if (user === undefined || !host.startsWith('/')) return;
  throw new GpuParserError('USAGE', 'The connection option requirepeer is not supported.', {
    hint: "Leave it out and name a socket's folder that only the server can write to, or connect over TLS with sslmode=verify-full. The option may come from PGREQUIREPEER.",
  });
}

function keepAlive(on: string | undefined, idleSeconds: string | undefined): Pick<ConnectionConfig, 'keepAliveMs'> {
  if (on !== undefined && Number(on) === 0) return { keepAliveMs: 0 };
  const seconds = Number(idleSeconds ?? 0);
  return seconds > 0 ? { keepAliveMs: seconds * 1000 } : {};
}

function parseTimeout(text: string | undefined): number {
  if (text === undefined) return defaultTimeoutSeconds * 1000;
  if (!/^\s*-?\d+\s*$/.test(text)) {
    throw new GpuParserError('USAGE', `connect_timeout "${text}" is not a number of seconds.`, {
      hint: 'Check PGCONNECT_TIMEOUT and the connection string.',
    });
  }
  return Math.max(0, Number(text)) * 1000;
}

function parseChannelBinding(text: string | undefined): ConnectionConfig['channelBinding'] {
  const mode = text ?? 'prefer';
  if (mode === 'disable' || mode === 'prefer' || mode === 'require') return mode;
  throw new GpuParserError('USAGE', `channel_binding "${mode}" does not exist.`, { hint: 'It is disable, prefer or require.' });
}
