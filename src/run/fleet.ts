import type { SerializedError } from '../errors.js';
import type { ChunkPlan } from '../plan/plan.js';
import type { WorkerProgress } from './events.js';
import type { WorkerHandle } from './launcher.js';
import type { ChunkResult, WorkerReady, WorkerRequest } from './protocol.js';

/** A chunk that failed for good. */
export interface ChunkFailure {
  readonly chunk: ChunkPlan;
  readonly error: SerializedError;
}

/** The workers of one export, wherever they run. */
export interface Fleet {
  /** Begins with `count` workers what can be done before there is a plan. */
  start(count: number): void;
  /**
   * Exports the chunks with the first `most` workers (default: all); the others end. Resolves with the chunks that failed for
   * good; each of the others has been reported done.
   */
  run(chunks: readonly ChunkPlan[], most?: number): Promise<readonly ChunkFailure[]>;
  progress(): WorkerProgress[];
  /** Ends all workers; those that do not obey are killed after `graceMs`. May be called again. */
  stop(graceMs: number): Promise<void>;
}

/** A worker, for reports. */
export type WorkerName = Pick<WorkerHandle, 'index' | 'device'>;

/** What a fleet asks and tells. */
export interface FleetHooks {
  /** What a fresh worker is told before its first chunk: `prepare` and, once there is one, `plan`. */
  prologue(worker: number): readonly WorkerRequest[];
  onDone(chunk: ChunkPlan, worker: WorkerName, result: ChunkResult): void;
  onRetry(chunk: ChunkPlan, attempt: number, error: SerializedError): void;
  onReady?(worker: WorkerName, ready: Pick<WorkerReady, 'pids' | 'shortage'>): void;
  /** Something people may want to know while they wait; details only when they ask for more. */
  onNotice(text: string, detail: boolean): void;
  onWarning(text: string): void;
}
