import { GpuParserError } from '../../errors.js';
import type { ScanPlan } from '../../plan/plan.js';

/** More locks than these on every connection could fill the server's lock table (64 per connection by default). */
const MAX_LOCKS = 200;
/** For what knows no NOWAIT. Longer than deadlock_timeout's default, so that the server has woken what can go on. */
const AT_ONCE_MS = 1500;
/** How long a COPY may wait for a lock, where nobody says. */
const LOCK_TIMEOUT_MS = 60_000;

/** What a connection runs so that it holds its locks before it reads. */
export interface Locks {
  readonly statements: readonly string[];
  /** False for a tree of more relations than every connection may lock: then each is locked before it is read. See PassingLocks. */
  readonly complete: boolean;
}

/**
 * The locks of what the scans read. Without them, a TRUNCATE that waits for the coordinator's lock would in turn block the next
 * COPY on a relation this connection has not touched yet, for ever. NOWAIT makes that an error at the start; for a tree of very
 * many relations, and for indexes, the time-out makes it one later.
 */
export function lockStatements(scans: readonly ScanPlan[], timeoutMs: number = LOCK_TIMEOUT_MS): Locks {
  const targets = [...new Set(scans.flatMap(({ lock }) => lock ?? []))];
  const unlockable = [...new Set(scans.filter(({ lock }) => lock === undefined).map(({ from }) => from))];
  const complete = targets.length <= MAX_LOCKS;
  const statements = [
    `SET LOCAL lock_timeout = ${unlockable.length > 0 ? AT_ONCE_MS : timeoutMs}`,
    ...(targets.length > 0 && complete ? [`LOCK TABLE ${targets.join(', ')} IN ACCESS SHARE MODE NOWAIT`] : []),
    ...unlockable.map((from) => `SELECT FROM ${from} WHERE false`),
    ...(unlockable.length > 0 ? [`SET LOCAL lock_timeout = ${timeoutMs}`] : []),
  ];
  return { statements, complete };
}

/** An error of a statement that waits for no lock, with what to do. */
export function lockNotAvailable(thrown: unknown): GpuParserError {
  const error = GpuParserError.from(thrown);
  if (error.sqlState !== '55P03') return error;
  // Whoever waits for the coordinator's lock stands before this connection for as long as the coordinator stays.
  const hint = 'Another session waits to change it (TRUNCATE, ALTER or DROP TABLE, say): run the export again when that has been done.';
  return new GpuParserError('SERVER', error.message, { hint, sqlState: error.sqlState, cause: error });
}
