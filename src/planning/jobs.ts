import { counted } from '../counted.js';
import { MOST_JOBS } from '../postgres/connection-budget.js';

/**
 * More connections than cores, because backend and reader wait for each other in turn: with client and server on the same 2
 * cores, 4 connections took 0.8 of the time of 2 and 0.9 of the client's CPU; 8 were no better.
 */
const JOBS_PER_CORE = 2;
/** Less is one task, and one connection's: see splitTasks(). */
const HEAP_BYTES_PER_JOB = 12 << 20;

/** How many connections an export can use, where nobody says: at least one for each device that has a chunk. */
export function usefulJobs(cores: number, devices: number, chunks: number, heapBytes: number): number {
  const useful = Math.min(cores * JOBS_PER_CORE, MOST_JOBS, Math.max(1, chunks, Math.ceil(heapBytes / HEAP_BYTES_PER_JOB)));
  return Math.max(useful, Math.min(devices, chunks));
}

/** What processes of the CPU engine take before they have read a row, and each connection with the smallest batches: measured. */
const COORDINATOR_BYTES = 32 << 20;
const WORKER_BYTES = 64 << 20;
const CONNECTION_BYTES = 14 << 20;

/** How many connections find room in `memoryBytes`, beside the processes: at least one for each worker. */
export function jobsInMemory(memoryBytes: number, workers: number): number {
  return Math.max(workers, Math.floor((memoryBytes - COORDINATOR_BYTES - workers * WORKER_BYTES) / CONNECTION_BYTES));
}

/** Says that workers and connections do not find room in `memoryBytes`, where they do not. */
export function memoryWarning(memoryBytes: number, workers: number, jobs: number): string | undefined {
  const least = COORDINATOR_BYTES + workers * WORKER_BYTES + jobs * CONNECTION_BYTES;
  if (least <= memoryBytes) return undefined;
  const taken = `${counted(workers, 'worker')} with ${counted(jobs, 'connection')} ${workers === 1 ? 'takes' : 'take'} about ${Math.ceil(least / 2 ** 20)} MiB`;
  return `--memory cannot be kept: ${taken}, however small the batches are${jobs > workers ? '; fewer --jobs take less' : ''}.`;
}
