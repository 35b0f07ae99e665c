import type { Library } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus, type Pointer, statusError } from './status.js';
import { readInt64 } from './stream.js';

/** What a read has found; offsets are within the slot. It grows while the read goes on. */
export interface Received {
  readonly rows: number;
  readonly end: number;
  readonly need: number;
  readonly filled: number;
  readonly ended: boolean;
}

/** Where the end of a read is heard of: the engine. */
export interface ReadEvents {
  nextId(): number;
  /** Calls `done` once the read has ended. */
  onRead(id: number, done: (failed: boolean) => void): void;
}

/** A connection whose socket native threads read into slots, one slot's read at a time. */
export class Receiver {
  readonly #events: ReadEvents;
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #received = Buffer.alloc(40);
  readonly #status = newStatus();
  #reading: Promise<void> | undefined;

  constructor(events: ReadEvents, library: Library, handle: Pointer) {
    this.#events = events;
    this.#library = library;
    this.#handle = handle;
  }

  get reading(): boolean {
    return this.#reading !== undefined;
  }

  /**
   * Reads into slot[filled, its end) and walks messages from `from` on, until JavaScript has something to do; see gp_receiver_read.
   * @param least room below which the read ends, in bytes. `done` is called once, with the error of what was read.
   */
  read(slot: Slot, from: number, filled: number, least: number, done: (error: Error | undefined) => void): void {
    const id = this.#events.nextId();
    const code = this.#library.receiverRead(
      this.#handle,
      slot.memory,
      from,
      filled,
      slot.bytes.length,
      least,
      this.#received,
      id,
      this.#status,
    );
    check(code, this.#status);
    this.#reading = new Promise((resolve) => {
      this.#events.onRead(id, (failed) => {
        this.#reading = undefined;
        if (failed) this.#library.receiverStatus(this.#handle, this.#status);
        done(failed ? statusError(this.#status) : undefined);
        resolve();
      });
    });
  }

  /** What the last read found, or the one that is going on has found so far. */
  received(): Received {
    const at = (offset: number) => readInt64(this.#received, offset);
    return { rows: at(0), end: at(8), need: at(16), filled: at(24), ended: this.#received.readInt32LE(36) !== 0 };
  }

  /** Cuts the connection if a read is going on. Resolves when nothing reads into a slot any more. */
  async close(): Promise<void> {
    if (this.#reading) {
      this.#library.receiverStop(this.#handle);
      await this.#reading;
    }
    this.#library.receiverClose(this.#handle);
  }
}
