import { fileURLToPath } from 'node:url';
import { runPython } from '../support/readers.js';
import { cell, queryDuckDB } from '../support/readers-duckdb.js';
import { observeHyparquet } from './hyparquet.js';
import { observeParquetJava } from './parquet-java.js';
import { eachColumn, type Reading, readingOf } from './reading.js';

const script = fileURLToPath(new URL('../../../test/support/read_types.py', import.meta.url));

/** Readers in the order of docs/readers.md. */
export const MATRIX_READERS = [
  'pyarrow',
  'pandas',
  'pandas-pyarrow',
  'polars',
  'fastparquet',
  'cudf',
  'duckdb',
  'arrow-rs',
  'parquet-java',
  'hyparquet',
] as const;
export type MatrixReader = (typeof MATRIX_READERS)[number];

/** Reads each column alone, as the reader's users get it with default options. */
export function observe(reader: MatrixReader, path: string): Promise<Reading> {
  if (reader === 'duckdb') return observeDuckDB(path);
  if (reader === 'hyparquet') return observeHyparquet(path);
  if (reader === 'parquet-java') return observeParquetJava(path);
  return observePython(reader, path);
}

async function observePython(reader: MatrixReader, path: string): Promise<Reading> {
  return readingOf(await runPython([script, reader, path]));
}

async function observeDuckDB(path: string): Promise<Reading> {
  const file = `read_parquet('${path}')`;
  const { rows } = await queryDuckDB(`SELECT column_name, column_type, version() FROM (DESCRIBE SELECT * FROM ${file})`);
  const columns = await eachColumn(
    rows.map(([name]) => String(name)),
    async (name, i) => {
      const read = await queryDuckDB(`SELECT "${name}" FROM ${file}`);
      return { type: String(rows[i]?.[1]), values: read.rows.map(([value]) => cell(value ?? null)) };
    },
  );
  return { version: String(rows[0]?.[2]).slice(1), columns };
}
