import type { Library } from './library.js';
import { nativePages, type PageAppend, type PagesTaken, pagesTaken } from './pages.js';
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

  /**
   * Hands over the rows that the snapshot sees on a slot's pages, from the slot's start. Resolves once the slot can be used again.
   * Where a page's rows cannot be taken, it and all behind it, in later calls too, are not, until a call resumes: in their order.
   */
  appendPages(append: PageAppend): Promise<PagesTaken> {
    const given = nativePages(append);
    const { slot } = append;
    const { blocks, count, result, pages, asked, capacity } = given;
    const { layout, visibility, checksums = true, resume = false } = append;
    check(
      this.#library.batchAppendPages(
        this.#handle,
        layout.handle,
        visibility.handle,
        slot.memory,
        blocks,
        count,
        checksums ? 1 : 0,
        resume ? 1 : 0,
        result,
        pages,
        asked,
        capacity,
        slot.id,
        this.#status,
      ),
      this.#status,
    );
    return new Promise((resolve) => this.#events.onSlotFree(slot, () => resolve(pagesTaken(given))));
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
