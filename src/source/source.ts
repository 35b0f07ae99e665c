import type { RowConsumer } from '../engine/row-consumer.js';
import type { SlotPool } from '../engine/slot-pool.js';
import type { TaskPiece } from '../plan/split.js';
import type { Shortage } from '../postgres/gather.js';

/** Where a worker's rows come from: connections to a server, all under the plan's snapshot. */
export interface Source {
  /** Connections that there may be at a time. */
  readonly most: number;
  /** Why `open` gave fewer, where it did. */
  readonly shortage: Shortage | undefined;
  /** The connections that can be had, holding their locks. Fails where there is none. */
  open(): Promise<readonly Connection[]>;
  /** Other connections, after a failure left those there are in an unknown state. */
  replace(): Promise<readonly Connection[]>;
  /** Where the `row`-th row (0-based) of a piece is and, where a column is named, what it holds there. Nobody reads meanwhile. */
  locate(piece: TaskPiece, row: number, column?: string): Promise<LocatedRow>;
  /** What a reader threw, with what a second look found; errors that need none as they are. */
  explain(error: unknown): Promise<unknown>;
  /** The server's warnings since the last call. */
  takeNotes(): string[];
  close(): Promise<void>;
  /** Nobody waits for what is being read: connections that can be had again are cut. */
  destroy(): void;
}

export interface Connection {
  /** The backend's process id. */
  readonly pid: number;
  /** Makes the connection read into the pool's slots for a consumer; it reads for one at a time. */
  reader(pool: SlotPool, consumer: RowConsumer): Reader;
}

/** Reads pieces of one chunk over one connection. */
export interface Reader {
  /**
   * Reads a piece's rows into the consumer, in table order.
   * @returns the server's own count of them.
   */
  read(piece: TaskPiece, signal: AbortSignal): Promise<{ readonly rows: number }>;
  /** What has arrived and is not with the consumer yet. */
  readonly pending: { readonly rows: number; readonly bytes: number };
  /** Time during which no slot was free, in milliseconds. */
  readonly fullMs: number;
  /** Gives the slots back. */
  close(): void;
}

export interface LocatedRow {
  /** `row (12,7), "id" = 42`; its place in the stream where that is all there is. */
  readonly place: string;
  /** The text of the column asked for, shortened. */
  readonly value?: string;
}
