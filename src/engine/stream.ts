import { FILLED, layoutOf } from './abi.js';
import type { Library } from './library.js';
import type { Slot } from './slot.js';
import { check, newStatus, type Pointer } from './status.js';

/** What gp_stream_scan found. Offsets are within the slot. */
export interface Scan {
  rows: number;
  end: number;
  need: number;
  stop: number;
}

const { bytes: SCAN_BYTES, at: AT } = layoutOf(FILLED.gp_scan);

/** The message walker of one connection. */
export class Stream {
  readonly #library: Library;
  readonly #out = Buffer.alloc(SCAN_BYTES);
  readonly #status = newStatus();
  readonly #scan: Scan = { rows: 0, end: 0, need: 0, stop: 0 };

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
    scan.rows = readInt64(out, AT.rows);
    scan.end = readInt64(out, AT.end);
    scan.need = readInt64(out, AT.need);
    scan.stop = out.readInt32LE(AT.stop);
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
