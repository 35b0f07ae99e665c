import type { CtidRange, Tid } from './plan.js';
import type { Extent, Share } from './shares.js';

/** A stretch of pages whose rows are counted by one query; end undefined: to the end of the extent. */
export interface CountWindow {
  readonly index: number;
  readonly page: number;
  readonly end?: number;
}

/** A place between two rows, extents in order. */
export interface Position {
  readonly index: number;
  readonly tid: Tid;
}

/** Where a cut lies: `offset` rows into a window, or at its very start. */
export interface Cut {
  readonly window: number;
  readonly offset: number;
}

/** Largest window: a cut sorts the ctids of one, some tens of thousands. */
const MAX_WINDOW_PAGES = 1024;

/** Windows over all extents in order; the first has `firstPages`, and they double up to 1,024 pages. Empty extents have none. */
export function* countWindows(extents: readonly Extent[], firstPages: number): Generator<CountWindow> {
  let size = Math.min(MAX_WINDOW_PAGES, Math.max(16, Math.ceil(firstPages)));
  for (const [index, { pages }] of extents.entries()) {
    for (let page = 0; page < pages; ) {
      const end = page + size;
      yield end >= pages ? { index, page } : { index, page, end };
      page = end;
      size = Math.min(MAX_WINDOW_PAGES, size * 2);
    }
  }
}

/** First row of each of `chunks` chunks of `rows` rows, and the end: sizes differ by at most one, none is empty but the first. */
export function chunkStarts(rows: number, chunks: number): number[] {
  const count = Math.max(1, Math.min(chunks, rows));
  return Array.from({ length: count + 1 }, (_, chunk) => Number((BigInt(chunk) * BigInt(rows)) / BigInt(count)));
}

/** The window that holds row `row` (0-based), or the end of the counted windows when it is the row behind them. */
export function findCut(counts: readonly number[], row: number): Cut {
  let before = 0;
  for (const [window, count] of counts.entries()) {
    if (row < before + count) return { window, offset: row - before };
    before += count;
  }
  return { window: counts.length, offset: row - before };
}

/** What lies between two positions; end undefined: everything to the end of the last extent, open-ended. */
export function sharesBetween(extents: readonly Extent[], start: Position, end: Position | undefined): Share[] {
  const shares: Share[] = [];
  const last = end?.index ?? extents.length - 1;
  for (let index = start.index; index <= last; index++) {
    const from = index === start.index ? start.tid : { page: 0, line: 0 };
    const to = index === end?.index ? end.tid : undefined;
    const range = rangeOf(from, to, (extents[index] as Extent).pages);
    if (range !== undefined) shares.push({ index, range });
  }
  return shares;
}

function rangeOf(from: Tid, to: Tid | undefined, pages: number): CtidRange | undefined {
  if (to === undefined) return pages === 0 ? undefined : { from, pages: Math.max(1, pages - from.page) };
  const end = to.page + (to.line > 0 ? 1 : 0);
  if (to.page === from.page && to.line === from.line) return undefined;
  return { from, to, pages: Math.max(1, end - from.page) };
}
