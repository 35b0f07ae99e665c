import type { Session } from '../../postgres/session.js';
import type { Locks } from './locks.js';
import { LOOK_UP_LOCK, type ReadingSessions } from './reading-sessions.js';

const MARK = 'SAVEPOINT gpuparser_reading';
const BACK = `ROLLBACK TO ${MARK}`;

/**
 * Reads in the session that holds the snapshot, where no other comes or none is wanted. The snapshot ends with the transaction, so
 * that a failure goes back to a savepoint. Whoever owns the session closes it.
 */
export class SnapshotSession implements ReadingSessions {
  readonly most = 1;
  readonly shortage = undefined;
  readonly #session: Session;
  readonly #locks: Locks;

  constructor(session: Session, locks: Locks) {
    this.#session = session;
    this.#locks = locks;
  }

  async begin(): Promise<Session[]> {
    this.#session.irreplaceable = true;
    for (const lock of this.#locks.statements) await this.#session.query(lock);
    await this.#session.query(MARK);
    return [this.#session];
  }

  async replace(): Promise<Session[]> {
    await this.#session.query(BACK);
    return [this.#session];
  }

  async lookUp<Result>(look: (session: Session) => Promise<Result>): Promise<Result> {
    await this.#session.queries([BACK, LOOK_UP_LOCK]);
    return look(this.#session);
  }

  async close(): Promise<void> {}

  destroy(): void {}
}
