import { requestOf } from '../export-options.js';
import { fileStem } from '../file-stem.js';
import type { ExportOptions } from '../options.js';
import type { Origin } from '../origin/origin.js';
import type { Plan } from '../plan/plan.js';
import { chooseJobs } from '../postgres/connection-budget.js';
import type { Layout, LookUp, Planning } from '../source/look-up.js';
import { withBloomFilters } from '../types/bloom-filters.js';
import { generalWords } from '../types/policy-table.js';
import { jobsInMemory, memoryWarning, usefulJobs } from './jobs.js';
import { keyValueMetadata } from './metadata.js';
import type { OpenSnapshot } from './open-snapshot.js';

/**
 * The plan of one table or query under a snapshot that is open.
 * @returns undefined when its relations changed between look-up and snapshot, so that all must begin again.
 */
export async function planTable(planning: Planning, { snapshot, facts }: OpenSnapshot, lookUp: LookUp): Promise<Plan | undefined> {
  const { options, context } = planning;
  const layout: Layout | undefined = await lookUp.lay({ ...planning, snapshot, facts });
  if (layout === undefined) return undefined;

  const { chunks } = layout;
  const columns = withBloomFilters(layout.columns, options.bloomFilters, lookUp.table);
  const held = context.connections ?? 0;
  const budget = {
    ...facts.budget,
    inUse: facts.budget.inUse - held,
    roleInUse: facts.budget.roleInUse - held,
    databaseInUse: facts.budget.databaseInUse - held,
  };
  const { memory } = context;
  const workers = Math.min(context.devices, chunks.length);
  const useful = usefulJobs(context.cores, context.devices, chunks.length, layout.heapBytes);
  const wanted = options.jobs ?? (memory === undefined ? useful : Math.min(useful, jobsInMemory(memory, workers)));
  const { jobs, warning } = layout.unsplittable === undefined ? chooseJobs(wanted, budget) : { jobs: 1, warning: undefined };
  const stem = fileStem(lookUp.name);
  const { lsn, takenAt, standby, serverVersion } = snapshot;
  const origin: Origin = {
    version: 1,
    tool: context.createdBy,
    server: `PostgreSQL ${serverVersion}`,
    database: facts.database,
    encoding: facts.encoding,
    snapshot: { lsn, takenAt, standby },
    ...layout.origin,
  };
  return {
    version: 1,
    table: lookUp.table,
    stem,
    request: requestOf(options),
    source: layout.source,
    columns,
    chunks: chunks.map((chunk, index) => ({ index, file: `${stem}_chunk_${index}.parquet`, ...chunk })),
    ...(layout.estimatedRows === undefined ? {} : { estimatedRows: layout.estimatedRows }),
    exactRows: layout.exactRows,
    heapBytes: layout.heapBytes,
    ...(layout.unsplittable === undefined ? {} : { unsplittable: layout.unsplittable }),
    snapshot,
    writer: {
      codec: options.compression ?? 'snappy',
      level: options.compressionLevel ?? 0,
      ...(options.encodings === undefined ? {} : { encodings: options.encodings }),
      createdBy: context.createdBy,
      rowSecurity: options.allowRowSecurity ?? false,
    },
    origin,
    keyValueMetadata: keyValueMetadata(lookUp.table, columns, snapshot, origin, layout.geo),
    policies: generalWords(planning.policies),
    jobs,
    warnings: [
      ...layout.warnings,
      warning,
      memory === undefined ? undefined : memoryWarning(memory, Math.min(workers, jobs), jobs),
      context.cuda ? cudaWarning(options) : undefined,
    ].filter((text) => text !== undefined),
  };
}

/** What was asked for that cuDF's writer cannot write. */
function cudaWarning({ encodings, bloomFilters = [] }: ExportOptions): string | undefined {
  const lost = [
    ...(encodings === 'auto' ? ['--encodings auto'] : []),
    ...(bloomFilters.length > 0 ? [`--bloom-filter ${bloomFilters.join(',')}`] : []),
  ];
  return lost.length === 0 ? undefined : `The CUDA engine cannot write what ${lost.join(' and ')} asked for; --device cpu can.`;
}
