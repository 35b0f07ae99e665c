import { counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import { MOST_PROBLEMS, type Problem } from './report.js';

/** Says what one check found wrong, in a clause. */
export type Report = (check: string, what: string) => void;

/** Gathers what is wrong with one thing; of what says the same again and again it keeps the first few. */
export class Problems {
  readonly #all: Problem[] = [];
  readonly #file: string | undefined;
  #more = 0;

  constructor(file?: string) {
    this.#file = file;
  }

  add(check: string, message: string, more: { readonly column?: string; readonly hint?: string } = {}): void {
    if (this.#all.length < MOST_PROBLEMS)
      this.#all.push({ check, ...(this.#file === undefined ? {} : { file: this.#file }), ...more, message });
    else this.#more++;
  }

  /** Runs one check; an error that it throws is a problem with that check. */
  async during(check: string, run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      const { code, message, hint } = GpuParserError.from(thrown);
      // A defect of ours must not look like a damaged file.
      if (code === 'INTERNAL' || code === 'INTERRUPTED') throw thrown;
      this.add(check, message, hint === undefined ? {} : { hint });
    }
  }

  get none(): boolean {
    return this.#all.length === 0;
  }

  get list(): readonly Problem[] {
    if (this.#more === 0) return this.#all;
    const { check } = this.#all.at(-1) as Problem;
    return [
      ...this.#all,
      { check, ...(this.#file === undefined ? {} : { file: this.#file }), message: `Not listed: ${counted(this.#more, 'more problem')}.` },
    ];
  }
}
