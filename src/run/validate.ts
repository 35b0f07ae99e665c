import { requireConnectionOptions } from '../config/connection-options.js';
import { GpuParserError } from '../errors.js';
import { EXPORT_OPTIONS, exportOptionNames, factsOf, type Kind } from '../export-options.js';
import { nearest } from '../nearest.js';
import type { ExportOptions } from '../options.js';
import { STDOUT } from '../sink/stdout.js';
import { parsePolicies } from '../types/policy-table.js';
import { looksLikeUrl, URL_FORM, withoutUrl } from '../url-like.js';

/** Refuses options that no server, device or folder is needed to refuse. */
export function validateOptions(options: ExportOptions): void {
  requireKnown(options);
  for (const name of exportOptionNames) requireKindOf(name, options[name]);
  const { table, query, where, columns, excludeColumns, rename, cluster, compression, compressionLevel } = options;
  if (looksLikeUrl(table ?? ''))
    throw new GpuParserError('USAGE', 'A table was expected, and a URL was given.', {
      hint: `A server's URL is ${URL_FORM}, an option of its own.`,
    });
  if (options.output === STDOUT) requireOneStream(options);
  else if (options.output !== undefined) requireFolderName(options.output);
  if (columns?.length === 0)
    throw new GpuParserError('USAGE', '--columns names no column.', { hint: 'Leave it out to export all columns.' });
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
  if (compressionLevel !== undefined && compression !== 'zstd') {
    throw new GpuParserError('USAGE', `--compression-level is for zstd; ${compression ?? 'snappy'} has no levels.`, {
      hint: 'Add --compression zstd, or leave the level out.',
    });
  }
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
  const name = Object.keys(options).find((key) => !Object.hasOwn(EXPORT_OPTIONS, key));
  if (name === undefined) return;
  const close = nearest(name, exportOptionNames);
  throw new GpuParserError('USAGE', `An export has no option ${JSON.stringify(name)}.`, {
    hint: close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `The options are ${exportOptionNames.join(', ')}.`,
  });
}

/** Not all programs are type-checked. */
function requireKindOf(name: keyof ExportOptions, value: unknown): void {
  const facts = factsOf(name);
  if (value === undefined || takes(facts, value)) return;
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const option = facts.flag === undefined ? name : `--${facts.flag}`;
  throw new GpuParserError('USAGE', `Expected ${expected(facts)} for ${option} but received ${shown}.`);
}

/** Policies are ruled by parsePolicies(), connections by requireConnectionOptions(). */
function takes(facts: Kind, value: unknown): boolean {
  switch (facts.kind) {
    case 'text':
      return typeof value === 'string';
    case 'switch':
      return typeof value === 'boolean';
    case 'names':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'whole':
      return (
        Number.isSafeInteger(value) && (value as number) >= facts.least && (value as number) <= (facts.most ?? Number.MAX_SAFE_INTEGER)
      );
    case 'word':
      return facts.words.includes(value);
    case 'by column':
      return facts.ruled === true || isTexts(value);
    default:
      return true;
  }
}

function isTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string' && one !== '');
}

function expected(facts: Kind): string {
  switch (facts.kind) {
    case 'text':
      return 'a text';
    case 'switch':
      return 'true or false';
    case 'names':
      return 'a list of names';
    case 'whole':
      return `a whole number ${facts.most === undefined ? `of at least ${facts.least}` : `from ${facts.least} to ${facts.most}`}`;
    case 'word':
      return `one of ${facts.words.join(', ')}`;
    default:
      return 'an object of texts by column name';
  }
}
