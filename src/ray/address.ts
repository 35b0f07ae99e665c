import { GpuParserError } from '../errors.js';

const DASHBOARD_PORT = 8265;
const DEFAULT_ADDRESS = 'http://127.0.0.1:8265';

/**
 * The dashboard's address: as given, else RAY_API_SERVER_ADDRESS, else the host of RAY_ADDRESS, else this machine.
 * Ray's own forms (`ray://host:10001`, `host:6379`, `auto`) name other ports of the same head.
 */
export function dashboardAddress(given: string | undefined, environment: Readonly<Record<string, string | undefined>>): URL {
  const text = given ?? (environment.RAY_API_SERVER_ADDRESS || environment.RAY_ADDRESS || DEFAULT_ADDRESS);
  if (text === 'auto' || text === 'local') return new URL(DEFAULT_ADDRESS);
  const [, scheme, host] = /^(?:(\w+):\/\/)?(\[[^\]]+\]|[^/:@\s]+)(?::\d+)?(?:\/.*)?$/.exec(text) ?? [];
  if (scheme === 'http' || scheme === 'https') return new URL(text);
  if (host === undefined || (scheme !== undefined && scheme !== 'ray')) {
    throw new GpuParserError('USAGE', `"${text}" is not the address of a Ray dashboard.`, {
      hint: `Write it as http://HOST:${DASHBOARD_PORT}, with --ray-address or RAY_API_SERVER_ADDRESS.`,
    });
  }
  return new URL(`http://${host}:${DASHBOARD_PORT}`);
}

/** Whether nobody on a network can listen: the address is this machine's own or encrypted. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
