import type { ConnectionConfig } from '../../config/connection.js';
import { connect } from '../../postgres/connect.js';
import { type GatherOptions, gather, type Shortage } from '../../postgres/gather.js';
import type { Session } from '../../postgres/session.js';
import { beginRead } from '../../postgres/snapshot.js';
import { lockNotAvailable } from './locks.js';
import { LOOK_UP_LOCK, type ReadingSessions, type ReadingStart } from './reading-sessions.js';

/** A worker's own connections: opened under the coordinator's snapshot, and replaced after a failure. */
export class Sessions implements ReadingSessions {
  readonly #config: ConnectionConfig;
  readonly #options: GatherOptions | undefined;
  #open: Session[] = [];
  /** Those not of use yet, too. */
  #opened: Session[] = [];
  readonly #start: ReadingStart;
  /** Ends what is still connecting. */
  #ending = new AbortController();
  shortage: Shortage | undefined;

  constructor(
    config: ConnectionConfig,
    readonly most: number,
    start: ReadingStart,
    options?: GatherOptions,
  ) {
    this.#config = config;
    this.#start = start;
    this.#options = options;
  }

  async begin(): Promise<Session[]> {
    const ending = this.#ending.signal;
    const open = async (late: AbortSignal) => {
      const { session } = await connect(this.#config, AbortSignal.any([late, ending]));
      if (ending.aborted) session.destroy();
      this.#opened.push(session);
      return session;
    };
    const { sessions, shortage } = await gather(this.most, open, (session) => beginReading(session, this.#start), this.#options);
    this.#open = [...sessions];
    this.shortage = shortage;
    return this.#open;
  }

  replace(): Promise<Session[]> {
    this.destroy();
    this.#ending = new AbortController();
    return this.begin();
  }

  /** On one of the sessions that the failure has left: a pool may have no other. */
  async lookUp<Result>(look: (session: Session) => Promise<Result>): Promise<Result> {
    const { session, close } = await this.#one();
    try {
      await session.query(LOOK_UP_LOCK);
      return await look(session);
    } finally {
      if (close) await session.close();
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#opened.map((session) => (this.#open.includes(session) ? session.close() : session.destroy())));
  }

  destroy(): void {
    this.#ending.abort();
    for (const session of this.#opened) session.destroy();
    this.#open = [];
    this.#opened = [];
  }

  async #one(): Promise<{ session: Session; close: boolean }> {
    for (const session of this.#open) {
      try {
        await session.query('ROLLBACK');
        await beginRead(session, this.#start);
        return { session, close: false };
      } catch {
        session.destroy();
      }
    }
    const open = async (late: AbortSignal) => (await connect(this.#config, late)).session;
    const { sessions } = await gather(1, open, (session) => beginRead(session, this.#start));
    return { session: sessions[0] as Session, close: true };
  }
}

async function beginReading(session: Session, start: ReadingStart): Promise<void> {
  await beginRead(session, start);
  try {
    for (const lock of start.locks.statements) await session.query(lock);
  } catch (error) {
    throw lockNotAvailable(error);
  }
}
