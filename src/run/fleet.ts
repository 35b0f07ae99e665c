import type { SerializedError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import type { ChunkPlan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import type { Devices } from './devices.js';
import type { WorkerProgress } from './events.js';
import type { WorkerHandle } from './launcher.js';
import type { ChunkResult, WorkerReady, WorkerRequest } from './protocol.js';

/** A chunk that failed for good. */
export interface ChunkFailure {
  readonly chunk: ChunkPlan;
  readonly error: SerializedError;
}

/** What a fleet works with. */
export interface Site {
  /** One per worker. */
  readonly devices: Devices;
  /** CPU cores of all workers together. */
  readonly cores: number;
  /** Whether CPU workers share this machine's memory, so that --memory bounds their connections. */
  readonly sharesMemory: boolean;
  /** Whether the workers' machines are others: they look for the coordinator's backend, for they cannot see by their stdin that it ends. */
  readonly remote: boolean;
}

/** What an export asks of a fleet. */
export interface FleetRequest {
  readonly options: ExportOptions;
  /** The one file goes to standard output. */
  readonly streams: boolean;
  /** The one that holds the snapshot, once there is one. */
  readonly session: () => Session | undefined;
  readonly hooks: FleetHooks;
}

export interface OpenedFleet {
  readonly fleet: Fleet;
  readonly site: Site;
  readonly warnings: readonly string[];
}

/** Opens fleets of another kind than this machine's, by ExportOptions.cluster. */
export type FleetOpeners = Readonly<Partial<Record<'ray', (request: FleetRequest) => Promise<OpenedFleet>>>>;

/** The workers of one export, wherever they run. */
export interface Fleet {
  /** Begins what can be done before there is a plan. */
  start(): void;
  /** Resolves when it is worth while to take the snapshot: the first worker is there, or about to be. */
  ready(): Promise<void>;
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
