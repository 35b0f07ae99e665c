import type { Library } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus, type Pointer } from './status.js';
import type { Stream } from './stream.js';

export type ImageWriter = 'gpuparser' | 'cudf';

/** A finished batch: one complete Parquet file in native memory, until `free`. */
export interface Image {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly inputBytes: number;
  readonly decodeNs: number;
  readonly encodeNs: number;
  /** What the engine has to say of the batch: that another one encoded it, and why. */
  readonly note: string | undefined;
  free(): void;
}

/** Where the end is heard of what was only begun: the engine. */
export interface Events {
  /** Calls `free` once the slot is no longer needed. */
  onSlotFree(slot: Slot, free: () => void): void;
  onBatch(id: number, batch: Pointer): Promise<Image>;
}

/** Whole rows on their way to one Parquet file image. */
export class Batch {
  readonly #events: Events;
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #id: number;
  readonly #status = newStatus();

  constructor(events: Events, library: Library, handle: Pointer, id: number) {
    this.#events = events;
    this.#library = library;
    this.#handle = handle;
    this.#id = id;
  }

  /** Hands over the rows that the stream found in the slot; `free` is called once the slot can be used again. */
  append(stream: Stream, slot: Slot, free: () => void): void {
    check(this.#library.batchAppend(this.#handle, stream.handle, slot.memory, slot.id, this.#status), this.#status);
    this.#events.onSlotFree(slot, free);
  }

  /** Encodes what was appended. Rejects with the first error of the batch. */
  async finish(): Promise<Image> {
    check(this.#library.batchFinish(this.#handle, this.#status), this.#status);
    return this.#events.onBatch(this.#id, this.#handle);
  }

  close(): void {
    this.#library.batchClose(this.#handle);
  }
}
