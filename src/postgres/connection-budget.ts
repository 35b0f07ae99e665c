import { counted } from '../counted.js';

/** Connections a server has and has given away. Limits of -1 mean none. */
export interface ConnectionBudget {
  readonly maxConnections: number;
  /** Slots that this role cannot have: superuser_reserved_connections and reserved_connections. */
  readonly reserved: number;
  readonly inUse: number;
  readonly roleLimit: number;
  readonly roleInUse: number;
  readonly databaseLimit: number;
  readonly databaseInUse: number;
}

/** More backends than this gain little for one export and hurt the server's other users. */
export const MOST_JOBS = 8;

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
    warning: `Reading with ${jobs} of ${counted(wanted, 'connection')}: ${tightest.name} has no more free (${SPARE} of the server's stay free for others).`,
  };
}
