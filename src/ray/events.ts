import type { SerializedError } from '../errors.js';
import type { WorkerEvent } from '../run/protocol.js';

type Worker<Type> = Extract<WorkerEvent, { type: Type }>;

/** What driver.py prints, one JSON object a line behind a record separator. */
export type DriverEvent =
  | { readonly ev: 'started'; readonly ray: string; readonly python: string }
  | {
      readonly ev: 'lane';
      readonly lane: number;
      readonly node: string;
      readonly nodeId: string;
      readonly devices: string | null;
      readonly pid: number;
    }
  | { readonly ev: 'node'; readonly lane: number; readonly path: string; readonly version: string }
  | {
      readonly ev: 'waiting';
      readonly lanes: number;
      readonly resources: Resources;
      readonly free: Readonly<Record<string, number>>;
      readonly seconds: number;
    }
  | { readonly ev: 'notice'; readonly text: string }
  | { readonly ev: 'ready'; readonly lane: number; readonly event: Worker<'ready'>; readonly probe: string | null }
  /** Lane, chunk, rows and COPY bytes of each lane that has moved. */
  | { readonly ev: 'progress'; readonly lanes: readonly (readonly [number, number, number, number])[] }
  | { readonly ev: 'done'; readonly lane: number; readonly event: Worker<'done'> }
  | { readonly ev: 'retry'; readonly chunk: number; readonly attempt: number; readonly error: SerializedError }
  | { readonly ev: 'failed'; readonly chunk: number; readonly error: SerializedError }
  | { readonly ev: 'lost'; readonly lane: number; readonly error: SerializedError }
  | { readonly ev: 'fatal'; readonly error: SerializedError; readonly nodes: readonly string[] }
  | { readonly ev: 'end'; readonly failed: number; readonly fatal: boolean };

/** What one lane asks of the cluster. */
export interface Resources {
  readonly cpus?: number;
  readonly gpus?: number;
}

/** Cuts one reading of a job's log, from its beginning, into the driver's lines; other text is Ray's. */
export class LogCutter {
  readonly #line: (index: number, text: string) => void;
  #rest = '';
  #lines = 0;

  /** @param line told every line of the driver's, counted from 0. */
  constructor(line: (index: number, text: string) => void) {
    this.#line = line;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      const start = line.indexOf('\u001e');
      if (start >= 0) this.#line(this.#lines++, line.slice(start + 1));
    }
  }
}
