import type { ConnectionConfig } from '../config/connection.js';
import type { SerializedError } from '../errors.js';
import type { ChunkPlan, WorkerPlan } from '../plan/plan.js';
import type { GatherOptions, Shortage } from '../postgres/gather.js';
import type { Locks } from '../source/copy/locks.js';
import type { Coordinator } from './coordinator.js';

/**
 * What a worker process is told, one JSON object a line on its stdin. The end of stdin means: stop, remove what is
 * unfinished, exit. Any launcher that speaks this can run workers.
 */
export type WorkerRequest =
  | {
      readonly type: 'prepare';
      readonly device: string;
      /** That decode and encode. */
      readonly threads: number;
      /** Budget of this worker in bytes. */
      readonly memoryBytes: number;
    }
  | {
      /** Before the plan, where the store may be another one on the worker's machine. */
      readonly type: 'reach';
      readonly place: string;
      /** A file in the store that holds `run`. */
      readonly marker: string;
      readonly run: string;
      /** The file to leave. */
      readonly probe: string;
      /** The worker's, for people. */
      readonly node: string;
      readonly waitMs: number;
    }
  | PlanRequest
  | { readonly type: 'chunk'; readonly chunk: ChunkPlan; readonly attempt: number };

export interface PlanRequest {
  readonly type: 'plan';
  readonly plan: WorkerPlan;
  /** Store for the files; see openStore(). */
  readonly place: string;
  /** Holds the password: requests are never logged. */
  readonly connection: ConnectionConfig;
  /** How many to open. */
  readonly connections: number;
  /** What to do where fewer come. */
  readonly gathering: GatherOptions;
  /** Of all that the chunks will read: each connection takes them before anything is read. */
  readonly locks: Locks;
  /** Whose end ends the worker, where it cannot see that by its stdin. */
  readonly coordinator?: Coordinator;
  /** `node`: the connection lacks its password, which the worker's own password and service files hold. */
  readonly secretFrom?: 'node';
}

export interface WorkerReady {
  readonly type: 'ready';
  readonly device: string;
  /** Of the backends that read. */
  readonly pids: readonly number[];
  /** Where fewer connections came than were to be opened. */
  readonly shortage?: Shortage | undefined;
}

/** What a worker says, one JSON object a line on its stdout. */
export type WorkerEvent =
  | WorkerReady
  | { readonly type: 'progress'; readonly chunk: number; readonly rows: number; readonly bytes: number }
  | { readonly type: 'done'; readonly chunk: number; readonly attempt: number; readonly result: ChunkResult }
  | { readonly type: 'failed'; readonly chunk: number | undefined; readonly attempt: number; readonly error: SerializedError };

/** A chunk that is complete under its final name. */
export interface ChunkResult {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the whole file, 8 hex digits. */
  readonly crc32: string;
  /** Pending.end, in hexadecimal. */
  readonly end?: string;
  /** COPY bytes. */
  readonly receivedBytes: number;
  readonly seconds: number;
  readonly times: StageTimes;
  /** What the engine had to say: batches that another engine encoded, and why. */
  readonly notes: readonly string[];
}

/** Seconds of work, summed over connections and threads. */
export interface StageTimes {
  /** Connections waiting for the server's bytes while the engine could take more. */
  readonly server: number;
  readonly decode: number;
  readonly encode: number;
  readonly write: number;
}

/** Splits a byte stream into lines and parses each; returns what to call with more bytes. */
export function jsonLines<Message>(receive: (message: Message) => void): (bytes: Buffer) => void {
  let rest = '';
  const decoder = new TextDecoder();
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) if (line !== '') receive(JSON.parse(line) as Message);
  };
}
