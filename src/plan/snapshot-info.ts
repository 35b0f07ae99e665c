import type { Session } from '../postgres/session.js';
import type { SnapshotInfo } from './plan.js';

/** Pins the coordinator's settings and exports its snapshot, which the first statement here takes. */
export async function takeSnapshot(session: Session, rowSecurity: boolean): Promise<SnapshotInfo> {
  // Names a server does not know give no row, hence no error.
  const settings = { ...PINNED, row_security: rowSecurity ? 'on' : 'off' };
  await session.query(
    `SELECT set_config(s.name, w.value, true) FROM unnest($1::text[], $2::text[]) AS w(name, value) JOIN pg_catalog.pg_settings s ON s.name = w.name`,
    [Object.keys(settings), Object.values(settings)],
  );
  const [row] = await session.query<{ id: string; lsn: string; taken: string; standby: boolean; version: string }>(
    `SELECT pg_export_snapshot() AS id, pg_is_in_recovery() AS standby, current_setting('server_version') AS version,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
       to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS taken`,
  );
  const { id, lsn, taken, standby, version } = row as NonNullable<typeof row>;
  return { id, lsn, takenAt: taken, standby, serverVersion: version };
}

const PINNED: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  max_parallel_workers_per_gather: '0',
  synchronize_seqscans: 'off',
  jit: 'off',
  statement_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
};
