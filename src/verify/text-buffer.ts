/** Grows with what is written into it, and is used again. */
export class TextBuffer {
  #memory = Buffer.alloc(1024);
  length = 0;

  /** What was written: memory that the next write may leave. */
  get memory(): Uint8Array {
    return this.#memory;
  }

  clear(): void {
    this.length = 0;
  }

  /** One ASCII character. */
  character(text: string): void {
    this.#reserve(1);
    this.#memory[this.length++] = text.charCodeAt(0);
  }

  /** An ASCII text with its length in front: `3:abc`. */
  value(text: string): void {
    this.#ascii(`${text.length}:`);
    this.#ascii(text);
  }

  /** Bytes with their number in front. */
  bytes(bytes: Uint8Array): void {
    this.#ascii(`${bytes.length}:`);
    this.#reserve(bytes.length);
    this.#memory.set(bytes, this.length);
    this.length += bytes.length;
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#memory[this.length + i] = text.charCodeAt(i);
    this.length += text.length;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#memory.length) return;
    const grown = Buffer.alloc(Math.max(this.length + count, 2 * this.#memory.length));
    grown.set(this.#memory.subarray(0, this.length));
    this.#memory = grown;
  }
}
