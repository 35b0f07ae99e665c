import { once } from 'node:events';
import type { ConnectionConfig } from '../config/connection.js';
import { openTransport } from './open.js';
import { negotiateTls } from './tls.js';
import { cancelRequest } from './wire.js';

/** A cancel request must not hold up the end of a run for longer. */
const TIMEOUT_MS = 5000;

/**
 * Asks the server, over a connection of its own, to cancel what the backend with this key runs; encrypted where sessions
 * are, since the key would let anybody do the same. The server never says whether it did.
 */
export async function sendCancelRequest(config: ConnectionConfig, pid: number, secretKey: number): Promise<void> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const { transport } = await openTransport(config, deadline);
  try {
    const encrypt = !config.host.startsWith('/') && !['disable', 'allow'].includes(config.ssl.mode);
    if (encrypt) await negotiateTls(transport, config);
    transport.write(cancelRequest(pid, secretKey));
    if (!transport.closed) await once(transport.socket, 'close', { signal: deadline });
  } finally {
    transport.destroy();
  }
}
