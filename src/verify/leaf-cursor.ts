import type { DataPage } from '../parquet/column-pages.js';
import { PageError } from '../parquet/hybrid.js';
import type { ValueBlock } from '../parquet/value-block.js';

/** Walks the values of one leaf, level by level, over its pages. */
export class LeafCursor {
  readonly #pages: Iterator<DataPage>;
  readonly #maxDefinition: number;
  #page: DataPage | undefined;
  #entry = 0;
  #present = 0;
  /** Where the value is that next() found. */
  index = 0;
  definition = 0;
  repetition = 0;

  constructor(pages: Iterator<DataPage>, maxDefinition: number) {
    this.#pages = pages;
    this.#maxDefinition = maxDefinition;
  }

  get block(): ValueBlock {
    return (this.#page as DataPage).values;
  }

  /** Goes to the next entry. @returns whether it has a value. @throws PageError when there is none. */
  next(): boolean {
    while (this.#page === undefined || this.#entry === this.#page.count) {
      const { value, done } = this.#pages.next();
      if (done) throw new PageError('it ends before its last row');
      this.#page = value;
      this.#entry = 0;
      this.#present = 0;
    }
    const { definitions, repetitions, indices } = this.#page;
    this.repetition = repetitions?.[this.#entry] ?? 0;
    this.definition = definitions?.[this.#entry] ?? this.#maxDefinition;
    this.#entry++;
    if (this.definition !== this.#maxDefinition) return false;
    this.index = indices === undefined ? this.#present : (indices[this.#present] as number);
    this.#present++;
    return true;
  }
}
