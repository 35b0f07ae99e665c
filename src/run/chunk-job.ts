import type { Engine } from '../engine/engine.js';
import type { Schema } from '../engine/schema.js';
import type { SlotPool } from '../engine/slot-pool.js';
import type { ChunkPlan } from '../plan/plan.js';
import { splitTasks, type Task, type TaskPiece } from '../plan/split.js';
import type { Session } from '../postgres/session.js';
import { CopyReader } from '../source/copy/copy-reader.js';
import { lockStatements } from '../source/copy/locks.js';
import { copyStatement } from '../source/copy/statements.js';
import { BatchError, BatchFeeder } from './batch-feeder.js';
import { ChunkFile } from './chunk-file.js';
import { emptyImage } from './empty-image.js';
import type { ChunkResult, WorkerPlan } from './protocol.js';
import { rowError, TextError, textError } from './row-error.js';
import type { BatchSizes } from './sizes.js';

export interface ChunkContext {
  readonly engine: Engine;
  readonly schema: Schema;
  readonly pool: SlotPool;
  /** Memory that the file is written from; one chunk has it at a time. */
  readonly block: Uint8Array;
  readonly plan: WorkerPlan;
  /** The sessions do not hold all their locks yet: the chunk's are taken before it is read. */
  readonly lockChunks: boolean;
  readonly output: string;
  readonly sizes: () => BatchSizes;
  readonly sessions: readonly Session[];
  /** One more session under the same snapshot, for looking up a row after a failure. */
  readonly openSession: () => Promise<Session>;
  /** Rows and COPY bytes received so far, of this chunk. */
  readonly onProgress: (rows: number, bytes: number) => void;
}

/**
 * Exports one chunk: its tasks are taken from one queue by all sessions, every session feeding batches of its own, whose
 * images one file takes. Leaves the complete file, or nothing.
 */
export class ChunkJob {
  readonly #context: ChunkContext;
  readonly #chunk: ChunkPlan;
  readonly #attempt: number;
  readonly #abort = new AbortController();
  readonly #lanes: { readonly feeder: BatchFeeder; readonly reader: CopyReader }[] = [];
  #error: unknown;
  #serverMs = 0;

  constructor(context: ChunkContext, chunk: ChunkPlan, attempt: number) {
    this.#context = context;
    this.#chunk = chunk;
    this.#attempt = attempt;
  }

  /** Stops the job; `run` rejects with the error. */
  stop(error: unknown): void {
    this.#error ??= error;
    this.#abort.abort();
  }

  async run(): Promise<ChunkResult> {
    const started = performance.now();
    const { engine, schema, plan, output, pool, block } = this.#context;
    const hold = (held: boolean) => pool.hold(held);
    const stop = (error: unknown) => this.stop(error);
    const file = await ChunkFile.create(
      output,
      this.#chunk.file,
      this.#attempt,
      plan.writer,
      plan.keyValueMetadata,
      engine.imageWriter,
      schema,
      block,
      hold,
      stop,
    );
    try {
      await this.#read(file);
      await file.settle();
      if (this.#error !== undefined) throw this.#error;
      const { rows, bytes, crc32 } = await file.commit();
      const seconds = (performance.now() - started) / 1000;
      const times = { server: this.#serverMs / 1e3, decode: file.decodeNs / 1e9, encode: file.encodeNs / 1e9, write: file.writeMs / 1e3 };
      return { path: file.path, rows, bytes, crc32, receivedBytes: this.#received.bytes, seconds, times, notes: [...file.notes] };
    } catch (error) {
      await file.abandon();
      throw await this.#explain(this.#error ?? error);
    } finally {
      pool.hold(false);
    }
  }

  async #read(file: ChunkFile): Promise<void> {
    const { sessions, sizes, schema, onProgress } = this.#context;
    const { taskPages, smallestTaskPages } = sizes();
    const tasks = splitTasks(this.#chunk, taskPages, smallestTaskPages, sessions.length);
    const queue = tasks.entries();
    const timer = setInterval(() => onProgress(this.#received.rows, this.#received.bytes), 200);
    try {
      await Promise.all(sessions.slice(0, Math.max(1, tasks.length)).map((session) => this.#drain(session, queue, file)));
      if (file.empty && this.#error === undefined) file.receive(emptyImage(schema), [0, 0]);
    } finally {
      clearInterval(timer);
    }
    onProgress(this.#received.rows, this.#received.bytes);
  }

  /** One session's loop: task by task until the queue is empty or the job has failed. */
  async #drain(session: Session, queue: IterableIterator<[number, Task]>, file: ChunkFile): Promise<void> {
    const { engine, schema, pool, sizes, lockChunks } = this.#context;
    const stream = engine.openStream();
    const feeder = new BatchFeeder(schema, stream, file, () => sizes().batchBytes);
    const reader = new CopyReader(stream, pool, feeder);
    this.#lanes.push({ feeder, reader });
    const started = performance.now();
    let reading: TaskPiece | undefined;
    try {
      if (lockChunks) for (const lock of lockStatements(this.#chunk.scans).statements) await session.query(lock);
      for (const [index, task] of queue) {
        feeder.startTask(index);
        for (const piece of task.pieces) {
          if (this.#error !== undefined) return;
          reading = piece;
          feeder.startPiece(piece);
          reader.start();
          const { rows } = await session.copyOut(copyStatement(piece), reader, { signal: this.#abort.signal });
          reader.flush();
          feeder.checkPiece(rows);
        }
        feeder.finishBatch();
      }
    } catch (error) {
      this.stop(TextError.of(error, reading));
    } finally {
      this.#serverMs += performance.now() - started - reader.fullMs;
      feeder.abandon();
      reader.close();
    }
  }

  get #received(): { rows: number; bytes: number } {
    const total = { rows: 0, bytes: 0 };
    for (const { feeder, reader } of this.#lanes) {
      total.rows += feeder.rows + reader.pending.rows;
      total.bytes += feeder.bytes + reader.pending.bytes;
    }
    return total;
  }

  /** An error about a value with table, column and row; others as they are. */
  async #explain(error: unknown): Promise<unknown> {
    const { plan, openSession } = this.#context;
    if (error instanceof TextError) return textError(error, plan, openSession);
    return error instanceof BatchError ? rowError(error, plan, openSession) : error;
  }
}
