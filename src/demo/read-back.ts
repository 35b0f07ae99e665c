import { GpuParserError } from '../errors.js';
import { Checksums } from './checksum.js';
import type { DemoColumn } from './customer.js';

type Reader = typeof import('hyparquet');

/**
 * hyparquet, a Parquet reader that shares nothing with our writer.
 * @throws GpuParserError NOT_FOUND when it is not installed: it is no dependency of the package.
 */
export async function loadReader(): Promise<Reader> {
  try {
    return await import('hyparquet');
  } catch (cause) {
    throw new GpuParserError('NOT_FOUND', 'The demo reads its files back with hyparquet, which is not installed.', {
      hint: 'Run "npm install hyparquet" beside gpuparser, then the demo again.',
      cause,
    });
  }
}

/** Values as the texts that DemoColumn.text has on the server. */
const parsers = {
  timestampFromMicroseconds: (micros: bigint) =>
    `${new Date(Number(micros / 1000n)).toISOString().slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`,
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  // Kept as text: parsing would lose the server's spelling.
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes),
};

/** Reads the files' rows with hyparquet into checksums, and keeps the first few rows as texts. */
export async function readBack(reader: Reader, files: readonly string[], columns: readonly DemoColumn[], keep: number) {
  const checksums = new Checksums(columns);
  const first: string[][] = [];
  const decimals = new Set(columns.filter(({ type }) => type.startsWith('numeric')).map(({ name }) => name));
  for (const path of files) {
    const file = await reader.asyncBufferFromFile(path);
    const rows = await reader.parquetReadObjects({ file, parsers });
    for (const row of rows) {
      const texts = columns.map(({ name }) => asText(row[name], decimals.has(name)));
      checksums.add(texts);
      if (first.length < keep) first.push(texts.map((text) => text ?? 'NULL'));
    }
  }
  return { rows: checksums.rows, checksums: checksums.result(), first };
}

/** hyparquet gives decimals as numbers; numeric(12,2) has at most 12 digits, so two decimals of a double are exact. */
function asText(value: unknown, decimal: boolean): string | undefined {
  if (value === undefined || value === null) return undefined;
  return decimal ? (value as number).toFixed(2) : String(value);
}
