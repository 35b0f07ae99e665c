import { requireConnectionOptions } from '../config/connection-options.js';
import { GpuParserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { ExportOptions } from '../options.js';
import { STDOUT } from '../sink/stdout.js';
import { parsePolicies } from '../types/policy-table.js';
import { looksLikeUrl, URL_FORM, withoutUrl } from '../url-like.js';

/** What exportTable() knows; a misspelt `where` must not export everything. */
const KNOWN: Record<keyof ExportOptions, true> = {
  table: true,
  query: true,
  rows: true,
  gpus: true,
  output: true,
  connection: true,
  device: true,
  cluster: true,
  rayAddress: true,
  rayTokenFile: true,
  rayWorkers: true,
  rayNode: true,
  rayWait: true,
  raySecretFrom: true,
  jobs: true,
  lockTimeout: true,
  chunks: true,
  columns: true,
  excludeColumns: true,
  rename: true,
  where: true,
  compression: true,
  compressionLevel: true,
  encodings: true,
  bloomFilters: true,
  memory: true,
  types: true,
  numeric: true,
  nan: true,
  infinity: true,
  enum: true,
  invalidUtf8: true,
  arrays: true,
  ranges: true,
  allowRowSecurity: true,
  overwrite: true,
  retries: true,
};

/** Refuses options that no server, device or folder is needed to refuse. */
export function validateOptions(options: ExportOptions): void {
  requireKnown(options);
  const { table, query, where, columns, excludeColumns, rename, cluster, compression, compressionLevel } = options;
  for (const [name, text] of Object.entries({ '--table': table, '--query': query, '--where': where, '--output': options.output }))
    requireKind(name, text, 'a text', (value) => typeof value === 'string');
  for (const [name, list] of Object.entries({
    '--columns': columns,
    '--exclude-columns': excludeColumns,
    '--bloom-filter': options.bloomFilters,
  }))
    requireKind(name, list, 'a list of names', (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'));
  requireKind('--rename', rename, 'an object of new names by column', isRenaming);
  if (looksLikeUrl(table ?? ''))
    throw new GpuParserError('USAGE', 'A table was expected, and a URL was given.', {
      hint: `A server's URL is ${URL_FORM}, an option of its own.`,
    });
  if (options.output === STDOUT) requireOneStream(options);
  else if (options.output !== undefined) requireFolderName(options.output);
  if (columns?.length === 0)
    throw new GpuParserError('USAGE', '--columns names no column.', { hint: 'Leave it out to export all columns.' });
  for (const [name, value] of Object.entries({
    overwrite: options.overwrite,
    allowRowSecurity: options.allowRowSecurity,
    rayWait: options.rayWait,
  }))
    requireKind(name, value, 'true or false', (given) => typeof given === 'boolean');
  if (options.connection !== undefined) requireConnectionOptions(options.connection);
  if ((table === undefined) === (query === undefined)) {
    const both = table !== undefined;
    throw new GpuParserError('USAGE', both ? 'Both a table and a query were given.' : 'Neither a table nor a query was given.', {
      hint: 'Give exactly one of --table and --query.',
    });
  }
  if (query !== undefined && [where, columns, excludeColumns, rename].some((value) => value !== undefined)) {
    throw new GpuParserError('USAGE', '--where, --columns, --exclude-columns and --rename belong to --table, not to --query.', {
      hint: 'Write them into the query.',
    });
  }
  const { rayTokenFile, rayWorkers, rayNode, rayWait, raySecretFrom } = options;
  if (cluster !== 'ray' && [rayTokenFile, rayWorkers, rayNode, rayWait, raySecretFrom].some((value) => value !== undefined)) {
    throw new GpuParserError('USAGE', 'Options of a Ray cluster were given, but the export runs on this machine.', {
      hint: 'Add --cluster ray, or leave them out.',
    });
  }
  if (rayNode !== undefined && !['auto', 'pip', 'path'].includes(rayNode) && !rayNode.startsWith('/')) {
    throw new GpuParserError('USAGE', `Expected pip, path or an absolute path for --ray-node but received "${rayNode}".`);
  }
  requireOneOf('--device', options.device, ['auto', 'cpu', 'cuda']);
  requireOneOf('--cluster', cluster, ['local', 'ray']);
  requireOneOf('--secret-from', raySecretFrom, ['client', 'node']);
  requireOneOf('--compression', compression, ['snappy', 'zstd', 'lz4', 'none']);
  requireOneOf('--encodings', options.encodings, ['compatible', 'auto']);
  requireWhole('--compression-level', compressionLevel, 1, 22);
  if (compressionLevel !== undefined && compression !== 'zstd') {
    throw new GpuParserError('USAGE', `--compression-level is for zstd; ${compression ?? 'snappy'} has no levels.`, {
      hint: 'Add --compression zstd, or leave the level out.',
    });
  }
  requireWhole('--ray-workers', rayWorkers, 1);
  requireWhole('--rows', options.rows, 0);
  requireWhole('--gpus', options.gpus, 1);
  requireWhole('--jobs', options.jobs, 1, 1000);
  requireWhole('--lock-timeout', options.lockTimeout, 1, 2 ** 31 - 1);
  requireWhole('--chunks', options.chunks, 1, 100_000);
  requireWhole('--memory', options.memory, 64 << 20);
  requireWhole('retries', options.retries, 0);
  parsePolicies(options);
}

/** Standard output takes one file, and nothing is there to be replaced. */
function requireOneStream({ gpus = 1, chunks = 1, overwrite, cluster }: ExportOptions): void {
  const other = gpus > 1 ? '--gpus' : chunks > 1 ? '--chunks' : overwrite ? '--overwrite' : cluster === 'ray' ? '--cluster ray' : undefined;
  if (other === undefined) return;
  throw new GpuParserError('USAGE', `${other} cannot be used where one file goes to standard output (--output -).`, {
    hint: 'Leave it out, or name a folder.',
  });
}

function isRenaming(given: unknown): boolean {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  return Object.values(given).every((name) => typeof name === 'string' && name !== '');
}

function requireFolderName(output: string): void {
  if (output === '') throw new GpuParserError('USAGE', '--output is empty.', { hint: 'Name a folder; . is the current one.' });
  if (looksLikeUrl(output))
    throw new GpuParserError('USAGE', `--output is a folder, and ${withoutUrl(output)} is a URL.`, {
      hint: 'Object stores are not supported yet: export into a folder, and copy it there.',
    });
  if (/\.parquet[\\/]*$/i.test(output))
    throw new GpuParserError('USAGE', `--output is a folder for one file or more, and ${output} names a file.`, {
      hint: 'Name a folder; "gpuparser merge" makes one file of the chunks in it.',
    });
}

function requireKnown(options: ExportOptions): void {
  if (typeof options !== 'object' || options === null) throw new GpuParserError('USAGE', 'An export takes an object of options.');
  const name = Object.keys(options).find((key) => !Object.hasOwn(KNOWN, key));
  if (name === undefined) return;
  const close = nearest(name, Object.keys(KNOWN));
  throw new GpuParserError('USAGE', `An export has no option ${JSON.stringify(name)}.`, {
    hint: close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `The options are ${Object.keys(KNOWN).join(', ')}.`,
  });
}

function requireWhole(name: string, value: number | undefined, least: number, most = Number.MAX_SAFE_INTEGER): void {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  requireKind(name, value, `a whole number ${range}`, (given) => Number.isSafeInteger(given) && given >= least && given <= most);
}

function requireOneOf<Word extends string>(name: string, value: Word | undefined, words: readonly Word[]): void {
  requireKind(name, value, `one of ${words.join(', ')}`, (given) => words.includes(given));
}

/** Not all programs are type-checked. */
function requireKind<Value>(name: string, value: Value | undefined, kind: string, matches: (value: Value) => boolean): void {
  if (value === undefined || matches(value)) return;
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  throw new GpuParserError('USAGE', `Expected ${kind} for ${name} but received ${shown}.`);
}
