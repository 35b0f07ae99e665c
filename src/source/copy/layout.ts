import type { ChunkPlan, ColumnPlan, ScanPlan } from '../../plan/plan.js';
import { type Share, sharePages } from '../../plan/shares.js';
import type { Relation } from '../../postgres/catalog.js';
import { chooseJobs, MOST_JOBS } from '../../postgres/connection-budget.js';
import type { Layout, SnapshotPlanning } from '../look-up.js';
import { type Countable, cutRows } from './count.js';
import { openReaders } from './readers.js';
import type { Reading } from './reading.js';
import { onlyScan } from './scans.js';
import { streamChunk } from './unsplittable.js';

export interface TableFacts {
  readonly root: Relation;
  readonly columns: readonly ColumnPlan[];
  /** The scan of everything through the root. */
  readonly whole: ScanPlan;
  readonly reading: Reading;
  /** Rows the planner expects. */
  readonly expected: number;
}

type Chunks = Pick<Layout, 'chunks' | 'estimatedRows' | 'exactRows' | 'heapBytes' | 'unsplittable'>;

/** Below this many pages a chunk, even shares of pages would be uneven shares of rows, and counting costs nothing. */
const COUNTED_PAGES_PER_CHUNK = 64;

/** Shares a table out over the chunks. */
export async function layChunks(planning: SnapshotPlanning, table: TableFacts): Promise<Chunks> {
  const { options, context, facts } = planning;
  const { reading, whole, expected } = table;
  const chunks = options.chunks ?? context.devices;
  const pages = reading.members.reduce((sum, member) => sum + member.pages, 0);
  if (reading.by === 'stream') {
    return {
      chunks: [streamChunk(whole, options.rows)],
      estimatedRows: Math.min(expected, options.rows ?? expected),
      exactRows: false,
      heapBytes: pages * facts.blockSize,
      unsplittable: reading.unsplittable,
    };
  }
  const extents = extentsOf(table);
  const countable = extents.every(({ splittable, scan }) => splittable && !scan.several);
  if (options.rows !== undefined || (countable && chunks > 1 && pages < COUNTED_PAGES_PER_CHUNK * chunks)) {
    return countedChunks(planning, table, extents, chunks);
  }
  return {
    chunks: sharePages(extents, chunks).map((shares) => ({ scans: shares.map((share) => scanOf(extents, share)) })),
    estimatedRows: expected,
    exactRows: false,
    heapBytes: pages * facts.blockSize,
  };
}

async function countedChunks(
  planning: SnapshotPlanning,
  { whole, expected }: TableFacts,
  extents: readonly Countable[],
  chunks: number,
): Promise<Chunks> {
  const { session, options, context, facts } = planning;
  const pages = extents.reduce((sum, extent) => sum + extent.pages, 0);
  const wanted = options.jobs ?? Math.min(context.cores, MOST_JOBS);
  const helpers = chooseJobs(wanted, facts.budget).jobs - 1;
  const opened: Awaited<ReturnType<typeof openReaders>>[number][] = [];
  const more = async () => {
    const scans = extents.map(({ scan }) => scan);
    opened.push(...(await openReaders(planning, helpers, scans)));
    return opened;
  };
  try {
    const limit = options.rows ?? Number.POSITIVE_INFINITY;
    const cut = await cutRows(session, extents, limit, chunks, expected / Math.max(1, pages), more);
    // Nothing to read: one empty file, and no scan of pages that hold no row.
    if (cut.rows === 0) return { chunks: [{ scans: [{ ...whole, limit: 0 }], rows: 0 }], estimatedRows: 0, exactRows: true, heapBytes: 0 };
    const planned = cut.chunks.map(({ rows, shares }) => ({ rows, scans: shares.map((share) => scanOf(extents, share)) }));
    const read = planned.flatMap(({ scans }) => scans).reduce((sum, scan) => sum + (scan.range?.pages ?? 0), 0);
    return { chunks: planned, estimatedRows: cut.rows, exactRows: true, heapBytes: read * facts.blockSize };
  } finally {
    await Promise.allSettled(opened.map((reader) => reader.close()));
  }
}

function extentsOf({ root, columns, whole, reading }: TableFacts): Countable[] {
  const { members } = reading;
  if (reading.by === 'root') {
    return [{ scan: ofMembers(whole, members), pages: Math.max(...members.map(({ pages }) => pages)), splittable: true }];
  }
  return members.map((member) => ({
    scan: onlyScan(member, root, columns, whole.where),
    pages: member.pages,
    splittable: member.kind !== 'f',
  }));
}

/** A partition attached meanwhile belongs to the root of every later COPY, whatever snapshot that has: ATTACH waits for no reader. */
function ofMembers(whole: ScanPlan, members: readonly Relation[]): ScanPlan {
  const own = `tableoid = ANY ('{${members.map(({ oid }) => oid).join(',')}}'::oid[])`;
  return { ...whole, where: whole.where === undefined ? own : `(${whole.where}\n) AND ${own}` };
}

function scanOf(extents: readonly Countable[], { index, range }: Share): ChunkPlan['scans'][number] {
  const { scan } = extents[index] as Countable;
  return range === undefined ? scan : { ...scan, range };
}
