import type { SnapshotInfo } from '../origin/origin.js';
import { type ServerFacts, serverFacts } from '../postgres/catalog-server.js';
import { beginLocked, exportSnapshot } from '../postgres/snapshot.js';
import type { Planning } from '../source/look-up.js';

/** A transaction that holds locks and an exported snapshot, under which tables are planned. */
export interface OpenSnapshot {
  readonly snapshot: SnapshotInfo;
  readonly facts: ServerFacts;
}

/**
 * Locks everything that is to be exported, then takes the snapshot and exports it. The session stays in the transaction.
 * @param locks quoted names for LOCK TABLE, of all relations that will be planned under the snapshot
 * @param timeoutMs for these locks, and for those that a SELECT takes later where LOCK TABLE takes none
 */
export async function openSnapshot(planning: Planning, locks: readonly string[], timeoutMs: number): Promise<OpenSnapshot> {
  const { session, options, context } = planning;
  context.onLock?.(true);
  await beginLocked(session, locks, timeoutMs);
  context.onLock?.(false);
  const snapshot = await exportSnapshot(session, options.allowRowSecurity ?? false);
  context.onSnapshot?.();
  return { snapshot, facts: await serverFacts(session) };
}
