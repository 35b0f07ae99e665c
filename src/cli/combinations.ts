import type { CommandName } from './commands.js';
import type { Values } from './options.js';
import { shorten, spelled, usage } from './usage.js';

const PER_COLUMN = ['type', 'numeric', 'nan', 'infinity', 'enum', 'invalid-utf8', 'rename'] as const;

/** What a query says by itself. */
const TABLE_ONLY = {
  where: 'Put the condition into the query.',
  columns: 'Name the columns in the query.',
  'exclude-columns': 'Name the columns in the query.',
  rename: 'Name the columns with AS in the query.',
} as const;

/** Checks what single options cannot know of each other. Throws USAGE. */
export function checkCombinations(command: CommandName, values: Values): void {
  if (values.quiet && values.verbose) throw usage('--quiet and --verbose exclude each other.', 'Leave one of them out.');
  if (command === 'merge' && values.output === undefined) {
    throw usage('"gpuparser merge" needs the file to write.', 'Write "gpuparser merge FILE... -o FILE".');
  }
  if (command === 'merge' && values.output === '-')
    throw usage('"gpuparser merge" does not write to standard output.', 'Name a file with -o.');
  if (values.ddl && values.json) throw usage('--ddl and --json exclude each other.', 'Leave one of them out.');
  if (command === 'export') checkExport(values);
}

function checkExport(values: Values): void {
  if (values.output === '-' && values.json)
    throw usage('--json cannot be used where the file goes to standard output (--output -).', 'Leave it out, or name a folder.');
  const sources = (['table', 'query', 'query-file'] as const).filter((name) => values[name] !== undefined);
  const [source, other] = sources;
  if (source === undefined) throw usage('A table or a query is missing.', 'Write "-t TABLE" or "--query SQL".');
  if (other !== undefined) throw usage(`${spelled(source)} and ${spelled(other)} exclude each other.`, 'Leave one of them out.');
  if (source !== 'table') {
    const excluded = (Object.keys(TABLE_ONLY) as (keyof typeof TABLE_ONLY)[]).find((name) => values[name] !== undefined);
    if (excluded !== undefined) throw usage(`--${excluded} cannot be used with --${source}.`, TABLE_ONLY[excluded]);
  }
  const file = /^@(.+)|^(\S+\.sql)$/s.exec(values.query ?? '');
  if (file) throw usage('--query takes SQL, not the name of a file.', `Write --query-file ${shorten((file[1] ?? file[2])!)}.`);
  if (values['compression-level'] !== undefined && values.compression !== 'zstd') {
    throw usage(
      `--compression-level is for zstd; ${values.compression ?? 'snappy'} has no levels.`,
      'Add "--compression zstd", or leave the level out.',
    );
  }
  for (const name of PER_COLUMN) {
    const given = (values[name] ?? []).map(({ column }) => column);
    const twice = given.findIndex((column, index) => given.indexOf(column) !== index);
    if (twice < 0) continue;
    const whom = given[twice] === undefined ? 'all columns' : `column "${given[twice]}"`;
    throw usage(`--${name} is given more than once for ${whom}.`, 'Give it once; which of the two is meant cannot be known.');
  }
  const repeated = values.columns?.find((name, index) => values.columns!.indexOf(name) !== index);
  if (repeated !== undefined) throw usage(`--columns names "${repeated}" more than once.`, 'A Parquet file holds a column once.');
}
