import { FILLED, layoutOf } from './abi.js';
import type { Library } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus, type Pointer, statusError } from './status.js';
import { readInt64 } from './stream.js';

const { bytes: RECEIVED_BYTES, at: AT } = layoutOf(FILLED.gp_received);

/** What a read has found; offsets are within the slot. It grows while the read goes on. */
export interface Received {
  readonly rows: number;
  readonly end: number;
  readonly need: number;
  readonly filled: number;
  readonly ended: boolean;
  /** Reading has gone on in the slot that was offered. */
  readonly moved: boolean;
}

/** Where the end of a read is heard of: the engine. */
export interface ReadEvents {
  nextId(): number;
  /** Calls `done` once the read has ended. */
  onRead(id: number, done: (failed: boolean) => void): void;
  /** The read will never begin. */
  dropRead(id: number): void;
}

/** One slot's read, and what native code writes of it. */
interface Read {
  readonly id: number;
  readonly found: Buffer;
}

/** Hears of each slot that was left: with `moved`, a read goes on in the one that was offered, else none does. */
export type OnLeft = (found: Received, error: Error | undefined) => void;

/** A connection whose socket native threads read into slots, from one to the next where they were offered another. */
export class Receiver {
  readonly #events: ReadEvents;
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #status = newStatus();
  readonly #taken = Buffer.alloc(4);
  #read: Read = { id: 0, found: Buffer.alloc(RECEIVED_BYTES) };
  #spare: Buffer = Buffer.alloc(RECEIVED_BYTES);
  #next: Read | undefined;
  #onLeft: OnLeft | undefined;
  #ended: Promise<void> | undefined;
  #end: (() => void) | undefined;

  constructor(events: ReadEvents, library: Library, handle: Pointer) {
    this.#events = events;
    this.#library = library;
    this.#handle = handle;
  }

  get reading(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Reads into slot[filled, its end) and walks messages from `from` on, until JavaScript has something to do; see gp_receiver_read.
   * @param least room below which the slot is left, in bytes.
   */
  read(slot: Slot, from: number, filled: number, least: number, onLeft: OnLeft): void {
    const read = { id: this.#events.nextId(), found: this.#read.found };
    const code = this.#library.receiverRead(
      this.#handle,
      slot.memory,
      from,
      filled,
      slot.bytes.length,
      least,
      read.found,
      read.id,
      this.#status,
    );
    check(code, this.#status);
    this.#read = read;
    this.#onLeft = onLeft;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#events.onRead(read.id, (failed) => this.#left(failed));
  }

  /** While a read goes on: the slot for what does not fit, whole. Only one at a time; it may already be too late for it. */
  offer(slot: Slot, least: number): void {
    if (this.#next) return;
    const next = { id: this.#events.nextId(), found: this.#spare };
    const { memory, bytes } = slot;
    const code = this.#library.receiverOffer(this.#handle, memory, bytes.length, least, next.found, next.id, this.#taken, this.#status);
    check(code, this.#status);
    if (this.#taken.readInt32LE(0) === 0) return;
    this.#next = next;
    this.#events.onRead(next.id, (failed) => this.#left(failed));
  }

  /** What the last read found, or the one that is going on has found so far. */
  received(): Received {
    const { found } = this.#read;
    const at = (offset: number) => readInt64(found, offset);
    const flag = (offset: number) => found.readInt32LE(offset) !== 0;
    return { rows: at(AT.rows), end: at(AT.end), need: at(AT.need), filled: at(AT.filled), ended: flag(AT.ended), moved: flag(AT.moved) };
  }

  /** Cuts the connection if a read is going on. Resolves when nothing reads into a slot any more. */
  async close(): Promise<void> {
    if (this.#ended) {
      this.#library.receiverStop(this.#handle);
      await this.#ended;
    }
    this.#library.receiverClose(this.#handle);
  }

  #left(failed: boolean): void {
    const found = this.received();
    const next = this.#next;
    this.#next = undefined;
    if (found.moved && next) {
      this.#spare = this.#read.found;
      this.#read = next;
      this.#onLeft?.(found, undefined);
      return;
    }
    if (next) this.#events.dropRead(next.id);
    if (failed) this.#library.receiverStatus(this.#handle, this.#status);
    const end = this.#end;
    this.#ended = this.#end = undefined;
    this.#onLeft?.(found, failed ? statusError(this.#status) : undefined); // may begin the next read
    end?.();
  }
}
