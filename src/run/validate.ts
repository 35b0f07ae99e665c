import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import { parsePolicies } from '../plan/policy-table.js';

/** Refuses options that no server, device or folder is needed to refuse. */
export function validateOptions(options: ExportOptions): void {
  const { table, query, where, columns, cluster, compression, compressionLevel } = options;
  for (const [name, text] of Object.entries({ '--table': table, '--query': query, '--where': where, '--output': options.output }))
    requireKind(name, text, 'a text', (value) => typeof value === 'string');
  for (const [name, list] of Object.entries({ '--columns': columns, '--bloom-filter': options.bloomFilters }))
    requireKind(name, list, 'a list of names', (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'));
  if ((table === undefined) === (query === undefined)) {
    const both = table !== undefined;
    throw new GpuParserError('USAGE', both ? 'Both a table and a query were given.' : 'Neither a table nor a query was given.', {
      hint: 'Give exactly one of --table and --query.',
    });
  }
  if (query !== undefined && (where !== undefined || columns !== undefined)) {
    throw new GpuParserError('USAGE', '--where and --columns belong to --table, not to --query.', { hint: 'Write them into the query.' });
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
  requireWhole('--jobs', options.jobs, 1);
  requireWhole('--chunks', options.chunks, 1);
  requireWhole('--memory', options.memory, 64 << 20);
  requireWhole('retries', options.retries, 0);
  parsePolicies(options);
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
