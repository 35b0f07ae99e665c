import type { ScanPlan } from '../../plan/plan.js';
import { gather } from '../../postgres/gather.js';
import type { Session } from '../../postgres/session.js';
import { beginRead } from '../../postgres/snapshot.js';
import type { SnapshotPlanning } from '../look-up.js';
import { lockStatements } from './locks.js';

/** Further sessions under the plan's snapshot with locks on what they will read, for counting; as many as could be had. */
export async function openReaders(
  { context, snapshot, options }: SnapshotPlanning,
  count: number,
  scans: readonly ScanPlan[],
): Promise<Session[]> {
  const { openSession } = context;
  if (openSession === undefined || count < 1) return [];
  const begin = async (session: Session) => {
    await beginRead(session, { snapshotId: snapshot.id, rowSecurity: options.allowRowSecurity ?? false });
    for (const lock of lockStatements(scans).statements) await session.query(lock);
  };
  try {
    return [...(await gather(count, openSession, begin, { least: 0 })).sessions];
  } catch {
    // A server without room for more connections only makes the counting slower.
    return [];
  }
}
