import dns from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import type { ConnectionConfig } from '../config/connection.js';
import { unreachable } from './server-errors.js';
import { Transport } from './socket.js';

/** What people call the server: `db.example.com:5432`, or the path of a Unix socket. */
export function serverName({ host, port }: ConnectionConfig): string {
  return host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`;
}

/**
 * Opens a socket to the first of the host's addresses that answers.
 * @returns the transport and the configuration with that address in it.
 * @throws GpuParserError CONNECT
 */
export async function openTransport(
  config: ConnectionConfig,
  deadline: AbortSignal,
): Promise<{ transport: Transport; config: ConnectionConfig }> {
  if (config.host.startsWith('/')) return { transport: await open(config, { path: serverName(config) }, deadline), config };
  const addresses = config.address === undefined ? await resolve(config, deadline) : [config.address];
  let failure: unknown;
  for (const address of addresses) {
    try {
      return {
        transport: await open(config, { host: address, port: config.port, ...keepAlive(config) }, deadline),
        config: { ...config, address },
      };
    } catch (error) {
      failure ??= error;
      if (deadline.aborted) break;
    }
  }
  throw failure;
}

function keepAlive({ keepAliveMs }: ConnectionConfig): net.NetConnectOpts {
  if (keepAliveMs === undefined) return {} as net.NetConnectOpts;
  return { keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs } as net.NetConnectOpts;
}

async function resolve(config: ConnectionConfig, deadline: AbortSignal): Promise<string[]> {
  if (net.isIP(config.host)) return [config.host];
  try {
    return (await Promise.race([dns.lookup(config.host, { all: true }), ending(deadline)])).map(({ address }) => address);
  } catch (error) {
    throw deadline.aborted ? deadline.reason : unreachable(serverName(config), error);
  }
}

/** Rejects when the deadline comes: a look-up cannot be ended, but it need not be waited for. */
function ending(deadline: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(deadline.reason);
    if (deadline.aborted) end();
    else deadline.addEventListener('abort', end);
  });
}

async function open(config: ConnectionConfig, target: net.NetConnectOpts, deadline: AbortSignal): Promise<Transport> {
  const transport = new Transport(target);
  try {
    await once(transport.socket, 'connect', { signal: deadline });
  } catch (error) {
    transport.destroy();
    throw deadline.aborted ? deadline.reason : unreachable(serverName(config), error);
  }
  return transport;
}
