import type { ExportEvent, Plan, WorkerProgress } from '../index.js';
import { Rate } from './rate.js';

export type ProgressEvent = Extract<ExportEvent, { type: 'progress' }>;

/** How far something has come. */
export interface Reading {
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** 0..1; undefined when the number of rows is not known. */
  readonly share: number | undefined;
  /** Undefined when nobody can tell. */
  readonly secondsLeft: number | undefined;
}

interface WorkerState {
  readonly rate: Rate;
  chunk: number | undefined;
  rowsBeforeChunk: number;
}

/** Turns progress events into rates, shares and times left, for the run and for each worker's chunk in hand. */
export class Meter {
  readonly #rate = new Rate();
  readonly #workers = new Map<number, WorkerState>();
  #plan: Plan | undefined;
  event: ProgressEvent | undefined;

  planned(plan: Plan): void {
    this.#plan = plan;
  }

  update(event: ProgressEvent, at: number): void {
    this.event = event;
    this.#rate.add(at, event.rows, event.bytes);
    for (const worker of event.workers) {
      const state = this.#stateOf(worker);
      if (state.chunk !== worker.chunk || worker.rows < state.rowsBeforeChunk)
        [state.chunk, state.rowsBeforeChunk] = [worker.chunk, worker.rows];
      state.rate.add(at, worker.rows, worker.bytes);
    }
  }

  /** Counts standing counters as standing, so that rates fall while nothing arrives. */
  repeat(at: number): void {
    if (this.event) this.update(this.event, at);
  }

  get total(): Reading {
    return reading(this.#rate, this.event?.rows ?? 0, this.event?.estimatedRows);
  }

  /** Of its chunk in hand: rows, share and time left. */
  worker(worker: WorkerProgress): Reading {
    const state = this.#stateOf(worker);
    return reading(state.rate, worker.rows - state.rowsBeforeChunk, this.#rowsOfChunk(worker.chunk));
  }

  #stateOf(worker: WorkerProgress): WorkerState {
    let state = this.#workers.get(worker.worker);
    if (!state) this.#workers.set(worker.worker, (state = { rate: new Rate(), chunk: worker.chunk, rowsBeforeChunk: 0 }));
    return state;
  }

  /** Chunks are even shares of the table's pages, so of its rows nearly. */
  #rowsOfChunk(chunk: number | undefined): number | undefined {
    if (chunk === undefined || !this.#plan) return undefined;
    const estimated = this.event?.estimatedRows ?? this.#plan.estimatedRows;
    return this.#plan.chunks[chunk]?.rows ?? (estimated === undefined ? undefined : estimated / this.#plan.chunks.length);
  }
}

function reading(rate: Rate, rows: number, expected: number | undefined): Reading {
  const { rowsPerSecond, bytesPerSecond } = rate;
  const secondsLeft = expected === undefined || rowsPerSecond <= 0 || rows >= expected ? undefined : (expected - rows) / rowsPerSecond;
  return { rows, rowsPerSecond, bytesPerSecond, share: expected ? Math.min(rows / expected, 1) : undefined, secondsLeft };
}
