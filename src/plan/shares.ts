import type { CtidRange } from './plan.js';

/** Something to share out: a relation of `pages` pages, or one that cannot be cut. */
export interface Extent {
  readonly pages: number;
  readonly splittable: boolean;
}

/** A stretch of extent `index`; range undefined: all of it, uncut. */
export interface Share {
  readonly index: number;
  readonly range?: CtidRange;
}

/**
 * Shares pages out evenly: `chunks` lists (fewer when there are fewer pages), the extents in order. Every page is in exactly
 * one share, the last share of each extent is open-ended, and an extent that cannot be cut stands whole at its place.
 * Extents without pages hold no row the snapshot shows and are left out, unless nothing else is there.
 */
export function sharePages(extents: readonly Extent[], chunks: number): Share[][] {
  const used = extents.map((extent, index) => ({ ...extent, index })).filter(({ pages, splittable }) => pages > 0 || !splittable);
  const total = used.reduce((sum, extent) => sum + weight(extent), 0);
  if (total === 0) return extents.length === 0 ? [[]] : [[{ index: 0, range: { from: { page: 0, line: 0 }, pages: 1 } }]];
  const count = Math.max(1, Math.min(chunks, total));
  const lists: Share[][] = Array.from({ length: count }, () => []);
  const bound = (chunk: number) => Math.floor((chunk * total) / count);
  let start = 0;
  let chunk = 0;
  for (const extent of used) {
    const end = start + weight(extent);
    while (bound(chunk + 1) <= start) chunk++;
    if (!extent.splittable) lists[chunk]?.push({ index: extent.index });
    for (let at = start; extent.splittable && at < end; ) {
      while (bound(chunk + 1) <= at) chunk++;
      const stop = Math.min(end, bound(chunk + 1));
      const to = stop === end ? {} : { to: { page: stop - start, line: 0 } };
      lists[chunk]?.push({ index: extent.index, range: { from: { page: at - start, line: 0 }, ...to, pages: stop - at } });
      at = stop;
    }
    start = end;
  }
  return lists.filter((list) => list.length > 0);
}

/** What cannot be cut counts as a page: its size is unknown here. */
function weight({ pages, splittable }: Extent): number {
  return splittable ? pages : 1;
}
