import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cell } from './compare.js';
import { MATRIX_READERS, type MatrixReader } from './observe.js';

/** What every reader makes of every type, as it was last observed; docs/readers.md is made from it. */
export interface Matrix {
  readonly types: readonly MatrixType[];
  readonly readers: Readonly<Partial<Record<MatrixReader, { readonly version: string; readonly cells: Readonly<Record<string, Cell>> }>>>;
}

export interface MatrixType {
  readonly column: string;
  /** As format_type() has it. */
  readonly postgres: string;
  readonly parquet: string;
  readonly required: boolean;
}

const file = fileURLToPath(new URL('../../../test/readers/matrix.json', import.meta.url));

export function recordedMatrix(): Matrix {
  return JSON.parse(readFileSync(file, 'utf8')) as Matrix;
}

/** Replaces one reader's part. */
export function recordReader(
  types: readonly MatrixType[],
  reader: MatrixReader,
  version: string,
  cells: Readonly<Record<string, Cell>>,
): void {
  const parts = { ...recordedMatrix().readers, [reader]: { version, cells } };
  const readers = Object.fromEntries(MATRIX_READERS.filter((name) => parts[name]).map((name) => [name, parts[name]]));
  writeFileSync(file, JSON.stringify({ types, readers }));
}
