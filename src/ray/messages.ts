import type { ConnectionConfig } from '../config/connection.js';
import type { SerializedError } from '../errors.js';

/** What lanes failed with before any work, with the nodes it happened on, and what to do about it there. */
export function nodesError(error: SerializedError, nodes: readonly string[], connection: ConnectionConfig | undefined): SerializedError {
  if (nodes.length === 0) return error;
  const named = nodes.every((node) => error.message.includes(node));
  const message = named ? error.message : `On Ray node${nodes.length === 1 ? '' : 's'} ${nodes.join(', ')}: ${error.message}`;
  const hint = connection !== undefined && isHere(connection) && ['CONNECT', 'SNAPSHOT', 'AUTH'].includes(error.code) ? HERE : error.hint;
  return { ...error, message, hint, retry: false };
}

const HERE =
  'The workers connect from their own nodes, where this host name means the node itself: give -h a name or address that all nodes reach.';

function isHere({ host, address }: ConnectionConfig): boolean {
  return host.startsWith('/') || host === 'localhost' || /^(127\.|::1$)/.test(address ?? host);
}
