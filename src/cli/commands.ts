import type { OptionName } from './options.js';

export type CommandName = 'export' | 'verify' | 'merge' | 'inspect' | 'doctor' | 'demo' | 'completions' | 'help';

export interface Command {
  readonly name: CommandName;
  /** One line; no period. */
  readonly summary: string;
  /** What follows the name in the usage line, apart from options. */
  readonly operands?: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  /** What a missing operand is called in the message about it. */
  readonly operandName?: string;
  readonly operandChoices?: readonly string[];
  readonly operandFiles?: boolean;
  readonly options: readonly OptionName[];
  /** Where an option means something else to this command than options.ts says. */
  readonly meanings?: Partial<Record<OptionName, { readonly placeholder?: string; readonly summary: string; readonly default?: string }>>;
  /** Paragraphs for help and docs. */
  readonly about: readonly string[];
  readonly examples: readonly { readonly command: string; readonly does: string }[];
}

const CONNECTION: readonly OptionName[] = ['db', 'user', 'password', 'no-password', 'host', 'port', 'url'];

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const everyCommand: readonly Command[] = [
  {
    name: 'export',
    summary: 'export a table or a query to Parquet files',
    minOperands: 0,
    maxOperands: 0,
    options: [
      'table',
      'query',
      'query-file',
      'rows',
      'columns',
      'exclude-columns',
      'rename',
      'where',
      'allow-row-security',
      'output',
      'overwrite',
      'compression',
      'compression-level',
      'encodings',
      'bloom-filter',
      'chunks',
      'dry-run',
      ...CONNECTION,
      'gpus',
      'device',
      'jobs',
      'lock-timeout',
      'memory',
      'cluster',
      'ray-address',
      'ray-token-file',
      'ray-workers',
      'ray-node',
      'ray-wait',
      'secret-from',
      'type',
      'numeric',
      'nan',
      'infinity',
      'enum',
      'invalid-utf8',
      'arrays',
      'ranges',
      'json',
      'quiet',
      'verbose',
      'help',
    ],
    about: [
      'Reads many slices of the table at once under one snapshot and writes one Parquet file per chunk. Every value arrives exact, or the run says which column and row it could not keep.',
      'A connection that flags do not describe comes from the places libpq looks in: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGPASSFILE and ~/.pgpass, PGSERVICE, PGSSLMODE and its relatives.',
    ],
    examples: [
      { command: 'gpuparser export -t customer', does: 'the whole table, to ./ray_output' },
      {
        command: 'gpuparser export -t sales.orders -r 100000 -o ./orders -h db.example.com -d shop -u reader',
        does: '100,000 rows from another host',
      },
      { command: 'gpuparser export -t events --where "day >= \'2026-01-01\'" --compression zstd', does: 'some rows, smaller files' },
      { command: 'gpuparser export --query "SELECT id, total FROM orders JOIN totals USING (id)"', does: 'the result of a query' },
      { command: 'gpuparser export -t customer --dry-run', does: 'what would be done' },
    ],
  },
  {
    name: 'verify',
    summary: "check an export's files, by themselves or against the server",
    operands: 'DIR',
    operandName: 'DIR',
    operandFiles: true,
    minOperands: 1,
    maxOperands: 1,
    options: ['table', 'deep', 'server', 'lock-timeout', ...CONNECTION, 'json', 'quiet', 'verbose', 'help'],
    meanings: {
      table: { summary: "check only this table's entry", default: 'all tables of the manifest' },
      verbose: { summary: 'a line for every file and every column' },
    },
    about: [
      "Reads the folder's _manifest.json and checks that every file is there, whole, of this export, and of the schema and the rows it should have, and that no other file would be read with them.",
      'With --server, or when an option names one, the server computes a checksum of every column, NULLs, duplicates and whole rows included, and so does this program from the files. A table that has changed since its export differs. Each difference names table and column.',
      'Values are compared as they are, or on terms that the result names: geometries as EWKB, SRID included, text under --invalid-utf8 replace by its bytes, which the server sends to be replaced here.',
      'The exit code is 0 when all that was asked for was checked and is right, 1 when something differs or could not be compared, 2 for wrong options, 3 when there is no connection.',
    ],
    examples: [
      { command: 'gpuparser verify ./orders', does: 'files and footers against the manifest' },
      { command: 'gpuparser verify ./orders --deep', does: 'every byte, page and statistic too' },
      { command: 'gpuparser verify ./orders -h db.example.com -d shop -u reader', does: 'every value against the server' },
    ],
  },
  {
    name: 'merge',
    summary: 'join Parquet files of one schema into one file',
    operands: 'FILE...',
    operandName: 'FILE',
    operandFiles: true,
    minOperands: 1,
    maxOperands: Infinity,
    options: ['output', 'overwrite', 'json', 'quiet', 'verbose', 'help'],
    meanings: {
      output: { placeholder: 'FILE', summary: 'the file to write (required)', default: '' },
      overwrite: { summary: 'replace the output file' },
    },
    about: [
      'Copies row groups as they are: no page is decoded or encoded again. Files of any writer can be joined when their schemas are equal; the first difference is named when they are not.',
    ],
    examples: [{ command: 'gpuparser merge ray_output/customer_chunk_*.parquet -o customer.parquet', does: 'one file from the chunks' }],
  },
  {
    name: 'inspect',
    summary: "show what Parquet files, or an export's folder, hold",
    operands: 'FILE|DIR...',
    operandName: 'FILE',
    operandFiles: true,
    minOperands: 1,
    maxOperands: Infinity,
    options: ['ddl', 'json', 'verbose', 'help'],
    meanings: { verbose: { summary: 'every column of every row group, and key-value metadata' } },
    about: [
      'Schema, row groups, sizes, encodings and statistics, from the footer alone. Of a folder: the tables of its manifest, and every file with its rows.',
    ],
    examples: [
      { command: 'gpuparser inspect ray_output/customer_chunk_0.parquet', does: 'one file' },
      { command: 'gpuparser inspect ray_output', does: 'an export: tables, files, rows' },
      {
        command: 'gpuparser inspect --ddl customer.parquet | psql -d copy',
        does: 'the table that its rows came from, empty, in another database',
      },
    ],
  },
  {
    name: 'doctor',
    summary: 'check this machine, its GPUs and the connection',
    minOperands: 0,
    maxOperands: 0,
    options: ['table', 'output', ...CONNECTION, 'json', 'verbose', 'help'],
    meanings: {
      table: { summary: 'also look at this table: kind, size, rights', default: '' },
      output: { summary: 'the folder whose free space is shown' },
    },
    about: ['Each line is ok, warn or fail, with what to do about it. The exit code is 1 when something an export needs has failed.'],
    examples: [{ command: 'gpuparser doctor -h db.example.com -d shop -u reader -t sales.orders', does: 'before the first export' }],
  },
  {
    name: 'demo',
    summary: 'export a table from an embedded PostgreSQL and check it',
    minOperands: 0,
    maxOperands: 0,
    options: ['help'],
    about: [
      'Starts a temporary PostgreSQL server, makes a table of 100,000 rows, exports it, reads the files back and compares them with the server. Nothing stays behind.',
    ],
    examples: [{ command: 'gpuparser demo', does: 'see it work, with no database of your own' }],
  },
  {
    name: 'completions',
    summary: 'print a completion script for a shell',
    operands: SHELLS.join('|'),
    operandName: 'SHELL',
    operandChoices: SHELLS,
    minOperands: 1,
    maxOperands: 1,
    options: ['help'],
    about: ['The script goes to stdout.'],
    examples: [
      { command: 'source <(gpuparser completions bash)', does: 'for this bash; put the line into ~/.bashrc to keep it' },
      { command: 'gpuparser completions zsh > ~/.zfunc/_gpuparser', does: 'with ~/.zfunc in fpath before compinit' },
      { command: 'gpuparser completions fish > ~/.config/fish/completions/gpuparser.fish', does: 'for fish' },
    ],
  },
  {
    name: 'help',
    summary: 'show help for a command',
    operands: '[COMMAND]',
    operandName: 'COMMAND',
    minOperands: 0,
    maxOperands: 1,
    options: ['help'],
    about: [],
    examples: [],
  },
];

export const commands: ReadonlyMap<string, Command> = new Map(everyCommand.map((command) => [command.name, command]));
