import { serverFacts } from '../postgres/catalog-server.js';
import type { ConnectionBudget } from '../postgres/connection-budget.js';
import type { Session } from '../postgres/session.js';
import type { Check } from './check.js';

interface Facts {
  readonly backend: number;
  readonly tls: string | null;
}

const FACTS = `
SELECT pg_catalog.pg_backend_pid() AS backend,
       (SELECT version || ', ' || cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl) AS tls`;

/** Version, TLS, free connections and replication of the server behind a session. */
export async function serverChecks(session: Session, overNetwork: boolean): Promise<Check[]> {
  const { version, standby, budget, hotStandbyFeedback, standbyDelay } = await serverFacts(session);
  const [facts] = await session.query<Facts>(FACTS);
  const checks = [versionCheck(session.serverVersion, version), tlsCheck(facts!.tls, overNetwork), connectionsCheck(budget)];
  if (facts!.backend !== session.pid) {
    checks.push({
      area: 'server',
      name: 'pooler',
      status: 'warn',
      message: 'a connection pooler stands between',
      advice: 'Its pool must hold one connection more than --jobs and work in session or transaction mode; a direct connection is faster.',
    });
  }
  if (standby) checks.push(standbyCheck(hotStandbyFeedback, standbyDelay));
  return checks;
}

/** @param number server_version_num */
export function versionCheck(number: number, version: string): Check {
  const base = { area: 'server', name: 'PostgreSQL', message: version } as const;
  if (number < 120_000) return { ...base, status: 'fail', advice: 'Versions 12 and newer are supported.' };
  if (number < 140_000)
    return { ...base, status: 'warn', advice: 'Before version 14 a table cannot be read in parallel by ranges: each is one stream.' };
  return { ...base, status: 'ok' };
}

function tlsCheck(tls: string | null, overNetwork: boolean): Check {
  const base = { area: 'server', name: 'TLS' } as const;
  if (tls !== null) return { ...base, status: 'ok', message: tls };
  if (!overNetwork) return { ...base, status: 'ok', message: 'not used: the connection stays on this machine' };
  return {
    ...base,
    status: 'warn',
    message: 'not used',
    advice: 'Rows cross the network in the clear; PGSSLMODE=require encrypts them where the server can.',
  };
}

/** An export plans with one connection and reads with --jobs more. */
export function connectionsCheck(budget: ConnectionBudget): Check {
  const limits = [{ free: budget.maxConnections - budget.reserved - budget.inUse, of: `max_connections ${budget.maxConnections}` }];
  if (budget.roleLimit >= 0) limits.push({ free: budget.roleLimit - budget.roleInUse, of: `the role's limit ${budget.roleLimit}` });
  if (budget.databaseLimit >= 0)
    limits.push({ free: budget.databaseLimit - budget.databaseInUse, of: `the database's limit ${budget.databaseLimit}` });
  const tightest = limits.reduce((least, limit) => (limit.free < least.free ? limit : least));
  const free = Math.max(0, tightest.free);
  const base = { area: 'server', name: 'connections', message: `${free} free under ${tightest.of}` } as const;
  if (free >= 9) return { ...base, status: 'ok' };
  if (free >= 2)
    return { ...base, status: 'warn', advice: 'An export plans with one connection and reads with --jobs more; fewer are slower.' };
  return { ...base, status: 'fail', advice: 'An export needs two connections at least: end some, or raise the limit.' };
}

function standbyCheck(feedback: boolean, delay: string): Check {
  const base = {
    area: 'server',
    name: 'standby',
    message: `hot_standby_feedback ${feedback ? 'on' : 'off'}, max_standby_streaming_delay ${delay}`,
  } as const;
  if (feedback || delay === '-1') return { ...base, status: 'ok' };
  return {
    ...base,
    status: 'warn',
    advice: `Replay can cancel a read that lasts longer than ${delay}: set hot_standby_feedback = on, or a longer delay.`,
  };
}
