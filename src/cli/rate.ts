/** How fast counters grow, over the last few seconds rather than since the start. */
export class Rate {
  readonly #windowSeconds: number;
  readonly #samples: { readonly at: number; readonly rows: number; readonly bytes: number }[] = [];

  constructor(windowSeconds = 5) {
    this.#windowSeconds = windowSeconds;
  }

  /** Counters at a time in seconds; times never decrease. A counter that falls (a chunk is tried again) starts a new window. */
  add(at: number, rows: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last && (rows < last.rows || bytes < last.bytes)) this.#samples.length = 0;
    this.#samples.push({ at, rows, bytes });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - this.#windowSeconds) this.#samples.shift();
  }

  get rowsPerSecond(): number {
    return this.#slope('rows');
  }

  get bytesPerSecond(): number {
    return this.#slope('bytes');
  }

  #slope(key: 'rows' | 'bytes'): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return (last[key] - first[key]) / (last.at - first.at);
  }
}
