import { GpuParserError } from '../../errors.js';
import { type CountWindow, chunkStarts, countWindows, findCut, type Position, sharesBetween } from '../../plan/cuts.js';
import type { ScanPlan, Tid } from '../../plan/plan.js';
import type { Extent, Share } from '../../plan/shares.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import { lockStatements } from './locks.js';
import { PassingLocks } from './passing-locks.js';
import { whereClause } from './statements.js';

/** An extent with the scan that reads all of it. */
export interface Countable extends Extent {
  readonly scan: ScanPlan;
}

export interface RowShares {
  readonly chunks: readonly { readonly rows: number; readonly shares: readonly Share[] }[];
  readonly rows: number;
}

/**
 * Cuts exactly min(limit, rows there) rows into chunks whose sizes differ by at most one row, under the sessions' snapshot.
 * Counts from the start and only as far as the limit asks; the sessions share the work.
 * @param density rows a page is expected to hold.
 * @param more gives further sessions, asked for only when there is much to count.
 */
export async function cutRows(
  session: Session,
  extents: readonly Countable[],
  limit: number,
  chunks: number,
  density: number,
  more: () => Promise<readonly Session[]>,
): Promise<RowShares> {
  if (limit === 0) return { chunks: [], rows: 0 };
  const total = extents.reduce((sum, { pages }) => sum + pages, 0);
  const needed = Math.min(total, (limit / Math.max(density, 0.01)) * 1.1);
  const windows = [...countWindows(extents, needed)];
  const expected = countWindows([{ pages: needed, splittable: true }], needed);
  const helpers = [...expected].length > WORTH_HELP ? await more() : [];
  const complete = lockStatements(extents.map(({ scan }) => scan)).complete;
  // The coordinator has locked everything, the others what they may.
  const locks = new Map([session, ...helpers].map((one) => [one, new PassingLocks(one, one !== session && !complete)]));
  const counts = await countUntil(locks, windows, extents, limit);
  const counted = counts.reduce((sum, count) => sum + count, 0);
  const rows = Math.min(limit, counted);
  if (rows === 0) return { chunks: [], rows: 0 };

  const starts = chunkStarts(rows, chunks);
  const positions = await locateCuts(session, locks.get(session) as PassingLocks, extents, windows, counts, starts);
  await locks.get(session)?.leave();
  const whole = rows === counted && counts.length === windows.length;
  return {
    rows,
    chunks: starts.slice(1).map((end, chunk) => {
      const isLast = chunk === starts.length - 2;
      const stop = isLast && whole ? undefined : positions[chunk + 1];
      return { rows: end - (starts[chunk] as number), shares: sharesBetween(extents, positions[chunk] as Position, stop) };
    }),
  };
}

/** Fewer windows than this are counted sooner than a connection is opened. */
const WORTH_HELP = 4;

/** Counts windows in order, side by side, until their sum reaches the limit. Returns the counts of a leading stretch of windows. */
async function countUntil(
  sessions: ReadonlyMap<Session, PassingLocks>,
  windows: readonly CountWindow[],
  extents: readonly Countable[],
  limit: number,
): Promise<number[]> {
  const counts: (number | undefined)[] = [];
  let next = 0;
  let complete = 0;
  let sum = 0;
  const work = async ([session, locks]: [Session, PassingLocks]) => {
    while (next < windows.length && sum < limit) {
      const index = next++;
      const piece = windowPiece(extents, windows[index] as CountWindow);
      await locks.enter(piece.scan);
      counts[index] = await countRows(session, piece);
      for (let count = counts[complete]; count !== undefined && sum < limit; count = counts[++complete]) sum += count;
    }
  };
  await Promise.all([...sessions].map(work));
  return counts.slice(0, complete) as number[];
}

async function countRows(session: Session, piece: TaskPiece): Promise<number> {
  const [row] = await session.query<{ count: string }>(`SELECT pg_catalog.count(*) AS count FROM ${piece.scan.from}${whereClause(piece)}`);
  return Number(row?.count);
}

/** The places in front of rows. Sorting a window's ctids is what costs, so that all cuts in one window are found by one query. */
async function locateCuts(
  session: Session,
  locks: PassingLocks,
  extents: readonly Countable[],
  windows: readonly CountWindow[],
  counts: readonly number[],
  rows: readonly number[],
): Promise<Position[]> {
  const cuts = rows.map((row) => findCut(counts, row));
  const tids = new Map<number, Map<number, Tid>>();
  for (const window of new Set(cuts.map((cut) => cut.window))) {
    const offsets = new Set(cuts.filter((cut) => cut.window === window && cut.offset > 0).map(({ offset }) => offset));
    const found = windows[window];
    if (found === undefined || offsets.size === 0) continue;
    const piece = windowPiece(extents, found);
    await locks.enter(piece.scan);
    tids.set(window, await tidsAt(session, piece, [...offsets]));
  }
  return cuts.map(({ window, offset }, at) => {
    const found = windows[window];
    if (rows[at] === 0) return { index: 0, tid: { page: 0, line: 0 } };
    if (found === undefined) return { index: extents.length, tid: { page: 0, line: 0 } };
    return { index: found.index, tid: tids.get(window)?.get(offset) ?? { page: found.page, line: 0 } };
  });
}

/** Where the rows are that have so many of a piece's in front of them. */
async function tidsAt(session: Session, piece: TaskPiece, offsets: readonly number[]): Promise<Map<number, Tid>> {
  const rows = `FROM ${piece.scan.from}${whereClause(piece)}`;
  // Numbering all rows takes longer than finding one.
  const query =
    offsets.length === 1
      ? `SELECT ctid::text AS tid, ${offsets[0]} AS place ${rows} ORDER BY ctid OFFSET ${offsets[0]} LIMIT 1`
      : `SELECT tid::text, place FROM (SELECT ctid AS tid, row_number() OVER (ORDER BY ctid) - 1 AS place ${rows}) AS numbered WHERE place IN (${offsets.join(', ')})`;
  const found = await session.query<{ tid: string; place: string }>(query);
  if (found.length < offsets.length) {
    if (piece.scan.where !== undefined) throw volatileCondition(piece.scan.relation);
    throw new GpuParserError('INTERNAL', 'The server counted rows that it then did not find.');
  }
  return new Map(found.map(({ tid, place }) => [Number(place), parseTid(tid)]));
}

/** A condition that lets other rows through each time: what was counted is not what is read. */
export function volatileCondition(relation: string): GpuParserError {
  return new GpuParserError('USAGE', `The --where over ${relation} does not choose the same rows each time, so that none can be counted.`, {
    hint: 'Leave --rows out, or sample with --query: SELECT ... WHERE random() < 0.1 LIMIT 1000.',
  });
}

function windowPiece(extents: readonly Countable[], { index, page, end }: CountWindow): TaskPiece {
  const to = end === undefined ? {} : { to: { page: end, line: 0 } };
  return { scan: (extents[index] as Countable).scan, from: { page, line: 0 }, ...to };
}

function parseTid(text: string): Tid {
  const match = /^\((\d+),(\d+)\)$/.exec(text);
  if (!match) throw new GpuParserError('INTERNAL', `The server answered a ctid with "${text}".`);
  return { page: Number(match[1]), line: Number(match[2]) };
}
