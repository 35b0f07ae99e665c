import type { RowConsumer } from '../../engine/row-consumer.js';
import type { SlotPool } from '../../engine/slot-pool.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import type { Connection, Reader } from '../source.js';
import { CopyReader } from './copy-reader.js';
import { PassingLocks } from './passing-locks.js';
import { copyStatement } from './statements.js';
import { TextError } from './text-error.js';

/** A session that sends pieces by COPY. */
export class CopyConnection implements Connection {
  readonly #session: Session;
  readonly #locks: PassingLocks;

  /** @param lock whether the session does not hold the locks of what it will read. */
  constructor(session: Session, lock: boolean) {
    this.#session = session;
    this.#locks = new PassingLocks(session, lock);
  }

  get pid(): number {
    return this.#session.pid;
  }

  reader(pool: SlotPool, consumer: RowConsumer): Reader {
    return new PieceReader(this.#session, this.#locks, new CopyReader(pool.engine.openStream(), pool, consumer));
  }
}

class PieceReader implements Reader {
  readonly #session: Session;
  readonly #locks: PassingLocks;
  readonly #reader: CopyReader;

  constructor(session: Session, locks: PassingLocks, reader: CopyReader) {
    this.#session = session;
    this.#locks = locks;
    this.#reader = reader;
  }

  async read(piece: TaskPiece, signal: AbortSignal): Promise<{ rows: number }> {
    await this.#locks.enter(piece.scan);
    try {
      this.#reader.start();
      const sent = await this.#session.copyOut(copyStatement(piece), this.#reader, { signal });
      this.#reader.flush();
      return sent;
    } catch (error) {
      throw TextError.of(error, piece);
    }
  }

  get pending(): { readonly rows: number; readonly bytes: number } {
    return this.#reader.pending;
  }

  get fullMs(): number {
    return this.#reader.fullMs;
  }

  close(): void {
    this.#reader.close();
  }
}
