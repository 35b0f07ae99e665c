import { EXPORT_OPTIONS } from '../export-options.js';
import type { OptionName } from '../option-names.js';
import {
  anyText,
  choice,
  columnForm,
  duration,
  integer,
  names,
  newName,
  numericPolicy,
  perColumn,
  size,
  text,
  type ValueType,
} from './values.js';

/**
 * The one table of options. Parsing, environment names, help, docs/cli.md and shell completions all come from it.
 * Which command takes which options is in commands.ts.
 */
export interface Option<T = unknown> {
  /** One letter. */
  readonly short?: string;
  /** Undefined for a switch: present or not. */
  readonly value?: ValueType<T>;
  readonly group: Group;
  /** One line for help; no period. */
  readonly summary: string;
  /** What docs/cli.md adds. */
  readonly details?: string;
  /** In words, for help. */
  readonly default?: string;
  /** A variable this program reads when the option is not given. */
  readonly environment?: string;
  /** The variable that libpq's rules read for it (src/config); shown only. */
  readonly libpq?: string;
  /** Its text must never be shown again. */
  readonly secret?: boolean;
  /** It may be a URL, of any scheme or of a PostgreSQL server alone. Elsewhere one is refused: it may hold a password. */
  readonly takesUrl?: 'any' | 'server';
  /** May be given more than once; the lists are put together. */
  readonly repeats?: boolean;
}

export type Group = 'Source' | 'Checks' | 'Output' | 'Connection' | 'Speed' | 'Values' | 'Messages';

function rangeOf(name: 'rows' | 'gpus' | 'rayWorkers' | 'jobs' | 'chunks' | 'compressionLevel'): { min: number; max: number } {
  const range: { readonly least: number; readonly most?: number } = EXPORT_OPTIONS[name];
  return { min: range.least, max: range.most ?? Number.MAX_SAFE_INTEGER };
}

