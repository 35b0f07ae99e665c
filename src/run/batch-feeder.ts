import { count, counted } from '../counted.js';
import type { Batch, Image } from '../engine/batch.js';
import type { RowConsumer } from '../engine/row-consumer.js';
import type { Schema } from '../engine/schema.js';
import { EngineError } from '../engine/status.js';
import { GpuParserError } from '../errors.js';
import type { TaskPiece } from '../plan/split.js';

/** Where in the source a row of a batch came from. */
export interface RowOrigin {
  readonly piece: TaskPiece;
  /** 0-based, in the piece's order. */
  readonly row: number;
}

/** A batch's error with the row it is about. */
export class BatchError extends Error {
  constructor(
    override readonly cause: EngineError,
    readonly origin: RowOrigin | undefined,
  ) {
    super(cause.message);
  }
}

/** Receives images, in any order; `order` is [task, batch within the task]. */
export interface ImageReceiver {
  receive(image: Promise<Image>, order: readonly number[]): void;
}

/**
 * Turns one connection's rows into batches: closes a batch when it is large enough or its task ends, and remembers which
 * rows came from where.
 */
export class BatchFeeder implements RowConsumer {
  readonly #schema: Schema;
  readonly #receiver: ImageReceiver;
  readonly #batchBytes: () => number;
  #batch: Batch | undefined;
  #origins: { readonly piece: TaskPiece; readonly firstRow: number; readonly firstInPiece: number }[] = [];
  #rowsInBatch = 0;
  #bytesInBatch = 0;
  #task = 0;
  #batchOfTask = 0;
  #piece: TaskPiece | undefined;
  #rowsOfPiece = 0;
  /** Since the feeder was made. */
  rows = 0;
  bytes = 0;

  /** @param batchBytes at which a batch is closed, asked for each time: a GPU that starts does not know it yet. */
  constructor(schema: Schema, receiver: ImageReceiver, batchBytes: () => number) {
    this.#schema = schema;
    this.#receiver = receiver;
    this.#batchBytes = batchBytes;
  }

  startTask(task: number): void {
    this.#task = task;
    this.#batchOfTask = 0;
  }

  startPiece(piece: TaskPiece): void {
    this.#piece = piece;
    this.#rowsOfPiece = 0;
    if (this.#batch) this.#noteOrigin();
  }

  append(rows: number, bytes: number, into: (batch: Batch) => void): void {
    if (this.#batch === undefined) {
      this.#batch = this.#schema.openBatch();
      this.#noteOrigin();
    }
    into(this.#batch);
    this.rows += rows;
    this.bytes += bytes;
    this.#rowsOfPiece += rows;
    this.#rowsInBatch += rows;
    this.#bytesInBatch += bytes;
    if (this.#bytesInBatch >= this.#batchBytes()) this.finishBatch();
  }

  /** Compares the rows taken over with the server's own count. */
  checkPiece(rows: number): void {
    if (rows === this.#rowsOfPiece) return;
    const relation = this.#piece?.scan.relation;
    throw new GpuParserError(
      'PROTOCOL',
      `${relation}: the server sent ${counted(rows, 'row')}, of which ${count(this.#rowsOfPiece)} arrived.`,
      { retry: true },
    );
  }

  /** Encodes the rows gathered so far, if any. */
  finishBatch(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const origins = this.#origins;
    this.#batch = undefined;
    this.#origins = [];
    this.#rowsInBatch = this.#bytesInBatch = 0;
    const image = batch
      .finish()
      .catch((error: unknown) => {
        throw error instanceof EngineError ? new BatchError(error, originOf(origins, error.row)) : error;
      })
      .finally(() => batch.close());
    this.#receiver.receive(image, [this.#task, this.#batchOfTask++]);
  }

  /** Drops the rows gathered so far. */
  abandon(): void {
    this.#batch?.close();
    this.#batch = undefined;
  }

  #noteOrigin(): void {
    this.#origins.push({ piece: this.#piece as TaskPiece, firstRow: this.#rowsInBatch, firstInPiece: this.#rowsOfPiece });
  }
}

function originOf(origins: readonly { piece: TaskPiece; firstRow: number; firstInPiece: number }[], row: number): RowOrigin | undefined {
  if (row < 0) return undefined;
  const origin = origins.findLast(({ firstRow }) => firstRow <= row);
  return origin && { piece: origin.piece, row: origin.firstInPiece + row - origin.firstRow };
}
