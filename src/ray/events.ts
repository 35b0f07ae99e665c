import type { SerializedError } from '../errors.js';
import type { WorkerEvent } from '../run/protocol.js';

type Worker<Type> = Extract<WorkerEvent, { type: Type }>;

/** What the driver prints, one JSON object a line behind a record separator; `n` counts them from 0. */
export type DriverEvent = { readonly n: number } & DriverWords;

type DriverWords =
  /** Its public key, for seal(). */
  | { readonly ev: 'key'; readonly public: string }
  /** The first lane has its place: worth while to make a plan. */
  | { readonly ev: 'near' }
  | { readonly ev: 'started'; readonly ray: string; readonly python: string; readonly node: string }
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

interface CutLog {
  /** With the number of the line each stands on. */
  readonly events: readonly { readonly event: DriverEvent; readonly line: number }[];
  /** Complete ones, of whatever kind. */
  readonly lines: number;
  /** A line of the driver's is not what it printed. */
  readonly damaged: boolean;
}

/** The driver's events in a piece of a job's log that begins with a line; other text is Ray's, and a line without its end is left. */
export function cutLog(text: string): CutLog {
  const lines = text.split('\n').slice(0, -1);
  const events: { event: DriverEvent; line: number }[] = [];
  let damaged = false;
  for (const [line, words] of lines.entries()) {
    const start = words.indexOf('\u001e');
    if (start < 0) continue;
    try {
      events.push({ event: JSON.parse(words.slice(start + 1)) as DriverEvent, line });
    } catch {
      damaged = true;
    }
  }
  return { events, lines: lines.length, damaged };
}
