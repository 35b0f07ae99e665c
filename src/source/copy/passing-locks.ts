import type { ScanPlan } from '../../plan/plan.js';
import type { Session } from '../../postgres/session.js';
import { lockNotAvailable } from './locks.js';

/**
 * Keeps the locks few that a session gathers as it reads one relation after the other: a statement locks its relation and every
 * index of it, and a transaction keeps them to its end. 1,600 partitions with 8 indexes each are more than a stock server's lock
 * table holds for all its users, and a REINDEX would wait for hours. They are taken in a subtransaction, which is rolled back before
 * the next statement; the snapshot stays. What the session locked before stays locked, and the coordinator's lock on every relation holds from before the snapshot.
 */
export class PassingLocks {
  readonly #session: Session;
  readonly #lock: boolean;
  #begun = false;

  /** @param lock whether the session has not locked the relations yet, so that each is locked before it is read. */
  constructor(session: Session, lock: boolean) {
    this.#session = session;
    this.#lock = lock;
  }

  /** Before a statement that reads the relation of a scan. */
  async enter({ lock }: Pick<ScanPlan, 'lock'>): Promise<void> {
    const statements = [this.#begun ? 'ROLLBACK TO SAVEPOINT passing' : 'SAVEPOINT passing'];
    this.#begun = true;
    // Whoever waits for a lock that the coordinator holds would make this wait too, for ever.
    if (this.#lock && lock !== undefined) statements.push(`LOCK TABLE ${lock} IN ACCESS SHARE MODE NOWAIT`);
    await this.#session.queries(statements).catch((error: unknown) => {
      throw lockNotAvailable(error);
    });
  }

  /** Gives back what was taken. */
  async leave(): Promise<void> {
    if (!this.#begun) return;
    this.#begun = false;
    await this.#session.queries(['ROLLBACK TO SAVEPOINT passing', 'RELEASE SAVEPOINT passing']);
  }
}
