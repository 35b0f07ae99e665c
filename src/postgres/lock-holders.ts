import type { Session } from './session.js';

/** A session whose lock, or whose place in the queue for one, another session waits for. */
export interface LockHolder {
  /** 0: a prepared transaction. */
  readonly pid: number;
  readonly application: string;
  readonly user: string;
  /** When its transaction began; absent where the role may not know. */
  readonly since?: string;
  /** What is waited for, as the server names it; absent where it cannot be told. */
  readonly relation?: string;
}

/** Who keeps the backend waiting for a lock; nobody where it does not wait. Asked on another session. */
export async function lockHolders(session: Session, pid: number): Promise<LockHolder[]> {
  const rows = await session.query<{
    pid: string;
    application: string | null;
    user: string | null;
    since: string | null;
    relation: string | null;
  }>(
    `SELECT b.pid::text AS pid, a.application_name AS application, a.usename::text AS "user",
       pg_catalog.to_char(a.xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS') AS since,
       (SELECT pg_catalog.min(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname))
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = $1::int4 AND NOT l.granted) AS relation
     FROM (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::int4)) AS pid) AS b
     LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
     ORDER BY a.xact_start NULLS LAST, b.pid`,
    [pid],
  );
  return rows.map((row) => ({
    pid: Number(row.pid),
    application: row.application ?? '',
    user: row.user ?? '',
    ...(row.since === null ? {} : { since: row.since }),
    ...(row.relation === null ? {} : { relation: row.relation }),
  }));
}

/** `process 4711 (psql, user alice), whose transaction began at 12:30:05 UTC`. */
export function describeHolder({ pid, application, user, since }: LockHolder): string {
  if (pid === 0) return 'a prepared transaction';
  const who = [application, user === '' ? '' : `user ${user}`].filter((text) => text !== '').join(', ');
  return `process ${pid}${who === '' ? '' : ` (${who})`}${since === undefined ? '' : `, whose transaction began at ${since} UTC`}`;
}
