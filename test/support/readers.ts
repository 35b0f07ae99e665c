import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readWithDuckDB } from './readers-duckdb.js';
import { readWithHyparquet } from './readers-hyparquet.js';
import type { Filter, Rows } from './rows.js';

// Independent Parquet readers, each value as text in one normal form, so that files can be compared with each other and with
// PostgreSQL's own text (see normalText):
//   NULL null · bool `true` · integers and decimals as digits, `-0.50` with all digits of the scale
//   float4, float8: as JavaScript writes the number (`1e+21`, `NaN`, `Infinity`, `-0`), a float4 widened to a double
//   text, json, enum: as it is · bytea `\x00ff` · uuid with hyphens, lower case
//   date `2024-01-31`, `0044-03-15 BC` · time `12:34:56.000000` · timestamp `2024-01-31 12:34:56.000000`, timestamptz with `+00`
//   interval `14 mons 3 days 4000000 us` · lists, structs, maps: JSON of normal forms

export type Reader = 'hyparquet' | 'duckdb' | 'pyarrow' | 'polars' | 'fastparquet';

/** Reads a whole file, in its own row order. fastparquet knows no exact decimals and times: use it for counts and simple types. */
export function readRows(reader: Reader, path: string, filter?: Filter): Promise<Rows> {
  if (reader === 'hyparquet') return readWithHyparquet(path, filter);
  if (reader === 'duckdb') return readWithDuckDB(path, filter);
  return readWithPython(reader, path, filter);
}

const script = fileURLToPath(new URL('../../../test/support/read_parquet.py', import.meta.url));
/** Python of `.venv`, which scripts/venv.mjs makes. */
export const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));

async function readWithPython(reader: Reader, path: string, filter: Filter | undefined): Promise<Rows> {
  const filters = filter === undefined ? [] : [filter.column, String(filter.low), String(filter.high)];
  const lines = (await runPython([script, reader, path, ...filters])).split('\n');
  const { columns, rows: count } = JSON.parse(lines[0] as string) as { columns: string[]; rows: number };
  // Without columns there are no lines of rows to count.
  const rows =
    columns.length === 0
      ? Array.from({ length: count }, () => [])
      : lines.slice(1, -1).map((line) => (JSON.parse(line) as unknown[]).map(pythonCell));
  return { columns, rows };
}

/** Python's stdout; its stderr is in the error. */
export function runPython(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(python, args, { maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${python} ${args.join(' ')}: ${stderr === '' ? error.message : stderr}`));
    });
  });
}

/** A value of read_parquet.py and read_types.py. */
export function pythonCell(value: unknown): string | null {
  const plain = pythonValue(value);
  return plain === null || typeof plain === 'string' ? plain : JSON.stringify(plain);
}

/** Floats come as the hex of their bits, so that Python's way to write numbers does not matter. */
function pythonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pythonValue);
  if (value === null || typeof value !== 'object') return value;
  const { f } = value as { f?: string };
  if (typeof f === 'string' && Object.keys(value).length === 1) return doubleText(Buffer.from(f, 'hex').readDoubleBE());
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, pythonValue(inner)]));
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * PostgreSQL's text of a value (DateStyle ISO, TimeZone UTC, bytea_output hex) in the normal form above. postgresType: as
 * format_type() has it. interval has no such text: select its parts instead.
 */
export function normalText(postgresType: string, text: string | null): string | null {
  if (text === null) return null;
  const type = postgresType.replace(/\(.*?\)/, '');
  if (type === 'boolean') return text === 't' || text === 'true' ? 'true' : 'false';
  if (type === 'real') return doubleText(Math.fround(Number(text)));
  if (type === 'double precision') return doubleText(Number(text));
  if (/^time(stamp)?\b/.test(type))
    return text.replace(/(:\d\d)(?:\.(\d+))?(?!:)(?=$|[ +-])/, (_, seconds: string, digits = '') => `${seconds}.${digits.padEnd(6, '0')}`);
  return text;
}
