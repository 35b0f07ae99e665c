import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import { parsePolicies } from '../plan/policy-table.js';

/** Refuses options that no server, device or folder is needed to refuse. */
export function validateOptions(options: ExportOptions): void {
  const { table, query, where, columns, cluster } = options;
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
  requireWhole('--ray-workers', rayWorkers, 1);
  requireWhole('--rows', options.rows, 0);
  requireWhole('--gpus', options.gpus, 1);
  requireWhole('--jobs', options.jobs, 1);
  requireWhole('--chunks', options.chunks, 1);
  requireWhole('--memory', options.memory, 64 << 20);
  requireWhole('retries', options.retries, 0);
  parsePolicies(options);
}

function requireWhole(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new GpuParserError('USAGE', `Expected a whole number of at least ${least} for ${name} but received ${value}.`);
}
