import type { Session } from '../postgres/session.js';
import { beginRead } from '../postgres/snapshot.js';
import { lockStatements } from './locks.js';
import type { ScanPlan } from './plan.js';
import type { SnapshotPlanning } from './planning.js';

/** Further sessions under the plan's snapshot with locks on what they will read, for counting; as many as could be had. */
export async function openReaders(
  { context, snapshot, options }: SnapshotPlanning,
  count: number,
  scans: readonly ScanPlan[],
): Promise<Session[]> {
  const { openSession } = context;
  if (openSession === undefined || count < 1) return [];
  const opened = await Promise.allSettled(
    Array.from({ length: count }, async () => {
      const session = await openSession();
      try {
        await beginRead(session, { snapshotId: snapshot.id, rowSecurity: options.allowRowSecurity ?? false });
        for (const lock of lockStatements(scans).statements) await session.query(lock);
        return session;
      } catch (error) {
        session.destroy();
        throw error;
      }
    }),
  );
  // A server without room for more connections only makes the counting slower.
  return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
