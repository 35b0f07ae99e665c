import type { DataPage } from '../parquet/pages/column-pages.js';
import { PageError } from '../parquet/pages/hybrid.js';
import type { Leaf } from '../parquet/pages/levels.js';
import type { ValueBlock } from '../parquet/pages/value-block.js';

/** Stands on one entry of a leaf column, a value or what is in place of one, and walks on over its pages. */
export class LeafCursor {
  readonly leaf: Leaf;
  readonly #pages: Iterator<DataPage>;
  #page: DataPage | undefined;
  #entry = -1;
  /** Values of the page before this entry. */
  #present = 0;
  /** Of the entry; a repetition of 0 begins a row. */
  definition = 0;
  repetition = 0;

  constructor(pages: Iterator<DataPage>, leaf: Leaf) {
    this.leaf = leaf;
    this.#pages = pages;
    this.advance();
  }

  /** True behind the last entry. */
  get ended(): boolean {
    return this.#page === undefined;
  }

  get hasValue(): boolean {
    return this.definition === this.leaf.maxDefinition;
  }

  /** Where the entry's value is, if it has one. */
  get block(): ValueBlock {
    return (this.#page as DataPage).values;
  }

  get index(): number {
    const { indices } = this.#page as DataPage;
    return indices === undefined ? this.#present : (indices[this.#present] as number);
  }

  advance(): void {
    if (this.#page !== undefined && this.hasValue) this.#present++;
    this.#entry++;
    while (this.#page === undefined || this.#entry === this.#page.count) {
      const { value, done } = this.#pages.next();
      this.#page = done ? undefined : value;
      if (done) return;
      this.#entry = 0;
      this.#present = 0;
    }
    const { definitions, repetitions } = this.#page;
    this.repetition = repetitions?.[this.#entry] ?? 0;
    this.definition = definitions?.[this.#entry] ?? this.leaf.maxDefinition;
  }

  /** Leaves an entry that must be there. */
  take(): void {
    if (this.ended) throw new PageError('it ends before its last row');
    this.advance();
  }
}
