import type { Shortage } from '../../postgres/gather.js';
import type { Session } from '../../postgres/session.js';
import type { Locks } from './locks.js';

/** What sessions are put under before they read. */
export interface ReadingStart {
  readonly snapshotId: string;
  readonly rowSecurity: boolean;
  readonly locks: Locks;
}

/** The sessions a worker reads with, all under one snapshot. */
export interface ReadingSessions {
  /** How many there may be at a time. */
  readonly most: number;
  /** Set by `begin` where fewer came. */
  readonly shortage: Shortage | undefined;
  /** The sessions, inside the snapshot, with their locks. Fails when there is none. */
  begin(): Promise<Session[]>;
  /** Sessions in place of those that a failure left in an unknown state. */
  replace(): Promise<Session[]>;
  /** Looks something up under the snapshot after a failure; nobody reads meanwhile. */
  lookUp<Result>(look: (session: Session) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
  /** Nobody waits for what is being read: what is in the way of an end goes. */
  destroy(): void;
}

/** Who waits for a lock that the coordinator holds would make a look-up wait too, for ever. */
export const LOOK_UP_LOCK = 'SET LOCAL lock_timeout = 2000';
