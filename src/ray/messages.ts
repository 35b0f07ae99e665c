import type { ConnectionConfig } from '../config/connection.js';
import { counted } from '../counted.js';
import type { SerializedError } from '../errors.js';
import type { DriverEvent } from './events.js';

/** What lanes failed with before any work, with the nodes it happened on, and what to do about it there. */
export function nodesError(error: SerializedError, nodes: readonly string[], connection: ConnectionConfig | undefined): SerializedError {
  if (nodes.length === 0) return error;
  const named = nodes.every((node) => error.message.includes(node));
  const message = named ? error.message : `On Ray node${nodes.length === 1 ? '' : 's'} ${nodes.join(', ')}: ${error.message}`;
  const hint = connection !== undefined && isHere(connection) && ['CONNECT', 'SNAPSHOT', 'AUTH'].includes(error.code) ? HERE : error.hint;
  return { ...error, message, hint, retry: false };
}

const HERE =
  'The workers connect from their own nodes, where this host name means the node itself: give --host a name or address that all nodes reach.';

function isHere({ host, address }: ConnectionConfig): boolean {
  return host.startsWith('/') || host === 'localhost' || /^(127\.|::1$)/.test(address ?? host);
}

/** What a run waits for that Ray has not placed yet. */
export function waitingText({ lanes, resources, free, seconds }: Extract<DriverEvent, { ev: 'waiting' }>): string {
  const wanted = resources.gpus ? `${resources.gpus} GPU` : `${resources.cpus} CPU`;
  const there = Object.entries(free).map(([name, amount]) => `${amount} ${name}`);
  return `waiting since ${seconds} s for Ray to place ${counted(lanes, 'worker')} of ${wanted} each (free now: ${there.join(', ') || 'nothing'})`;
}

/** A job that ended before it had said what became of every chunk. */
export function endedError(submissionId: string, status: string, message: string): SerializedError {
  if (status === 'STOPPED') {
    return {
      code: 'WORKER',
      message: `The Ray job ${submissionId} was stopped from outside.`,
      hint: 'Somebody used "ray job stop" or the dashboard; run the export again.',
    };
  }
  const text = message.trim().split('\n').slice(-8).join('\n');
  return {
    code: 'WORKER',
    message: `The Ray job ${submissionId} ended (${status}) before the export did: ${text || 'no reason was given'}`,
    hint: `"ray job logs ${submissionId}" and Ray's dashboard say more.`,
  };
}
