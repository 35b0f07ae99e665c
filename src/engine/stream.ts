import type { Library } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus, type Pointer } from './status.js';

/** What gp_stream_scan found. Offsets are within the slot. */
export interface Scan {
  rows: number;
  end: number;
  need: number;
  stop: number;
  trailer: boolean;
}

/** The message walker of one connection. */
export class Stream {
  readonly #library: Library;
  readonly #out = Buffer.alloc(32);
  readonly #status = newStatus();
  readonly #scan: Scan = { rows: 0, end: 0, need: 0, stop: 0, trailer: false };

  constructor(
    library: Library,
    readonly handle: Pointer,
  ) {
    this.#library = library;
  }

  /** Before each COPY. */
  reset(): void {
    check(this.#library.streamReset(this.handle, this.#status), this.#status);
  }

  /** Walks the messages in slot[from, to). The result is reused by the next call. */
  scan(slot: Slot, from: number, to: number): Scan {
    const out = this.#out;
    check(this.#library.streamScan(this.handle, slot.memory, from, to, out, this.#status), this.#status);
    const scan = this.#scan;
    scan.rows = readInt64(out, 0);
    scan.end = readInt64(out, 8);
    scan.need = readInt64(out, 16);
    scan.stop = out.readInt32LE(24);
    scan.trailer = out.readInt32LE(28) !== 0;
    return scan;
  }

  close(): void {
    this.#library.streamClose(this.handle);
  }
}

/** A little-endian int64 that a double holds. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32LE(at + 4) * 2 ** 32 + buffer.readUInt32LE(at);
}
