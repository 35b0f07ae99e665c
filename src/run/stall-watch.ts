import { describeHolder, lockHolders } from '../postgres/lock-holders.js';
import type { Session } from '../postgres/session.js';

/** How long nothing arrives before we ask whether a connection waits for a lock. */
const STALL_MS = 4000;

/** Says whose lock is in the way when nothing arrives. Asks on the coordinator's session, which nobody else uses meanwhile. */
export class StallWatch {
  readonly #session: Session;
  readonly #notice: (text: string) => void;
  #bytes = 0;
  #since = performance.now();
  #asking = false;
  #told = '';

  constructor(session: Session, notice: (text: string) => void) {
    this.#session = session;
    this.#notice = notice;
  }

  /**
   * Call a few times a second.
   * @param bytes received so far
   * @param pids of the connections that read
   */
  see(bytes: number, pids: readonly number[]): void {
    const now = performance.now();
    if (bytes !== this.#bytes) [this.#bytes, this.#since] = [bytes, now];
    if (this.#asking || now - this.#since < STALL_MS || pids.length === 0 || pids.includes(this.#session.pid)) return;
    this.#asking = true;
    this.#ask(pids)
      .catch(() => undefined) // a session that is lost is reported by what needs it
      .finally(() => {
        this.#asking = false;
        this.#since = performance.now();
      });
  }

  async #ask(pids: readonly number[]): Promise<void> {
    // Within a transaction the view of activity stands still otherwise.
    await this.#session.query('SELECT pg_catalog.pg_stat_clear_snapshot()');
    for (const pid of pids) {
      const [holder] = await lockHolders(this.#session, pid);
      if (holder === undefined) continue;
      const text = `A connection waits for a lock${holder.relation === undefined ? '' : ` on ${holder.relation}`}: ${describeHolder(holder)} is in the way.`;
      if (text !== this.#told) this.#notice(text);
      this.#told = text;
      return;
    }
  }
}
