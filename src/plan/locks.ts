import type { ScanPlan } from './plan.js';

/** More locks than these on every connection could fill the server's lock table (64 per connection by default). */
const MAX_LOCKS = 200;
/** For what knows no NOWAIT. Longer than deadlock_timeout's default, so that the server has woken what can go on. */
const AT_ONCE_MS = 1500;
/** How long a COPY may wait for a lock. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Statements that make a data connection hold its locks before its first COPY. Without them, a TRUNCATE that waits for the
 * coordinator's lock would in turn block the next COPY on a relation this connection has not touched yet, for ever. NOWAIT makes
 * that an error at the start; for a tree of very many relations, and for indexes, the time-out makes it one later.
 */
export function lockStatements(scans: readonly ScanPlan[]): string[] {
  const targets = [...new Set(scans.flatMap(({ lock }) => lock ?? []))];
  const unlockable = [...new Set(scans.filter(({ lock }) => lock === undefined).map(({ from }) => from))];
  return [
    `SET LOCAL lock_timeout = ${unlockable.length > 0 ? AT_ONCE_MS : LOCK_TIMEOUT_MS}`,
    ...(targets.length > 0 && targets.length <= MAX_LOCKS ? [`LOCK TABLE ${targets.join(', ')} IN ACCESS SHARE MODE NOWAIT`] : []),
    ...unlockable.map((from) => `SELECT FROM ${from} WHERE false`),
    ...(unlockable.length > 0 ? [`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`] : []),
  ];
}
