import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';

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
  if (cluster === 'ray') {
    throw new GpuParserError('DEVICE', 'Running on a Ray cluster is not in this build of gpuparser.', { hint: 'Use --cluster local.' });
  }
  requireWhole('--rows', options.rows, 0);
  requireWhole('--gpus', options.gpus, 1);
  requireWhole('--jobs', options.jobs, 1);
  requireWhole('--chunks', options.chunks, 1);
  requireWhole('--memory', options.memory, 64 << 20);
  requireWhole('retries', options.retries, 0);
}

function requireWhole(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new GpuParserError('USAGE', `Expected a whole number of at least ${least} for ${name} but received ${value}.`);
}
