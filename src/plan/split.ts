import type { ChunkPlan, ScanPlan, Tid } from './plan.js';

/** What one COPY reads: a scan, or a stretch of it by ctid. */
export interface TaskPiece {
  readonly scan: ScanPlan;
  /** Rows with from <= ctid < to; undefined: no bound on that side. */
  readonly from?: Tid;
  readonly to?: Tid;
}

/** What a connection takes from the queue: pieces of about one batch together, in table order. */
export interface Task {
  readonly pieces: readonly TaskPiece[];
}

/** A remainder of a relation below this share of a task is not worth a COPY of its own. */
const SLIVER = 1 / 8;

/**
 * Cuts a chunk into tasks of about `targetPages` pages, in table order. Towards the end they become smaller, each a connection's share
 * of what is left and at least `smallestPages`, so that `jobs` connections that take them from a queue finish together. Small relations
 * share a task; a scan that cannot be cut is a task of its own. Concatenated, the tasks read every row of the chunk exactly once.
 */
export function splitTasks(chunk: ChunkPlan, targetPages: number, smallestPages: number, jobs: number): Task[] {
  const target = Math.max(1, Math.floor(targetPages));
  const smallest = Math.max(1, Math.floor(smallestPages));
  let remaining = chunk.scans.reduce((sum, scan) => sum + (scan.range?.pages ?? 0), 0);
  const nextSize = () => Math.min(target, Math.max(smallest, Math.ceil(remaining / Math.max(1, jobs))));

  const tasks: Task[] = [];
  let pieces: TaskPiece[] = [];
  let size = nextSize();
  let room = size;
  const close = () => {
    if (pieces.length > 0) tasks.push({ pieces });
    pieces = [];
    size = nextSize();
    room = size;
  };
  for (const scan of chunk.scans) {
    const { range } = scan;
    if (range === undefined) {
      close();
      tasks.push({ pieces: [{ scan }] });
      continue;
    }
    let from = range.from;
    let left = range.pages;
    for (;;) {
      if (room < Math.min(size * SLIVER, left)) close();
      const pages = left - room <= size * SLIVER ? left : room;
      const last = pages === left;
      const to = last ? range.to : { page: from.page + pages, line: 0 };
      pieces.push({ scan, from, ...(to === undefined ? {} : { to }) });
      [left, room, remaining] = [left - pages, room - pages, remaining - pages];
      if (room <= 0) close();
      if (last) break;
      from = to as Tid;
    }
  }
  close();
  return tasks;
}
