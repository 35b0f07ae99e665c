import { type Cell, isLess } from './compare.js';
import { type Matrix, type MatrixType, recordedMatrix } from './matrix.js';
import { NOTES, type Note, noteFor } from './notes.js';
import { MATRIX_READERS, type MatrixReader } from './observe.js';

const names: Readonly<Record<MatrixReader, string>> = {
  pyarrow: 'pyarrow',
  pandas: 'pandas',
  'pandas-pyarrow': "pandas, `dtype_backend='pyarrow'`,",
  polars: 'polars',
  fastparquet: 'fastparquet',
  cudf: 'cuDF (pylibcudf)',
  duckdb: 'DuckDB',
  'arrow-rs': 'arrow-rs',
  'parquet-java': 'parquet-java',
  hyparquet: 'hyparquet',
};

/** Types that exist in the tests alone. */
const testTypes: Readonly<Record<string, string>> = {
  limits_mood: 'enum',
  limits_positive: 'domain over integer',
  limits_pair: 'composite',
  'limits_pair[]': 'composite[]',
  limits_deep: 'composite of arrays',
};

/** docs/readers.md: what was observed, with the notes in words. */
export function readersReference(): string {
  const matrix = recordedMatrix();
  const observed = MATRIX_READERS.filter((reader) => matrix.readers[reader]);
  const half = Math.ceil(observed.length / 2);
  const numbers = new Map(NOTES.map((note, i) => [note, i + 1]));
  const tables = [observed.slice(0, half), observed.slice(half)].map((readers) => table(matrix, readers, numbers));
  const notes = NOTES.map((note) => `${numbers.get(note)}. ${names[note.reader]}: ${note.says}${example(matrix, note)}`);
  return `${HEAD}\n${tables.join('\n\n')}\n\n## Notes\n${notes.join('\n')}\n${FOOT}`;
}

function table(matrix: Matrix, readers: readonly MatrixReader[], numbers: ReadonlyMap<Note, number>): string {
  const header = readers.map((reader) => `${names[reader]} ${matrix.readers[reader]?.version}`);
  const rows = new Map<string, Set<string>>();
  for (const type of matrix.types) {
    const cells = readers.map((reader) =>
      cellText(matrix.readers[reader]?.cells[type.column], numbers.get(noteFor(reader, type.column) as Note)),
    );
    const key = `${type.parquet} | ${cells.join(' | ')}`;
    rows.set(key, (rows.get(key) ?? new Set()).add(typeText(type)));
  }
  const lines = [...rows].map(([cells, types]) => `| ${[...types].join(', ')} | ${cells} |`);
  return [`| PostgreSQL | Parquet | ${header.join(' | ')} |`, `|---|---|${readers.map(() => '---|').join('')}`, ...lines].join('\n');
}

function typeText({ postgres, required }: MatrixType): string {
  return `${testTypes[postgres] ?? postgres}${required ? ' NOT NULL' : ''}`;
}

function cellText(cell: Cell | undefined, note: number | undefined): string {
  if (cell === undefined) return '';
  const type = cell.type === undefined ? '' : ` \`${cell.type}\``;
  const mark = !isLess(cell) ? '✓' : cell.as ? '○' : '✗';
  return `${mark}${type}${note === undefined ? '' : ` (${note})`}`;
}

/** A value that one of a note's columns lost, if one can be shown. */
function example(matrix: Matrix, note: Note): string {
  const cells = note.columns.map((column) => matrix.readers[note.reader]?.cells[column]);
  const error = cells.find((cell) => cell?.error !== undefined)?.error;
  if (error !== undefined) return ` \`${error}\`.`;
  const lost = cells
    .flatMap((cell) => cell?.differs ?? [])
    .find((pair) => pair.every((text) => text === null || /^[^\u0000-\u001f]+$/.test(text)));
  if (lost === undefined) return '';
  const [server, reader] = lost.map((text) => (text === null ? 'NULL' : `\`${text}\``));
  return ` ${server} → ${reader}.`;
}

const HEAD = `<!-- Made from test/readers/matrix.json and notes.ts by scripts/docs.mjs; do not edit. -->
# Readers

What each reader makes of each type, with its default options: its own name of the type, and whether every value is the one
that the server gives as text. A file of every type at its limits, with NULLs, is read column by column and compared value by value.

✓ every value exact · ○ every value whole, in another form · ✗ some values lost: the number says what. Whatever a reader
loses is in the file: pyarrow, DuckDB, arrow-rs and parquet-java read every value exactly.
`;

const FOOT = `
## How this is kept true
\`npm test\` observes pyarrow, pandas, polars, fastparquet, DuckDB, arrow-rs (through DataFusion) and hyparquet, \`npm run nightly\`
parquet-java too, and a machine with a GPU and cuDF cuDF; any difference from this table, for better or worse, fails the test
\`test/readers/matrix.test.ts\`. \`node scripts/readers.mjs\` records what has changed.
`;
