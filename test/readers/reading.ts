import { pythonCell } from '../support/readers.js';

/** What a reader makes of one column: its own name of the type and the values in the normal form of readers.ts, or its error. */
export type ColumnReading = { readonly type: string; readonly values: readonly (string | null)[] } | { readonly error: string };

export interface Reading {
  readonly version: string;
  readonly columns: Readonly<Record<string, ColumnReading>>;
}

/** What read_types.py and ReadTypes.java print. */
export function readingOf(json: string): Reading {
  const { version, columns } = JSON.parse(json) as Reading;
  const texts = Object.entries(columns).map(([name, column]) => [
    name,
    'error' in column ? column : { ...column, values: column.values.map(pythonCell) },
  ]);
  return { version, columns: Object.fromEntries(texts) };
}

/** Reads columns one by one; one that cannot be read does not hide the others. */
export async function eachColumn(
  names: readonly string[],
  read: (name: string, i: number) => Promise<ColumnReading>,
): Promise<Record<string, ColumnReading>> {
  const columns: Record<string, ColumnReading> = {};
  for (const [i, name] of names.entries()) columns[name] = await read(name, i).catch((error: Error) => ({ error: error.message }));
  return columns;
}
