import type { WorkerProgress } from '../run/events.js';
import type { ChunkResult } from '../run/protocol.js';

interface LaneState {
  node: string;
  /** Rows and bytes so far of the chunk in hand, and of those that are done. */
  chunk: number | undefined;
  rows: number;
  bytes: number;
  doneRows: number;
  doneBytes: number;
}

/** What is known of a job's lanes, which show up one by one. */
export class LaneStates {
  readonly #devices: readonly string[];
  readonly #states = new Map<number, LaneState>();

  constructor(devices: readonly string[]) {
    this.#devices = devices;
  }

  of(index: number): LaneState {
    let state = this.#states.get(index);
    if (state === undefined) {
      state = { node: '', chunk: undefined, rows: 0, bytes: 0, doneRows: 0, doneBytes: 0 };
      this.#states.set(index, state);
    }
    return state;
  }

  /** The lane has ended its chunk; `result` where that counts. */
  finish(index: number, result: ChunkResult | undefined): void {
    const state = this.of(index);
    Object.assign(state, { chunk: undefined, rows: 0, bytes: 0 });
    state.doneRows += result?.rows ?? 0;
    state.doneBytes += result?.receivedBytes ?? 0;
  }

  progress(): WorkerProgress[] {
    return [...this.#states]
      .sort(([a], [b]) => a - b)
      .map(([worker, { chunk, rows, bytes, doneRows, doneBytes }]) => {
        return { worker, device: this.#device(worker), chunk, rows: doneRows + rows, bytes: doneBytes + bytes };
      });
  }

  handle(index: number): { readonly index: number; readonly device: string } {
    return { index, device: this.#device(index) };
  }

  #device(index: number): string {
    return this.#devices[index] ?? 'cpu';
  }
}
