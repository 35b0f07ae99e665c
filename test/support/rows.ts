/** Keeps rows with low <= column <= high, through the reader's own pruning by statistics and page indexes. */
export interface Filter {
  readonly column: string;
  readonly low: number;
  readonly high: number;
}

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}
