import { GpuParserError } from '../errors.js';
import { EXPORT_OPTIONS, requestOf } from '../export-options.js';
import { fileStem } from '../file-stem.js';
import type { ExportOptions } from '../options.js';
import type { Origin } from '../origin/origin.js';
import type { Plan } from '../plan/plan.js';
import { serverFacts } from '../postgres/catalog-server.js';
import { chooseJobs } from '../postgres/connection-budget.js';
import type { Session } from '../postgres/session.js';
import { beginLocked, exportSnapshot } from '../postgres/snapshot.js';
import { lookUpQuery } from '../source/copy/query-source.js';
import { lookUpTable } from '../source/copy/table-source.js';
import type { Layout, LookUp, PlanContext, Planning } from '../source/look-up.js';
import { withBloomFilters } from '../types/bloom-filters.js';
import { generalWords, parsePolicies } from '../types/policy-table.js';
import { jobsInMemory, memoryWarning, usefulJobs } from './jobs.js';
import { type LockWatch, watchingLocks } from './lock-watch.js';
import { keyValueMetadata } from './metadata.js';

/** Look-ups that a concurrent DDL command may spoil before the export gives up. */
const ATTEMPTS = 5;

/**
 * Decides everything about an export before its first row is read. The session is left inside the transaction that holds the
 * locks and the exported snapshot, and must stay there until the last reader has ended; after an error it is in none.
 * @throws GpuParserError for what cannot be exported, in one sentence with what to do.
 */
export async function planExport(session: Session, options: ExportOptions, context: PlanContext): Promise<Plan> {
  const planning: Planning = { session, options, context, policies: parsePolicies(options) };
  const timeoutMs = options.lockTimeout ?? EXPORT_OPTIONS.lockTimeout.default;
  const watch: LockWatch = { openSession: context.watchLocks ?? context.openSession, timeoutMs, onNotice: context.onNotice };
  const what = options.table ?? 'what the query reads';
  return watchingLocks(session, what, watch, () => planLocked(planning, timeoutMs));
}

async function planLocked(planning: Planning, timeoutMs: number): Promise<Plan> {
  const { session, options, context } = planning;
  for (let attempt = 1; ; attempt++) {
    const lookUp = await (options.query === undefined ? lookUpTable(planning) : lookUpQuery(planning, timeoutMs));
    try {
      // The time-out is also for the locks that SELECT takes below, where LOCK TABLE takes none.
      context.onLock?.(true);
      await beginLocked(session, lookUp.locks, timeoutMs);
      context.onLock?.(false);
      const plan = await planInSnapshot(planning, lookUp);
      if (plan !== undefined) return plan;
    } catch (error) {
      await session.query('ROLLBACK').catch(() => undefined);
      if (attempt === ATTEMPTS || !isSpoiled(error)) throw error;
      continue;
    }
    await session.query('ROLLBACK');
    if (attempt === ATTEMPTS) {
      throw new GpuParserError(
        'SERVER',
        `${lookUp.table} was rewritten or truncated ${ATTEMPTS} times while its snapshot was being taken.`,
        {
          hint: 'Try again when its rewriting is over.',
          retry: true,
        },
      );
    }
  }
}

/** What was asked for that cuDF's writer cannot write. */
function cudaWarning({ encodings, bloomFilters = [] }: ExportOptions): string | undefined {
  const lost = [
    ...(encodings === 'auto' ? ['--encodings auto'] : []),
    ...(bloomFilters.length > 0 ? [`--bloom-filter ${bloomFilters.join(',')}`] : []),
  ];
  return lost.length === 0 ? undefined : `The CUDA engine cannot write what ${lost.join(' and ')} asked for; --device cpu can.`;
}

/** What was looked up is gone: dropped, renamed or replaced before it was locked. The next look-up says what is the case. */
function isSpoiled(error: unknown): boolean {
  return error instanceof GpuParserError && (error.sqlState === '42P01' || error.sqlState === 'XX000');
}

/** Undefined when the relations changed between look-up and snapshot, so that all must begin again. */
async function planInSnapshot(planning: Planning, lookUp: LookUp): Promise<Plan | undefined> {
  const { session, options, context } = planning;
  const snapshot = await exportSnapshot(session, options.allowRowSecurity ?? false);
  context.onSnapshot?.();
  const facts = await serverFacts(session);
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
