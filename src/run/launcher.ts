import type { WorkerEvent, WorkerRequest } from './protocol.js';

/** A running worker, wherever it is. */
export interface WorkerHandle {
  readonly index: number;
  /** `cpu` or `cuda:K`. */
  readonly device: string;
  send(request: WorkerRequest): void;
  /** Asks the worker to stop and waits until it has ended; kills it when it does not within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What a launcher tells of one worker. */
export interface WorkerListener {
  event(worker: WorkerHandle, event: WorkerEvent): void;
  /** The process has ended; `reason` says how and holds the last of what it wrote to stderr. */
  ended(worker: WorkerHandle, reason: string): void;
}
