import type { ConnectionConfig } from '../config/connection.js';
import type { ExportOptions } from '../options.js';
import type { Plan } from '../plan/plan.js';
import { lockStatements } from '../source/copy/locks.js';
import type { Coordinator } from './coordinator.js';
import type { Devices } from './devices.js';
import { usableMemory } from './memory.js';
import type { WorkerRequest } from './protocol.js';

const FIRST_MS = 30_000;

/**
 * What a worker is told before there is a plan.
 * @param memory of all workers on this host, in bytes. Default: a quarter of what is usable.
 */
export function prepareRequest(worker: number, { names, threads, memoryBytes }: Devices, memory?: number): WorkerRequest {
  const all = memory ?? Math.max(512 << 20, usableMemory() / 4);
  return {
    type: 'prepare',
    device: names[worker] as string,
    threads,
    memoryBytes: memoryBytes ?? Math.floor(all / names.length),
  };
}

/** The plan as a worker gets it, with its share of the connections; chunks follow one by one. */
export function planRequest(
  worker: number,
  devices: Devices,
  { chunks, ...plan }: Plan,
  place: string,
  connection: ConnectionConfig,
  coordinator: Coordinator | undefined,
  { raySecretFrom, lockTimeout }: Pick<ExportOptions, 'raySecretFrom' | 'lockTimeout'>,
): WorkerRequest {
  const locks = lockStatements(
    chunks.flatMap(({ scans }) => scans),
    lockTimeout,
  );
  const workers = workersOf(plan, devices);
  const connections = shareOf(plan.jobs, workers, worker);
  // On a cluster nobody can take over: a first connection is worth waiting for.
  const gathering = coordinator ? { firstMs: FIRST_MS } : { least: workers === 1 ? 0 : 1 };
  return {
    type: 'plan',
    plan,
    place,
    connection,
    connections,
    gathering,
    locks,
    coordinator,
    ...(raySecretFrom === 'node' && { secretFrom: raySecretFrom }),
  };
}

/** Each has a connection at least; where there are too few for all devices, fewer work. */
export function workersOf({ jobs }: Pick<Plan, 'jobs'>, { names }: Devices): number {
  return Math.min(names.length, jobs);
}

/** `total` things over `parts` lanes, as even as can be, at least one each. */
function shareOf(total: number, parts: number, index: number): number {
  return Math.max(1, Math.floor(total / parts) + (index < total % parts ? 1 : 0));
}
