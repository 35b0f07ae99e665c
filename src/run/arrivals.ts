import { type Shortage, saysHowMany } from '../postgres/gather.js';

/** Says, once for a run, how many connections its workers got, where those were fewer than planned. */
export class Arrivals {
  readonly #workers: number;
  readonly #asked: number;
  readonly #say: (sentence: string) => void;
  readonly #came = new Map<number, number>();
  #shortage: Shortage | undefined;
  #left = 0;
  #said = false;

  /** @param asked connections of all workers together. */
  constructor(workers: number, asked: number, say: (sentence: string) => void) {
    this.#workers = workers;
    this.#asked = asked;
    this.#say = say;
  }

  /** A worker reads with `open` connections. What its replacement gets is no news. */
  ready(worker: number, open: number, shortage: Shortage | undefined): void {
    if (this.#came.has(worker)) return;
    this.#came.set(worker, shortage?.came ?? open);
    this.#shortage ??= shortage;
    if (shortage?.left) this.#left++;
    if (this.#came.size === this.#workers) this.end();
  }

  /** No more workers come. */
  end(): void {
    if (this.#said || this.#shortage === undefined) return;
    this.#said = true;
    const came = [...this.#came.values()].reduce((sum, count) => sum + count, 0);
    const left = this.#left === 0 ? '' : `, and ${this.#left} of them ${this.#left === 1 ? 'is' : 'are'} left to others`;
    this.#say(`${saysHowMany({ asked: this.#asked, came, why: this.#shortage.why })}${left}.`);
  }
}
