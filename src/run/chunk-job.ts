import type { Engine } from '../engine/engine.js';
import type { Schema } from '../engine/schema.js';
import type { SlotPool } from '../engine/slot-pool.js';
import type { ChunkPlan, WorkerPlan } from '../plan/plan.js';
import { splitTasks, type Task } from '../plan/split.js';
import type { Store } from '../sink/store.js';
import type { Connection, Reader, Source } from '../source/source.js';
import { BatchError, BatchFeeder } from './batch-feeder.js';
import { ChunkFile } from './chunk-file.js';
import { emptyImage } from './empty-image.js';
import type { ChunkResult } from './protocol.js';
import { rowError } from './row-error.js';
import type { BatchSizes } from './sizes.js';

export interface ChunkContext {
  readonly engine: Engine;
  readonly schema: Schema;
  readonly pool: SlotPool;
  /** Memory that the file is written from; one chunk has it at a time. */
  readonly block: Uint8Array;
  readonly plan: WorkerPlan;
  readonly store: Store;
  readonly sizes: () => BatchSizes;
  readonly source: Source;
  readonly connections: readonly Connection[];
  /** Rows and bytes received so far, of this chunk. */
  readonly onProgress: (rows: number, bytes: number) => void;
}

/**
 * Exports one chunk: its tasks are taken from one queue by all connections, each feeding batches of its own, whose
 * images one file takes. Leaves the complete file, or nothing.
 */
export class ChunkJob {
  readonly #context: ChunkContext;
  readonly #chunk: ChunkPlan;
  readonly #attempt: number;
  readonly #abort = new AbortController();
  readonly #lanes: { readonly feeder: BatchFeeder; readonly reader: Reader }[] = [];
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
    this.#context.pool.hold(false); // a COPY that is read to its end needs room
    this.#abort.abort();
  }

  async run(): Promise<ChunkResult> {
    const started = performance.now();
    const { engine, schema, plan, store, pool, block } = this.#context;
    const hold = (held: boolean) => pool.hold(held);
    const stop = (error: unknown) => this.stop(error);
    const file = await ChunkFile.create(
      store,
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
      const committed = await file.commit();
      const seconds = (performance.now() - started) / 1000;
      const times = { server: this.#serverMs / 1e3, decode: file.decodeNs / 1e9, encode: file.encodeNs / 1e9, write: file.writeMs / 1e3 };
      return { path: file.path, ...committed, receivedBytes: this.#received.bytes, seconds, times, notes: [...file.notes] };
    } catch (error) {
      await file.abandon();
      throw await this.#explain(this.#error ?? error);
    } finally {
      pool.hold(false);
    }
  }

  async #read(file: ChunkFile): Promise<void> {
    const { connections, sizes, schema, onProgress } = this.#context;
    const { taskPages, smallestTaskPages } = sizes();
    const tasks = splitTasks(this.#chunk, taskPages, smallestTaskPages, connections.length);
    const queue = tasks.entries();
    const timer = setInterval(() => onProgress(this.#received.rows, this.#received.bytes), 200);
    try {
      await Promise.all(connections.slice(0, Math.max(1, tasks.length)).map((connection) => this.#drain(connection, queue, file)));
      if (file.empty && this.#error === undefined) file.receive(emptyImage(schema), [0, 0]);
    } finally {
      clearInterval(timer);
    }
    onProgress(this.#received.rows, this.#received.bytes);
  }

  /** One connection's loop: task by task until the queue is empty or the job has failed. */
  async #drain(connection: Connection, queue: IterableIterator<[number, Task]>, file: ChunkFile): Promise<void> {
    const { schema, pool, sizes } = this.#context;
    const feeder = new BatchFeeder(schema, file, () => sizes().batchBytes);
    const reader = connection.reader(pool, feeder);
    this.#lanes.push({ feeder, reader });
    const started = performance.now();
    try {
      for (const [index, task] of queue) {
        feeder.startTask(index);
        for (const piece of task.pieces) {
          if (this.#error !== undefined) return;
          feeder.startPiece(piece);
          const { rows } = await reader.read(piece, this.#abort.signal);
          feeder.checkPiece(rows);
        }
        feeder.finishBatch();
      }
    } catch (error) {
      this.stop(error);
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
    const { plan, source } = this.#context;
    return error instanceof BatchError ? rowError(error, plan, source) : source.explain(error);
  }
}
