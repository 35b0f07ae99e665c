import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chunkStarts, countWindows, findCut, sharesBetween } from '../../src/plan/cuts.js';
import type { ChunkPlan, ScanPlan, Tid } from '../../src/plan/plan.js';
import { type Extent, type Share, sharePages } from '../../src/plan/shares.js';
import { splitTasks } from '../../src/plan/split.js';
import { lockStatements } from '../../src/source/copy/locks.js';
import { copyStatement } from '../../src/source/copy/statements.js';

const extents = fc.array(fc.record({ pages: fc.nat(300), splittable: fc.boolean() }), { minLength: 1, maxLength: 12 });
const splittable = fc.array(fc.record({ pages: fc.nat(300), splittable: fc.constant(true) }), { minLength: 1, maxLength: 12 });
const start: Tid = { page: 0, line: 0 };

function compare(a: Tid, b: Tid): number {
  return a.page - b.page || a.line - b.line;
}

/** Asserts that the shares, read in order, cover each extent once, from its start to its open end. */
function assertCovers(all: readonly Extent[], shares: readonly Share[]): void {
  const seen = new Map<number, Share[]>();
  let before = -1;
  for (const share of shares) {
    assert.ok(share.index >= before, 'extents come in order');
    before = share.index;
    seen.set(share.index, [...(seen.get(share.index) ?? []), share]);
  }
  for (const [index, extent] of all.entries()) {
    const own = seen.get(index) ?? [];
    if (!extent.splittable) {
      assert.deepEqual(own, [{ index }]);
      continue;
    }
    if (own.length === 0) {
      assert.equal(extent.pages, 0);
      continue;
    }
    let at: Tid | undefined = start;
    for (const { range } of own) {
      assert.deepEqual(range?.from, at);
      assert.ok((range?.pages ?? 0) >= 1);
      if (range?.to) assert.ok(compare(range.from, range.to) < 0);
      at = range?.to;
    }
    assert.equal(at, undefined, 'the last range is open-ended');
  }
}

describe('sharing pages out', () => {
  it('covers every page exactly once, in order, and leaves the last range of each relation open', () => {
    fc.assert(
      fc.property(extents, fc.integer({ min: 1, max: 20 }), (all, chunks) => {
        const lists = sharePages(all, chunks);
        assert.ok(lists.length >= 1 && lists.length <= chunks);
        assertCovers(all, lists.flat());
      }),
    );
  });

  it('gives shares that differ by at most one page', () => {
    fc.assert(
      fc.property(splittable, fc.integer({ min: 1, max: 20 }), (all, chunks) => {
        const total = all.reduce((sum, { pages }) => sum + pages, 0);
        fc.pre(total > 0);
        const sizes = sharePages(all, chunks).map((list) => list.reduce((sum, { range }) => sum + (range?.pages ?? 0), 0));
        assert.equal(sizes.length, Math.min(chunks, total));
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
        assert.equal(
          sizes.reduce((a, b) => a + b),
          total,
        );
      }),
    );
  });

  it('begins the next share with a relation that cannot be cut, where the one before is full', () => {
    const lists = sharePages(
      [
        { pages: 2, splittable: true },
        { pages: 0, splittable: false },
      ],
      3,
    );
    assert.deepEqual(
      lists.map((list) => list.map(({ index }) => index)),
      [[0], [0], [1]],
    );
  });

  it('gives an empty table one chunk that reads whatever is there', () => {
    assert.deepEqual(sharePages([{ pages: 0, splittable: true }], 4), [[{ index: 0, range: { from: start, pages: 1 } }]]);
  });
});

describe('cutting by rows', () => {
  it('makes chunks within one row of each other that add up to all rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 1, max: 64 }), (rows, chunks) => {
        const starts = chunkStarts(rows, chunks);
        const sizes = starts.slice(1).map((end, index) => end - (starts[index] as number));
        assert.equal(starts[0], 0);
        assert.equal(starts.at(-1), rows);
        assert.equal(sizes.length, Math.min(chunks, rows));
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }),
    );
  });

  it('counts every page in one window, smaller windows first', () => {
    fc.assert(
      fc.property(splittable, fc.double({ min: 0, max: 5000, noNaN: true }), (all, first) => {
        const windows = [...countWindows(all, first)];
        assertCovers(
          all,
          windows.map(({ index, page, end }) => ({
            index,
            range: { from: { page, line: 0 }, ...(end === undefined ? {} : { to: { page: end, line: 0 } }), pages: 1 },
          })),
        );
      }),
    );
  });

  it('finds the window of each row', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }), (counts) => {
        const rows = counts.flatMap((count, window) => Array.from({ length: count }, (_, offset) => ({ window, offset })));
        for (const [row, expected] of rows.entries()) assert.deepEqual(findCut(counts, row), expected);
        assert.deepEqual(findCut(counts, rows.length), { window: counts.length, offset: 0 });
      }),
    );
  });

  it('puts every row between two cuts into exactly one chunk', () => {
    const table = fc.array(fc.array(fc.nat(3), { maxLength: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (relations, chunks) => {
        // relations[e][p] rows live at page p of extent e, lines 1..n.
        const all = relations.map((pages) => ({ pages: pages.length, splittable: true }));
        const rows = relations.flatMap((pages, index) =>
          pages.flatMap((count, page) => Array.from({ length: count }, (_, line) => ({ index, tid: { page, line: line + 1 } }))),
        );
        fc.pre(rows.length > 0);
        const starts = chunkStarts(rows.length, chunks);
        const positions = starts.map((row) => (row === 0 ? { index: 0, tid: start } : rows[row]));
        const found = starts.slice(1).map((_, chunk) => {
          const shares = sharesBetween(all, positions[chunk] as (typeof rows)[0], positions[chunk + 1]);
          return rows.filter(({ index, tid }) =>
            shares.some(
              (share) =>
                share.index === index &&
                compare(share.range!.from, tid) <= 0 &&
                (share.range!.to === undefined || compare(tid, share.range!.to) < 0),
            ),
          );
        });
        assert.deepEqual(found.flat(), rows);
        for (const [chunk, list] of found.entries()) assert.equal(list.length, (starts[chunk + 1] as number) - (starts[chunk] as number));
      }),
    );
  });
});