export const options = {
  table: option({
    short: 't',
    value: text('TABLE'),
    group: 'Source',
    summary: 'table to export: name, schema.name or schema."Name"',
    details:
      'SQL syntax. An unquoted name is tried as written, then in lower case. Tables, partitioned tables, materialized views, views and foreign tables can be exported.',
  }),
  query: option({
    value: text('SQL'),
    group: 'Source',
    summary: 'a SELECT to export instead of a table',
    details:
      'One statement, read as one stream by one connection. It runs with the TimeZone UTC, so that a date made of a timestamptz is that of UTC; AT TIME ZONE names another.',
  }),
  'query-file': option({
    value: text('FILE', 'file'),
    group: 'Source',
    summary: 'a file with the SELECT to export; - is standard input',
  }),
  rows: option({
    short: 'r',
    value: integer('ROWS', rangeOf('rows')),
    group: 'Source',
    summary: 'export exactly this many rows, or all when there are fewer',
    default: 'all',
  }),
  columns: option({
    value: names('A,B,...'),
    group: 'Source',
    summary: 'export only these columns, in this order',
    details: 'As the catalogue spells them. A name with a comma stands in double quotes. May be given more than once.',
    default: 'all',
    repeats: true,
  }),
  'exclude-columns': option({
    value: names('A,B,...'),
    group: 'Source',
    summary: 'leave these columns out',
    details: 'Names are written as for --columns. May be given more than once.',
    default: 'none',
    repeats: true,
  }),
  rename: option({
    value: newName(),
    group: 'Source',
    summary: 'give a column another name in the files',
    details:
      'Other options go on calling the column by its own name. The new one must be free in the table. A name with = stands in double quotes. May be given more than once.',
    default: 'names as in the table',
    repeats: true,
  }),
  where: option({
    value: text('SQL'),
    group: 'Source',
    summary: 'export only rows that meet this condition',
    details:
      'One SQL expression over the columns of the table. Where it names a time without a zone, UTC is meant, whatever the TimeZone of the role or database.',
  }),
  'allow-row-security': option({
    group: 'Source',
    summary: 'export the rows a row-level security policy shows',
    details: 'Without it, a policy that would hide rows is an error.',
  }),

  deep: option({
    group: 'Checks',
    summary: 'read every byte: checksums, all pages, statistics, page indexes',
  }),
  server: option({
    group: 'Checks',
    summary: 'compare rows and values of every column with the server',
    details:
      'Also done when an option says which server (-h, -P, -d, -u, -p, --url). What they leave out comes from the places libpq looks in. The server computes its side under one read-only snapshot, running the condition or query that the manifest records.',
  }),

  output: option({
    short: 'o',
    value: text('DIR', 'directory'),
    group: 'Output',
    summary: 'folder for the files, made with its parents; - is standard output',
    details:
      'Files are named TABLE_chunk_0.parquet and so on; _manifest.json says what they hold. What readers hide or take for a pattern in a name is written as %XX: control characters, any of %/\\:*?[]{}=#&"<>|, a leading . or _, a trailing space or dot. - sends one file to standard output and leaves no manifest: what an error has cut short has no footer, and no reader takes it for whole.',
    default: EXPORT_OPTIONS.output.default,
    takesUrl: 'any',
  }),
  overwrite: option({
    group: 'Output',
    summary: 'replace files of an earlier run',
    details: 'They stay until the first new one is there. Other files in the folder stay as they are.',
  }),
  compression: option({
    value: choice(EXPORT_OPTIONS.compression.words, { uncompressed: 'none' }),
    group: 'Output',
    summary: 'codec of the files',
    default: EXPORT_OPTIONS.compression.default,
    environment: 'GPUPARSER_COMPRESSION',
  }),
  'compression-level': option({
    value: integer('N', rangeOf('compressionLevel')),
    group: 'Output',
    summary: 'level of zstd, 1 to 22, for every column',
    details:
      'Without it each column chunk is searched only as hard as a sample of its values is worth: not at all where nothing repeats, at most about as hard as level 3. Not with CUDA.',
    default: 'what each column is worth',
  }),
  encodings: option({
    value: choice(EXPORT_OPTIONS.encodings.words),
    group: 'Output',
    summary: 'encodings of the pages: those every reader has, or the smallest',
    details:
      'compatible: PLAIN and dictionaries. auto: DELTA_BINARY_PACKED for integers, dates and times, DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY for text, BYTE_STREAM_SPLIT for floats too, wherever they make a column chunk smaller. pyarrow, DuckDB, polars, arrow-rs, hyparquet and cuDF read those; fastparquet 2026.9 refuses some and reads others wrongly, without an error. Not with CUDA.',
    default: EXPORT_OPTIONS.encodings.default,
  }),
  'bloom-filter': option({
    value: names('A,B,...'),
    group: 'Output',
    summary: 'columns whose row groups get a bloom filter, for look-ups of single values',
    details: 'Sized to the distinct values of each row group, at 1 % false positives. May be given more than once. Not with CUDA.',
    default: 'none',
    repeats: true,
  }),
  chunks: option({ value: integer('N', rangeOf('chunks')), group: 'Output', summary: 'number of files', default: 'one per device' }),
  'dry-run': option({ group: 'Output', summary: 'show the plan and stop; reads no rows, writes nothing' }),

  db: option({
    short: 'd',
    value: text('NAME'),
    group: 'Connection',
    summary: 'database',
    default: 'the user name',
    libpq: 'PGDATABASE',
    takesUrl: 'server',
  }),
  user: option({
    short: 'u',
    value: text('NAME'),
    group: 'Connection',
    summary: 'user',
    default: "the operating system's user",
    libpq: 'PGUSER',
  }),
  password: option({
    short: 'p',
    value: anyText('PASSWORD'),
    group: 'Connection',
    summary: 'password; better in PGPASSWORD or ~/.pgpass',
    details:
      'Process lists show the arguments of a program to every user of the machine. The password is wiped from them as soon as the program has started, but not before, and not from the arguments of a shell or of npx around it.',
    libpq: 'PGPASSWORD',
    secret: true,
  }),
  'no-password': option({
    short: 'w',
    group: 'Connection',
    summary: 'never ask for a password',
    details: 'Without it, a server that asks for a password makes this program ask for it once, at the terminal, where there is one.',
  }),
  host: option({
    short: 'h',
    value: text('HOST'),
    group: 'Connection',
    summary: 'host name, address, or folder of a Unix socket',
    details: 'As in psql, -h is the host. Help is --help.',
    default: 'the Unix socket',
    libpq: 'PGHOST',
  }),
  port: option({
    short: 'P',
    value: integer('PORT', { min: 1, max: 65_535 }),
    group: 'Connection',
    summary: 'port',
    default: '5432',
    libpq: 'PGPORT',
  }),
  url: option({
    value: text('URL'),
    group: 'Connection',
    summary: 'connection URI: postgresql://user@host:port/database',
    details: 'As libpq reads it, with parameters such as ?sslmode=verify-full. The other connection options win over its parts.',
    secret: true,
    takesUrl: 'server',
  }),

  gpus: option({
    short: 'g',
    value: integer('N', rangeOf('gpus')),
    group: 'Speed',
    summary: 'number of devices, one worker and one chunk each',
    details:
      'With --device cpu the number of CPU workers. More than there are GPUs is an error. CUDA_VISIBLE_DEVICES chooses among the GPUs.',
    default: 'all GPUs, or one CPU worker with all cores',
  }),
  device: option({
    value: choice(EXPORT_OPTIONS.device.words, { gpu: 'cuda' }),
    group: 'Speed',
    summary: 'where to decode and encode',
    details: "auto takes the GPUs where there are some and cuDF's library is found, else the CPU, and says which and why.",
    default: 'auto',
    environment: 'GPUPARSER_DEVICE',
  }),
  jobs: option({
    value: integer('N', rangeOf('jobs')),
    group: 'Speed',
    summary: 'connections that read at once',
    details: 'Never more than the server has free; 1 reads in the only connection that the export opens.',
    default: 'two per core, at most 8; fewer for small tables or little memory',
    environment: 'GPUPARSER_JOBS',
  }),
  'lock-timeout': option({
    value: duration('TIME'),
    group: 'Speed',
    summary: 'how long to wait for a lock that another session holds',
    details: 'Such as 2s, 500ms or 5min. Who holds it is said meanwhile, and in the error when the time is over.',
    default: '30s',
    environment: 'GPUPARSER_LOCK_TIMEOUT',
  }),
  memory: option({
    value: size('BYTES', 64),
    group: 'Speed',
    summary: 'memory for the whole run, such as 2GiB or 512MiB',
    details:
      'All processes together. K, M, G and T alone, or with iB, are powers of 1024; with B, powers of 1000. On CPUs the processes take about 96 MiB and each connection 14 MiB more: with less there are fewer connections, or a warning where --jobs says how many.',
    default: 'sized to the machine',
    environment: 'GPUPARSER_MEMORY',
  }),
  cluster: option({
    value: choice(EXPORT_OPTIONS.cluster.words),
    group: 'Speed',
    summary: 'run the workers here or on a Ray cluster',
    default: 'local',
  }),
  'ray-address': option({
    value: text('URL'),
    group: 'Speed',
    summary: "address of Ray's dashboard, with --cluster ray",
    default: 'http://127.0.0.1:8265',
    environment: 'RAY_API_SERVER_ADDRESS',
    takesUrl: 'any',
  }),
  'ray-token-file': option({
    value: text('FILE', 'file'),
    group: 'Speed',
    summary: "file with the Ray cluster's token",
    default: 'RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token',
  }),
  'ray-workers': option({
    value: integer('N', rangeOf('rayWorkers')),
    group: 'Speed',
    summary: 'workers on the Ray cluster',
    default: 'one per GPU, or one per node on CPUs',
  }),
  'ray-node': option({
    value: text('pip|path|PATH'),
    group: 'Speed',
    summary: "Node.js on the cluster's nodes: from PyPI, from their PATH, or at this path",
    default: 'what is there, else from PyPI',
  }),
  'ray-wait': option({ group: 'Speed', summary: 'wait for GPUs or CPUs that the Ray cluster does not have yet' }),
  'secret-from': option({
    value: choice(EXPORT_OPTIONS.raySecretFrom.words),
    group: 'Connection',
    summary: 'with --cluster ray: send the password to the workers, or let each node look it up',
    details: 'node: every node has a password file or a service file, and nothing secret crosses Ray.',
    default: 'client',
  }),

  type: option({
    value: columnForm(),
    group: 'Values',
    summary: 'give a column another form: price=decimal(18,4), payload=text, x=double',
    details:
      'Forms are text, binary, decimal(P,S), double, bigint and integer; docs/types.md says which types each holds. A form that cannot hold the type of the column is an error. May be given more than once.',
    default: 'as docs/types.md says',
    repeats: true,
  }),
  numeric: option({
    value: perColumn(numericPolicy()),
    group: 'Values',
    summary: 'what numeric without a precision becomes',
    details:
      'string keeps the exact text. With decimal(P,S) a value that does not fit is an error; double takes the nearest value. Like every option here it may be given again for single columns: --numeric string --numeric price=decimal(18,4).',
    default: 'string',
    repeats: true,
  }),
  nan: option({
    value: perColumn(choice(['error', 'null'])),
    group: 'Values',
    summary: 'NaN in a DECIMAL column',
    default: 'error',
    repeats: true,
  }),
  infinity: option({
    value: perColumn(choice(['error', 'null', 'saturate'])),
    group: 'Values',
    summary: 'infinite or out-of-range dates, times, intervals, decimals',
    details: 'saturate takes the last finite value that both PostgreSQL and the Parquet type hold.',
    default: 'error',
    repeats: true,
  }),
  enum: option({
    value: perColumn(choice(['string', 'dictionary'])),
    group: 'Values',
    summary: 'enum types: STRING, or ENUM and always encoded by a dictionary',
    default: 'string',
    repeats: true,
  }),
  'invalid-utf8': option({
    value: perColumn(choice(['error', 'replace', 'binary'])),
    group: 'Values',
    summary: 'text that is not UTF-8, in SQL_ASCII databases above all',
    details: 'replace puts U+FFFD in its place; binary makes such columns BYTE_ARRAY of the bytes that the server has.',
    default: 'error',
    repeats: true,
  }),
  arrays: option({
    value: perColumn(choice(['error', 'text', 'nested'])),
    group: 'Values',
    summary: 'arrays of several dimensions, or with a lower bound other than 1',
    details:
      "Arrays become lists. text writes every array column as the server's text; nested makes lists of lists of the dimensions that a column declares, and refuses values that have others.",
    default: 'error',
    repeats: true,
  }),
  ranges: option({
    value: perColumn(choice(['text', 'struct'])),
    group: 'Values',
    summary: 'ranges and multiranges: exact text, or structs',
    details: 'struct has lower, upper, lower_inc, upper_inc and empty; an infinite bound is NULL. A multirange is a list of them.',
    default: 'text',
    repeats: true,
  }),

  ddl: option({
    group: 'Output',
    summary: 'print SQL that makes the table again: CREATE TABLE, with its types and comments',
    details: 'From the file alone, for files of this program. The table takes the rows back.',
  }),

  json: option({ group: 'Messages', summary: 'print one JSON object on stdout, and nothing else there' }),
  quiet: option({ group: 'Messages', summary: 'print nothing but errors' }),
  verbose: option({ group: 'Messages', summary: "more detail: every file, and the server's codes and a stack with errors" }),
  help: option({ group: 'Messages', summary: 'show help' }),
  version: option({ short: 'V', group: 'Messages', summary: 'show the version' }),
} satisfies Record<OptionName, unknown>;

export type { OptionName };

type ValueOf<O> = O extends Option<infer T> ? ([T] extends [boolean] ? true : T) : never;

/** What was given, by option name. */
export type Values = { -readonly [Name in OptionName]?: ValueOf<(typeof options)[Name]> };

export function optionNamed(name: OptionName): Option {
  return options[name] as Option;
}

function option<T = boolean>(fields: Option<T>): Option<T> {
  return fields;
}
