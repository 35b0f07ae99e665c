/** What readers take for a pattern (DuckDB and polars: `*?[]{}`), a Hive partition (`=`) or a URL's part (Spark: `:`), or cannot open. */
const ODD = /[\u0000-\u001f\u007f-\u009f\\:*?[\]{}=#&"<>|]/u;
/**
 * What is encoded: that, what ends a file's name, a leading `.` or `_`, for which pyarrow and Spark pass over a file, and `%` itself,
 * so that no two names share a stem.
 */
const ENCODED = new RegExp(`${ODD.source}|[%/]|^[._]|[ .]$`, 'gu');

/** First part of a table's file names, `<stem>_chunk_<i>.parquet`: the name, with what readers stumble over as %XX of its UTF-8 bytes. */
export function fileStem(name: string): string {
  return name.replace(ENCODED, percentEncoded);
}

/** The stem that versions before 0.2.0 gave the table of a stem; most often the same. */
export function formerStem(stem: string): string {
  const name = decodeURIComponent(stem.replace(/%(?![0-9A-F]{2})/g, '%25'));
  return name.replace(/\/|\0|^\./g, percentEncoded);
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Why a reader passes over a file of this name or cannot open it; undefined where none does. */
export function readersTrouble(file: string): string | undefined {
  if (file.startsWith('_') || file.startsWith('.'))
    return `its name begins with ${file[0]}, and pyarrow, pandas and Spark pass over such files`;
  const odd = ODD.exec(file)?.[0];
  if (odd === undefined) return undefined;
  return `its name holds ${JSON.stringify(odd)}, which some readers take for a pattern, a partition or a URL's part`;
}
