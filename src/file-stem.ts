/**
 * What readers hide, take for a pattern or a URL's part, or cannot open: pyarrow and Spark pass over names that begin with `.` or `_`,
 * `=` makes a Hive partition, Spark refuses `:`, DuckDB and polars expand `*?[]{}`. `%` itself is encoded, so that no two names share
 * a stem.
 */
const ENCODED = /[\u0000-\u001f\u007f-\u009f%/\\:*?[\]{}=#&"<>|]|^[._]|[ .]$/gu;

/** First part of a table's file names, `<stem>_chunk_<i>.parquet`: the name, with what readers stumble over as %XX of its UTF-8 bytes. */
export function fileStem(name: string): string {
  return name.replace(ENCODED, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** The stem that versions before 0.2.0 gave the table of a stem; most often the same. */
export function formerStem(stem: string): string {
  const name = decodeURIComponent(stem.replace(/%(?![0-9A-F]{2})/g, '%25'));
  return name.replace(/\/|\0|^\./g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Why a reader passes over a file of this name or cannot open it; undefined where none does. */
export function readersTrouble(file: string): string | undefined {
  if (file.startsWith('_') || file.startsWith('.'))
    return `its name begins with ${file[0]}, and pyarrow, pandas and Spark pass over such files`;
  const odd = /[\u0000-\u001f\u007f-\u009f\\:*?[\]{}=#&"<>|]/u.exec(file)?.[0];
  if (odd === undefined) return undefined;
  return `its name holds ${JSON.stringify(odd)}, which some readers take for a pattern, a partition or a URL's part`;
}
