import { hash } from 'node:crypto';
import type { DemoColumn } from './customer.js';

/** Of one column, or of whole rows: how many values are not NULL, and the sum of the first 32 bits of each one's MD5. */
export interface Checksum {
  readonly values: number;
  readonly sum: number;
}

/** What stands for whole rows among the columns' names. */
export const wholeRows = 'whole rows';

const separator = '\u001f';

/** SQL that gives one row with `rows` and, for each column and for whole rows, `v<i>` and `s<i>`. */
export function checksumSql(table: string, columns: readonly DemoColumn[]): string {
  const row = `concat_ws(E'\\x1f', ${columns.map(({ text }) => `coalesce(${text}, 'NULL')`).join(', ')})`;
  const parts = [...columns.map(({ text }) => text), row].map(
    (text, i) => `count(${text}) AS v${i}, coalesce(sum(('x' || left(md5(${text}), 8))::bit(32)::bigint), 0) AS s${i}`,
  );
  return `SELECT count(*) AS rows, ${parts.join(', ')} FROM ${table}`;
}

/** The row of checksumSql() as checksums by column name. */
export function serverChecksums(row: Readonly<Record<string, string>>, columns: readonly DemoColumn[]): Map<string, Checksum> {
  const names = [...columns.map(({ name }) => name), wholeRows];
  return new Map(names.map((name, i) => [name, { values: Number(row[`v${i}`]), sum: Number(row[`s${i}`]) }]));
}

/** The same from rows of texts, column by column in `columns`' order; undefined is NULL. Sums stay exact below 2^53: two million rows. */
export class Checksums {
  readonly #columns: readonly DemoColumn[];
  readonly #values: number[];
  readonly #sums: number[];
  rows = 0;

  constructor(columns: readonly DemoColumn[]) {
    this.#columns = columns;
    this.#values = new Array<number>(columns.length + 1).fill(0);
    this.#sums = new Array<number>(columns.length + 1).fill(0);
  }

  add(row: readonly (string | undefined)[]): void {
    this.rows++;
    row.forEach((text, i) => {
      if (text !== undefined) this.#count(i, text);
    });
    this.#count(this.#columns.length, row.map((text) => text ?? 'NULL').join(separator));
  }

  result(): Map<string, Checksum> {
    const names = [...this.#columns.map(({ name }) => name), wholeRows];
    return new Map(names.map((name, i) => [name, { values: this.#values[i] ?? 0, sum: this.#sums[i] ?? 0 }]));
  }

  #count(i: number, text: string): void {
    this.#values[i] = (this.#values[i] ?? 0) + 1;
    this.#sums[i] = (this.#sums[i] ?? 0) + Number.parseInt(hash('md5', text).slice(0, 8), 16);
  }
}
