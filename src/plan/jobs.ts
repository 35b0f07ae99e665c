import type { ConnectionBudget } from '../postgres/catalog-server.js';

/** More backends than this gain little for one export and hurt the server's other users. */
export const MOST_JOBS = 8;
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

/** Left for others. */
const SPARE = 5;

/** Connections for the data out of `wanted`, and why there are fewer. At least one: the server then says itself that it is full. */
export function chooseJobs(wanted: number, budget: ConnectionBudget): { jobs: number; warning?: string } {
  const left = (limit: number, used: number) => (limit < 0 ? Number.POSITIVE_INFINITY : limit - used);
  const limits = [
    { free: budget.maxConnections - budget.reserved - budget.inUse - SPARE, name: 'the server' },
    { free: left(budget.roleLimit, budget.roleInUse), name: 'the role' },
    { free: left(budget.databaseLimit, budget.databaseInUse), name: 'the database' },
  ];
  const tightest = limits.reduce((a, b) => (b.free < a.free ? b : a));
  const jobs = Math.max(1, Math.min(wanted, tightest.free));
  if (jobs === wanted) return { jobs };
  return {
    jobs,
    warning: `Reading with ${jobs} of ${wanted} connections: ${tightest.name} has no more free (${SPARE} of the server's stay free for others).`,
  };
}
