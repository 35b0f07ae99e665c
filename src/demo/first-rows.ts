/** Values as people write them. */
const parsers = {
  timestampFromMicroseconds: (micros: bigint) =>
    `${new Date(Number(micros / 1000n)).toISOString().slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`,
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  // Kept as text: parsing would lose the server's spelling.
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes),
};

/**
 * A file's first rows as hyparquet reads them, a Parquet reader that shares nothing with our own.
 * @returns undefined where it is not installed: it is no dependency of the package.
 */
export async function firstRows(path: string, columns: readonly string[], count: number): Promise<string[][] | undefined> {
  const reader = await import('hyparquet').catch(() => undefined);
  if (reader === undefined) return undefined;
  const file = await reader.asyncBufferFromFile(path);
  const rows = await reader.parquetReadObjects({ file, parsers, rowEnd: count });
  return rows.map((row) => columns.map((name) => asText(row[name])));
}

/** hyparquet gives decimals as doubles, and no other number here is one: of numeric(12,2) two digits behind the point are exact. */
function asText(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(2) : String(value ?? 'NULL');
}
