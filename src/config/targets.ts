import { existsSync } from 'node:fs';
import path from 'node:path';
import { GpuParserError } from '../errors.js';

/** One of the servers that a connection's parameters name. */
export interface Target {
  /** Name, address, or the folder of a Unix socket. */
  readonly host: string;
  /** What was named, for password files. */
  readonly name: string;
  /** hostaddr, where there is one. */
  readonly address?: string;
  readonly port: number;
}

/**
 * The servers that host, hostaddr and port name, each a list between commas, in libpq's way: as many addresses as hosts, as many
 * ports as either or one for all; what is left empty is the default.
 * @param folders where a server's Unix socket may be, for hosts that are not named
 * @throws GpuParserError USAGE
 */
export function targetsOf(
  hosts: string | undefined,
  addresses: string | undefined,
  ports: string | undefined,
  folders: readonly string[],
): Target[] {
  const named = hosts?.split(',');
  const at = addresses?.split(',');
  const count = Math.max(named?.length ?? 0, at?.length ?? 0, 1);
  const given = ports?.split(',') ?? [];
  if (named !== undefined && at !== undefined && named.length !== at.length) throw mismatch(named.length, 'host', at.length, 'hostaddr');
  if (given.length > 1 && given.length !== count) throw mismatch(given.length, 'port', count, named === undefined ? 'hostaddr' : 'host');
  return Array.from({ length: count }, (_, index) => {
    const port = parsePort(given.length > 1 ? given[index] : given[0]);
    const address = at?.[index] || undefined;
    const name = named?.[index] || address || defaultHost(port, folders);
    refuseAbstract(name);
    // An address says where to connect, even beside the folder of a socket.
    const host = address !== undefined && name.startsWith('/') ? address : name;
    return { host, name, port, ...(address === undefined ? {} : { address }) };
  });
}

/** libpq knows one folder, which its build named: the one that holds the socket, or else the one that is there. */
function defaultHost(port: number, folders: readonly string[]): string {
  if (process.platform === 'win32') return 'localhost';
  const holding = folders.find((folder) => existsSync(path.join(folder, `.s.PGSQL.${port}`)));
  return holding ?? folders.find((folder) => existsSync(folder)) ?? 'localhost';
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return 5432;
  const port = Number(text);
  if (/^\s*\d+\s*$/.test(text) && port >= 1 && port <= 65535) return port;
  // Of a torn URL a port may be a piece of the password.
  throw new GpuParserError('USAGE', `The port${/^[\s\d-]*$/.test(text) ? ` "${text}"` : ''} is not a number from 1 to 65535.`, {
    hint: 'Check -P, the connection string and PGPORT.',
  });
}

/** Node 20 cuts a socket's path at the null byte that such a name begins with. */
function refuseAbstract(host: string): void {
  if (!host.startsWith('@')) return;
  throw new GpuParserError('USAGE', 'Abstract Unix sockets are not supported.', { hint: 'Name the folder of a Unix socket, or a host.' });
}

function mismatch(count: number, what: string, other: number, than: string): GpuParserError {
  return new GpuParserError('USAGE', `The connection names ${count} of ${what} and ${other} of ${than}, which do not match.`, {
    hint: `Give as many as there are hosts${what === 'port' ? ', or one port for all' : ''}.`,
  });
}
