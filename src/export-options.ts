import type { ExportOptions } from './options.js';

/** What values an option takes. Texts with rules of their own are ruled where they are used. */
export type Kind<Value = unknown> =
  | { readonly kind: 'text' | 'names' | 'switch' }
  | { readonly kind: 'whole'; readonly least: number; readonly most?: number }
  | { readonly kind: 'word'; readonly words: readonly Value[] }
  /** One value for all columns, or one for each: PerColumn. */
  | { readonly kind: 'per column' }
  /** Column name to text; `ruled` where the texts have rules of their own. */
  | { readonly kind: 'by column'; readonly ruled?: true }
  | { readonly kind: 'connection' };

type OptionFacts<Value = unknown> = Kind<Value> & {
  /** What the command line calls it; absent where it has no such option. */
  readonly flag?: string;
  /** In words or as it is, where nothing is said. */
  readonly default?: Value;
  /** Whether it decides which values the files hold, so that `verify` has to ask with it again. */
  readonly decidesValues?: true;
};

/**
 * The one table of an export's options: which there are, what they take, what the command line calls them. Validation, the command
 * line's values, what the manifest records and the library's words in messages come from it; types and their documentation stand in
 * ExportOptions.
 */
export const EXPORT_OPTIONS = {
  table: { flag: 'table', kind: 'text' },
  query: { flag: 'query', kind: 'text', decidesValues: true },
  rows: { flag: 'rows', kind: 'whole', least: 0, decidesValues: true },
  gpus: { flag: 'gpus', kind: 'whole', least: 1, most: 1024 },
  output: { flag: 'output', kind: 'text', default: './ray_output' },
  connection: { kind: 'connection' },
  device: { flag: 'device', kind: 'word', words: ['auto', 'cpu', 'cuda'], default: 'auto' },
  cluster: { flag: 'cluster', kind: 'word', words: ['local', 'ray'], default: 'local' },
  rayAddress: { flag: 'ray-address', kind: 'text' },
  rayTokenFile: { flag: 'ray-token-file', kind: 'text' },
  rayWorkers: { flag: 'ray-workers', kind: 'whole', least: 1, most: 10_000 },
  rayNode: { flag: 'ray-node', kind: 'text' },
  rayWait: { flag: 'ray-wait', kind: 'switch' },
  raySecretFrom: { flag: 'secret-from', kind: 'word', words: ['client', 'node'], default: 'client' },
  jobs: { flag: 'jobs', kind: 'whole', least: 1, most: 1000 },
  lockTimeout: { flag: 'lock-timeout', kind: 'whole', least: 1, most: 2 ** 31 - 1, default: 30_000 },
  chunks: { flag: 'chunks', kind: 'whole', least: 1, most: 100_000 },
  columns: { flag: 'columns', kind: 'names', decidesValues: true },
  excludeColumns: { flag: 'exclude-columns', kind: 'names', decidesValues: true },
  rename: { flag: 'rename', kind: 'by column', decidesValues: true },
  where: { flag: 'where', kind: 'text', decidesValues: true },
  compression: { flag: 'compression', kind: 'word', words: ['snappy', 'zstd', 'lz4', 'none'], default: 'snappy' },
  compressionLevel: { flag: 'compression-level', kind: 'whole', least: 1, most: 22 },
  encodings: { flag: 'encodings', kind: 'word', words: ['compatible', 'auto'], default: 'compatible' },
  bloomFilters: { flag: 'bloom-filter', kind: 'names' },
  memory: { flag: 'memory', kind: 'whole', least: 64 << 20 },
  types: { flag: 'type', kind: 'by column', ruled: true, decidesValues: true },
  numeric: { flag: 'numeric', kind: 'per column', decidesValues: true },
  nan: { flag: 'nan', kind: 'per column', decidesValues: true },
  infinity: { flag: 'infinity', kind: 'per column', decidesValues: true },
  enum: { flag: 'enum', kind: 'per column', decidesValues: true },
  invalidUtf8: { flag: 'invalid-utf8', kind: 'per column', decidesValues: true },
  arrays: { flag: 'arrays', kind: 'per column', decidesValues: true },
  ranges: { flag: 'ranges', kind: 'per column', decidesValues: true },
  allowRowSecurity: { flag: 'allow-row-security', kind: 'switch', decidesValues: true },
  overwrite: { flag: 'overwrite', kind: 'switch' },
  retries: { kind: 'whole', least: 0, default: 2 },
} as const satisfies { readonly [Name in keyof ExportOptions]-?: OptionFacts<NonNullable<ExportOptions[Name]>> };

type Table = typeof EXPORT_OPTIONS;

/** The options that decide which values the files hold; what decides where and how fast they are written is left out. */
export type ExportRequest = Pick<
  ExportOptions,
  { [Name in keyof Table]: Table[Name] extends { decidesValues: true } ? Name : never }[keyof Table]
>;

/** The names of all options, in the table's order. */
export const exportOptionNames = Object.keys(EXPORT_OPTIONS) as (keyof ExportOptions)[];

export function factsOf(name: keyof ExportOptions): OptionFacts {
  return EXPORT_OPTIONS[name];
}

/** What was asked for, so that the same can be asked again: by `verify`, of the same table. Holds no connection and no secret. */
export function requestOf(options: ExportOptions): ExportRequest {
  const asked = exportOptionNames.filter((name) => factsOf(name).decidesValues === true && options[name] !== undefined);
  return Object.fromEntries(asked.map((name) => [name, options[name]]));
}