describe('tasks of a chunk', () => {
  const scan = (name: string): ScanPlan => ({ relation: name, select: `SELECT FROM ${name}`, from: name });
  const tid = fc.record({ page: fc.nat(50), line: fc.nat(3) });
  const ranges = fc.record({ from: tid, pages: fc.integer({ min: 1, max: 500 }), open: fc.boolean() });
  const chunks = fc.array(fc.option(ranges), { minLength: 1, maxLength: 12 }).map(
    (scans): ChunkPlan => ({
      index: 0,
      file: 'f',
      scans: scans.map((range, index) => ({
        ...scan(`t${index}`),
        ...(range === null
          ? {}
          : {
              range: {
                from: range.from,
                pages: range.pages,
                ...(range.open ? {} : { to: { page: range.from.page + range.pages, line: 2 } }),
              },
            }),
      })),
    }),
  );

  it('read the chunk exactly once, in order', () => {
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 16 }), (chunk, target, jobs) => {
        const pieces = splitTasks(chunk, target, target / 4, jobs).flatMap((task) => task.pieces);
        const merged: { scan: ScanPlan; from?: Tid; to?: Tid }[] = [];
        for (const piece of pieces) {
          const last = merged.at(-1);
          if (last?.scan === piece.scan) {
            assert.deepEqual(piece.from, last.to);
            assert.ok(piece.from && (!piece.to || compare(piece.from, piece.to) < 0));
            if (piece.to) last.to = piece.to;
            else delete last.to;
          } else merged.push({ ...piece });
        }
        assert.deepEqual(
          merged,
          chunk.scans.map((s) => ({ scan: s, ...(s.range ? { from: s.range.from, ...(s.range.to ? { to: s.range.to } : {}) } : {}) })),
        );
      }),
    );
  });

  it('are of about the target size, and none but the very last is tiny', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 32 }),
        (pages, target, least, jobs) => {
          const smallest = Math.min(target, least);
          fc.pre(pages / smallest < 2000);
          const tasks = splitTasks(
            { index: 0, file: 'f', scans: [{ ...scan('t'), range: { from: start, pages } }] },
            target,
            smallest,
            jobs,
          );
          const sizes = tasks.map(({ pieces: [piece] }) => (piece?.to?.page ?? pages) - (piece?.from?.page ?? 0));
          assert.equal(
            sizes.reduce((a, b) => a + b),
            pages,
          );
          assert.ok(Math.max(...sizes) <= Math.ceil(target * 1.125));
          for (const size of sizes.slice(0, -1)) assert.ok(size >= smallest);
          for (let index = 1; index < sizes.length - 1; index++) assert.ok((sizes[index] as number) <= (sizes[index - 1] as number));
        },
      ),
    );
  });

  it('take small relations together', () => {
    const scans = Array.from({ length: 1000 }, (_, index) => ({ ...scan(`t${index}`), range: { from: start, pages: 2 } }));
    const tasks = splitTasks({ index: 0, file: 'f', scans }, 500, 125, 2);
    assert.ok(tasks.length >= 4 && tasks.length <= 12, `${tasks.length} tasks`);
  });

  it('become COPY statements in which no comment hides the bounds', () => {
    const piece = { scan: { ...scan('t'), where: 'a > 1 -- only these' }, from: { page: 3, line: 4 }, to: { page: 9, line: 0 } };
    assert.equal(
      copyStatement(piece),
      "COPY (SELECT FROM t WHERE (a > 1 -- only these\n) AND ctid >= '(3,4)'::tid AND ctid < '(9,0)'::tid\n) TO STDOUT (FORMAT binary)",
    );
    assert.equal(copyStatement({ scan: { ...scan('t'), limit: 5 } }), 'COPY (SELECT FROM t\nLIMIT 5\n) TO STDOUT (FORMAT binary)');
    // Without a bound the server might read an index alone, in another order.
    assert.equal(
      copyStatement({ scan: scan('t'), from: start }),
      "COPY (SELECT FROM t WHERE ctid >= '(0,0)'::tid\n) TO STDOUT (FORMAT binary)",
    );
  });

  it('lock each relation once, all in one statement', () => {
    const timeout = 'SET LOCAL lock_timeout = 60000';
    const locked = [{ ...scan('a'), lock: 'ONLY a' }, { ...scan('a'), lock: 'ONLY a' }, scan('b'), { ...scan('c'), lock: 'ONLY c' }];
    const statements = [
      'SET LOCAL lock_timeout = 1500',
      'LOCK TABLE ONLY a, ONLY c IN ACCESS SHARE MODE NOWAIT',
      'SELECT FROM b WHERE false',
      timeout,
    ];
    assert.deepEqual(lockStatements(locked), { statements, complete: true });
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...scan(`t${index}`), lock: `ONLY t${index}` }));
    assert.deepEqual(lockStatements(many), { statements: [timeout], complete: false });
  });
});
