import type { RowConsumer } from '../../engine/row-consumer.js';
import type { SlotPool } from '../../engine/slot-pool.js';
import type { ChunkPlan } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import type { Connection, Reader } from '../source.js';
import { CopyReader } from './copy-reader.js';
import { lockStatements } from './locks.js';
import { copyStatement } from './statements.js';
import { TextError } from './text-error.js';

/** A session that sends pieces by COPY. */
export class CopyConnection implements Connection {
  readonly #session: Session;
  readonly #lockChunks: boolean;

  /** @param lockChunks the session does not hold all its locks yet: a chunk's are taken before it is read. */
  constructor(session: Session, lockChunks: boolean) {
    this.#session = session;
    this.#lockChunks = lockChunks;
  }

  get pid(): number {
    return this.#session.pid;
  }

  reader(pool: SlotPool, consumer: RowConsumer): Reader {
    return new PieceReader(this.#session, this.#lockChunks, new CopyReader(pool.engine.openStream(), pool, consumer));
  }
}

class PieceReader implements Reader {
  readonly #session: Session;
  readonly #lockChunks: boolean;
  readonly #reader: CopyReader;

  constructor(session: Session, lockChunks: boolean, reader: CopyReader) {
    this.#session = session;
    this.#lockChunks = lockChunks;
    this.#reader = reader;
  }

  async begin({ scans }: ChunkPlan): Promise<void> {
    if (this.#lockChunks) for (const lock of lockStatements(scans).statements) await this.#session.query(lock);
  }

  async read(piece: TaskPiece, signal: AbortSignal): Promise<{ rows: number }> {
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
