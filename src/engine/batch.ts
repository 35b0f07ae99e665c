import type { Engine, Image } from './engine.js';
import type { Library, Pointer } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus } from './status.js';
import type { Stream } from './stream.js';

/** Whole rows on their way to one Parquet file image. */
export class Batch {
  readonly #engine: Engine;
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #id: number;
  readonly #status = newStatus();

  constructor(engine: Engine, library: Library, handle: Pointer, id: number) {
    this.#engine = engine;
    this.#library = library;
    this.#handle = handle;
    this.#id = id;
  }

  /** Hands over the rows that the stream found in the slot; `free` is called once the slot can be used again. */
  append(stream: Stream, slot: Slot, free: () => void): void {
    check(this.#library.batchAppend(this.#handle, stream.handle, slot.memory, slot.id, this.#status), this.#status);
    this.#engine.onSlotFree(slot, free);
  }

  /** Encodes what was appended. Rejects with the first error of the batch. */
  async finish(): Promise<Image> {
    check(this.#library.batchFinish(this.#handle, this.#status), this.#status);
    return this.#engine.onBatch(this.#id, this.#handle);
  }

  close(): void {
    this.#library.batchClose(this.#handle);
  }
}
