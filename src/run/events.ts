import type { SerializedError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { PhaseTimes } from './stage-clock.js';

/** What happens during an export, for progress and logs. */
export type ExportEvent =
  | { readonly type: 'connecting'; readonly host: string; readonly port: number; readonly database: string; readonly user: string }
  | { readonly type: 'device'; readonly device: string; readonly count: number; readonly reason: string }
  | { readonly type: 'planned'; readonly plan: Plan }
  | {
      readonly type: 'progress';
      readonly workers: readonly WorkerProgress[];
      readonly rows: number;
      readonly bytes: number;
      readonly estimatedRows?: number;
      readonly elapsedSeconds: number;
    }
  | { readonly type: 'chunk'; readonly file: FileResult; readonly done: number; readonly total: number }
  | { readonly type: 'retry'; readonly chunk: number; readonly attempt: number; readonly error: SerializedError }
  | { readonly type: 'notice'; readonly message: string; readonly detail: boolean }
  | { readonly type: 'warning'; readonly message: string };

export interface WorkerProgress {
  readonly worker: number;
  /** `cpu` or `cuda:0`. */
  readonly device: string;
  readonly chunk: number | undefined;
  /** Rows and COPY bytes this worker has received so far, all chunks. */
  readonly rows: number;
  readonly bytes: number;
}

export interface FileResult {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly device: string;
}

/** Frozen: these keys never change their meaning; `--json` prints the first eight and `milliseconds`. */
export interface ExportSummary {
  readonly table: string;
  readonly rows: number;
  /** Of the files. */
  readonly bytes: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly files: readonly FileResult[];
  readonly failed: readonly { readonly chunk: number; readonly path: string; readonly error: SerializedError }[];
  readonly warnings: readonly string[];
  /** COPY bytes received. */
  readonly receivedBytes: number;
  /** Share of time, 0..1 each: waiting for the server, decoding, encoding, writing. */
  readonly stages: { readonly server: number; readonly decode: number; readonly encode: number; readonly write: number };
  /** What was measured, in milliseconds. */
  readonly milliseconds: StageMilliseconds;
  readonly snapshotSeconds: number;
}

/**
 * `start` to `finish` follow each other by the clock and are the whole run; `start` is waiting for workers, `lock` for other sessions,
 * `read` the time in which rows come and are written. `server` to `write` are the work inside `read`, summed over connections and
 * threads; `server` is waiting for its bytes, be it for the backend or for the network.
 */
export interface StageMilliseconds extends PhaseTimes {
  readonly server: number;
  readonly decode: number;
  readonly encode: number;
  readonly write: number;
}
