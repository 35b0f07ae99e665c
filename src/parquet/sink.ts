/** Where a joined file goes: bytes in order, no way back. */
export interface ByteSink {
  /** Takes all bytes before it resolves; the caller then reuses their memory. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Gathers small writes into pieces of about a mebibyte. */
export class BufferedSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(1 << 20);
  #used = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#buffer.length - this.#used) await this.flush();
    if (bytes.length > this.#buffer.length / 2) {
      await this.flush();
      await this.#sink.write(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    await this.#sink.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
