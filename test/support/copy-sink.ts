import type { CopySink, ServerMessage } from '../../src/postgres/session.js';

export interface ByteSinkOptions {
  /** Bytes of each window; small ones split headers and rows in every place. Default 64 KiB. */
  readonly windowBytes?: number | (() => number);
  /** Called with every stretch of COPY data, in order. */
  readonly onData?: (bytes: Uint8Array) => void;
}

/** A sink in plain JavaScript that walks the messages itself, byte by byte correct and unhurried. */
export class ByteSink implements CopySink {
  full = false;
  onDrain: (() => void) | undefined;
  bytes = 0;
  messages = 0;
  /** Windows handed out and not yet reported on; more than one would lose bytes. */
  outstanding = 0;
  maxOutstanding = 0;
  readonly #windowBytes: () => number;
  readonly #onData: ((bytes: Uint8Array) => void) | undefined;
  #window: Buffer = Buffer.alloc(0);
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the CopyData message in hand that are still to come. */
  #left = 0;

  constructor(options: ByteSinkOptions = {}) {
    const { windowBytes = 64 * 1024 } = options;
    this.#windowBytes = typeof windowBytes === 'number' ? () => windowBytes : windowBytes;
    this.#onData = options.onData;
  }

  window(): Uint8Array {
    if (this.full) throw new Error('A window was asked for while the sink was full.');
    this.outstanding++;
    this.maxOutstanding = Math.max(this.maxOutstanding, this.outstanding);
    this.#window = Buffer.allocUnsafe(this.#windowBytes());
    return this.#window;
  }

  received(bytes: number): void {
    this.outstanding--;
    this.#pending = Buffer.concat([this.#pending, this.#window.subarray(0, bytes)]);
  }

  next(): ServerMessage | undefined {
    while (this.#pending.length > 0) {
      if (this.#left > 0) {
        this.#data(this.#take(Math.min(this.#left, this.#pending.length)));
        continue;
      }
      if (this.#pending.length < 5) return undefined;
      const type = this.#pending[0] as number;
      const length = this.#pending.readUInt32BE(1) - 4;
      if (type === 0x64) {
        this.#take(5);
        this.#left = length;
        this.messages++;
        continue;
      }
      if (this.#pending.length < 5 + length) return undefined;
      this.#take(5);
      return { type, body: this.#take(length) };
    }
    return undefined;
  }

  #data(bytes: Buffer): void {
    this.#left -= bytes.length;
    this.bytes += bytes.length;
    this.#onData?.(bytes);
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }
}
