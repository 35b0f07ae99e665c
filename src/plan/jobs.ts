import type { ConnectionBudget } from '../postgres/catalog-server.js';

/** More backends than this gain little for one export and hurt the server's other users. */
const DEFAULT_JOBS = 8;
/** Left for others. */
const SPARE = 5;

/** Connections for the data, and why there are fewer than asked for. At least one: the server then says itself that it is full. */
export function chooseJobs(requested: number | undefined, cores: number, budget: ConnectionBudget): { jobs: number; warning?: string } {
  const wanted = Math.max(1, requested ?? Math.min(cores, DEFAULT_JOBS));
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
