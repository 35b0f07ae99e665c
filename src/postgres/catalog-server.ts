import type { ConnectionBudget } from './connection-budget.js';
import type { Session } from './session.js';

/** What the plan needs to know of the server beyond the relations. */
export interface ServerFacts {
  /** `17.6`. */
  readonly version: string;
  readonly database: string;
  /** The database's encoding: `UTF8`, `SQL_ASCII`. */
  readonly encoding: string;
  readonly standby: boolean;
  readonly blockSize: number;
  /** Fraction digits of money under lc_monetary. */
  readonly moneyDigits: number;
  /** On a standby: whether its snapshots hold the primary's vacuum back, and what a conflict waits for. */
  readonly hotStandbyFeedback: boolean;
  readonly standbyDelay: string;
  readonly budget: ConnectionBudget;
  /** Locks that the server's lock table is made for, of all sessions together. */
  readonly lockSlots: number;
}

/**
 * Reads ServerFacts. A standby that replays WAL is told by pg_is_in_recovery(). Connections are counted by numbackends, because
 * pg_stat_activity shows an ordinary role no backend_type of others' sessions.
 */
export async function serverFacts(session: Session): Promise<ServerFacts> {
  const [row] = await session.query<Record<string, string | number | boolean>>(`
    SELECT pg_catalog.current_setting('server_version') AS version,
      pg_catalog.current_database()::text AS database, pg_catalog.current_setting('server_encoding') AS encoding,
      pg_catalog.pg_is_in_recovery() AS standby,
      pg_catalog.current_setting('block_size')::int4 AS block_size,
      pg_catalog.scale('1'::money::numeric) AS money_digits,
      pg_catalog.current_setting('hot_standby_feedback') = 'on' AS feedback,
      pg_catalog.current_setting('max_standby_streaming_delay') AS standby_delay,
      pg_catalog.current_setting('max_connections')::int4 AS max_connections,
      pg_catalog.current_setting('max_locks_per_transaction')::int4
        * (pg_catalog.current_setting('max_connections')::int4 + pg_catalog.current_setting('max_prepared_transactions')::int4) AS lock_slots,
      CASE WHEN u.rolsuper THEN 0 ELSE pg_catalog.current_setting('superuser_reserved_connections')::int4
        + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int4 END AS reserved,
      (SELECT pg_catalog.sum(pg_catalog.pg_stat_get_db_numbackends(oid))::int4 FROM pg_catalog.pg_database) AS in_use,
      CASE WHEN u.rolsuper THEN -1 ELSE u.rolconnlimit END AS role_limit,
      (SELECT pg_catalog.count(*)::int4 FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.usesysid = u.oid AND a.backend_type = 'client backend') AS role_in_use,
      CASE WHEN u.rolsuper THEN -1 ELSE d.datconnlimit END AS database_limit,
      pg_catalog.pg_stat_get_db_numbackends(d.oid) AS database_in_use
    FROM pg_catalog.pg_roles u, pg_catalog.pg_database d
    WHERE u.rolname = session_user AND d.datname = pg_catalog.current_database()`);
  const number = (name: string) => Number(row?.[name] ?? 0);
  return {
    version: String(row?.version),
    database: String(row?.database),
    encoding: String(row?.encoding),
    standby: row?.standby === true,
    blockSize: number('block_size'),
    moneyDigits: number('money_digits'),
    hotStandbyFeedback: row?.feedback === true,
    standbyDelay: String(row?.standby_delay),
    lockSlots: number('lock_slots'),
    budget: {
      maxConnections: number('max_connections'),
      reserved: number('reserved'),
      inUse: number('in_use'),
      roleLimit: number('role_limit'),
      roleInUse: number('role_in_use'),
      databaseLimit: number('database_limit'),
      databaseInUse: number('database_in_use'),
    },
  };
}
