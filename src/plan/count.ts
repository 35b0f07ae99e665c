import { GpuParserError } from '../errors.js';
import type { Session } from '../postgres/session.js';
import { type CountWindow, chunkStarts, countWindows, findCut, type Position, sharesBetween } from './cuts.js';
import type { ScanPlan, Tid } from './plan.js';
import type { Extent, Share } from './shares.js';
import { type TaskPiece, whereClause } from './split.js';

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
  const counts = await countUntil([session, ...helpers], windows, extents, limit);
  const counted = counts.reduce((sum, count) => sum + count, 0);
  const rows = Math.min(limit, counted);
  if (rows === 0) return { chunks: [], rows: 0 };

  const starts = chunkStarts(rows, chunks);
  const positions: Position[] = [];
  for (const row of starts) positions.push(await locateCut(session, extents, windows, counts, row));
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
  sessions: readonly Session[],
  windows: readonly CountWindow[],
  extents: readonly Countable[],
  limit: number,
): Promise<number[]> {
  const counts: (number | undefined)[] = [];
  let next = 0;
  let complete = 0;
  let sum = 0;
  const work = async (session: Session) => {
    while (next < windows.length && sum < limit) {
      const index = next++;
      counts[index] = await countRows(session, windowPiece(extents, windows[index] as CountWindow));
      for (let count = counts[complete]; count !== undefined && sum < limit; count = counts[++complete]) sum += count;
    }
  };
  await Promise.all(sessions.map(work));
  return counts.slice(0, complete) as number[];
}

async function countRows(session: Session, piece: TaskPiece): Promise<number> {
  const [row] = await session.query<{ count: string }>(`SELECT count(*) AS count FROM ${piece.scan.from}${whereClause(piece)}`);
  return Number(row?.count);
}

/** The place in front of a row. */
async function locateCut(
  session: Session,
  extents: readonly Countable[],
  windows: readonly CountWindow[],
  counts: readonly number[],
  row: number,
): Promise<Position> {
  if (row === 0) return { index: 0, tid: { page: 0, line: 0 } };
  const { window, offset } = findCut(counts, row);
  const found = windows[window];
  if (found === undefined) return { index: extents.length, tid: { page: 0, line: 0 } };
  if (offset === 0) return { index: found.index, tid: { page: found.page, line: 0 } };
  const piece = windowPiece(extents, found);
  const [result] = await session.query<{ tid: string }>(
    `SELECT ctid::text AS tid FROM ${piece.scan.from}${whereClause(piece)} ORDER BY ctid OFFSET ${offset} LIMIT 1`,
  );
  return { index: found.index, tid: parseTid(result?.tid ?? '') };
}

function windowPiece(extents: readonly Countable[], { index, page, end }: CountWindow): TaskPiece {
  const to = end === undefined ? {} : { to: { page: end, line: 0 } };
  return { scan: (extents[index] as Countable).scan, from: { page, line: 0 }, ...to };
}

function parseTid(text: string): Tid {
  const match = /^\((\d+),(\d+)\)$/.exec(text);
  if (!match) throw new GpuParserError('INTERNAL', `The server counted a row that it then did not find (ctid "${text}").`);
  return { page: Number(match[1]), line: Number(match[2]) };
}
