import { GpuParserError } from '../errors.js';
import type { SnapshotInfo } from '../origin/origin.js';
import { ServerSession } from './server-session.js';
import type { Session } from './session.js';
import { pinSettings } from './settings.js';

/** A coordinator whose client has vanished holds vacuum back for no longer. */
const IDLE_LIMIT = '10min';
const KEEP_ALIVE_MS = 30_000;
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export interface ReadOptions {
  /** A snapshot that another session exported; without one the transaction takes its own. */
  readonly snapshotId?: string;
  /** Whether policies may hide rows (true), or are an error where they would (false). */
  readonly rowSecurity: boolean;
}

/**
 * Begins a read-only transaction for reading a table: one view of the data, pinned settings.
 * @throws GpuParserError SNAPSHOT when the snapshot cannot be imported.
 */
export async function beginRead(session: Session, { snapshotId, rowSecurity }: ReadOptions): Promise<void> {
  if (snapshotId === undefined) await session.query(BEGIN);
  else await importSnapshot(session, snapshotId);
  await pin(session, rowSecurity, { lock_timeout: '0', idle_in_transaction_session_timeout: '0' });
}

async function importSnapshot(session: Session, snapshotId: string): Promise<void> {
  if (!/^[0-9A-F-]+$/i.test(snapshotId)) throw new GpuParserError('SNAPSHOT', `"${snapshotId}" is not the name of a snapshot.`);
  try {
    await session.query(`${BEGIN}; SET TRANSACTION SNAPSHOT '${snapshotId}'`);
  } catch (error) {
    throw importError(GpuParserError.from(error), snapshotId);
  }
}

/**
 * Begins the transaction and locks relations in it against TRUNCATE and rewriting ALTER TABLE. BEGIN alone takes no snapshot; that
 * must come after the locks, because either command would leave an older one with no rows and no error. A partitioned table or
 * parent locks what is below it.
 * @param relations quoted and qualified names; LOCK TABLE takes tables and views only
 * @param timeoutMs for these locks and all that the transaction takes later
 * @throws GpuParserError SERVER (55P03) when another session holds one of them for that long.
 */
export async function beginLocked(session: Session, relations: readonly string[], timeoutMs: number): Promise<void> {
  const locks = relations.length === 0 ? [] : [`LOCK TABLE ${relations.join(', ')} IN ACCESS SHARE MODE`];
  await session.queries([BEGIN, `SET LOCAL lock_timeout = ${Math.ceil(timeoutMs)}`, ...locks]);
}

/** Pins the coordinator's settings, takes its transaction's snapshot and exports it for the transaction's lifetime. */
export async function exportSnapshot(session: Session, rowSecurity: boolean): Promise<SnapshotInfo> {
  await pin(session, rowSecurity, { idle_in_transaction_session_timeout: IDLE_LIMIT });
  const [row] = await session.query<{ id: string; lsn: string; taken: string; standby: boolean; version: string }>(
    `SELECT pg_catalog.pg_export_snapshot() AS id, pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('server_version') AS version,
       coalesce(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END::text, '0/0') AS lsn,
       pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS taken`,
  );
  const { id, lsn, taken, standby, version } = row as NonNullable<typeof row>;
  return { id, lsn, takenAt: taken, standby, serverVersion: version };
}

/**
 * Keeps a session in its transaction from looking dead to the server and to firewalls between.
 * @returns a function that ends it.
 */
export function keepAlive(session: Session): () => void {
  let asking = false;
  const timer = setInterval(() => {
    // One that waits behind a long COPY is enough. A session that is lost says so at its next statement.
    if (asking) return;
    asking = true;
    session
      .query('SELECT 1')
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, KEEP_ALIVE_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function pin(session: Session, rowSecurity: boolean, own: Readonly<Record<string, string>>): Promise<void> {
  const pid = await pinSettings(session, rowSecurity, own);
  if (session instanceof ServerSession) session.pid = pid;
}

function importError(error: GpuParserError, snapshotId: string): GpuParserError {
  // 22023: no such snapshot (the file is not there); 0A000, 55000: another database.
  if (!['22023', '42704', '0A000', '55000'].includes(error.sqlState ?? '')) return error;
  return new GpuParserError('SNAPSHOT', `The snapshot ${snapshotId} is not known to the server of a data connection.`, {
    hint: 'Either the coordinating session has ended, or a pooler or host name led this connection to a different server: connect to one server by its address.',
    detail: error.message,
    sqlState: error.sqlState,
    cause: error,
  });
}
