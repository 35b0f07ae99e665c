import { FILLED, layoutOf } from './abi.js';
import { PAGE_STATES } from './enums.js';
import type { Layout } from './layout.js';
import type { Slot } from './slot.js';
import { ASKED_BYTES, type Asked, readAsked, type Visibility } from './visibility.js';

export const PAGE_BYTES = 8192;

/** What a page is; from `ask` on its rows are not taken. native/include/gpuparser.h says what to do then. */
export type PageState = keyof typeof PAGE_STATES;

export interface PageAppend {
  readonly layout: Layout;
  readonly visibility: Visibility;
  /** Its first bytes are the pages. */
  readonly slot: Slot;
  /** Number of each page's block in the relation. */
  readonly blocks: readonly number[];
  /** Default: true. */
  readonly checksums?: boolean;
  /** Goes on after pages that were not taken. */
  readonly resume?: boolean;
}

export interface PagesTaken {
  /** Pages whose rows are in the batch: the first ones. */
  readonly taken: number;
  readonly rows: number;
  readonly pages: readonly { readonly state: PageState; readonly rows: number }[];
  readonly asked: readonly Asked[];
}

const RESULT = layoutOf(FILLED.gp_pages);
const PAGE = layoutOf(FILLED.gp_page);
/** More is asked for in the next call. */
const ASKED_CAPACITY = 4096;

const states = Object.keys(PAGE_STATES) as PageState[];

/** Memory that native code fills. */
export interface NativePages {
  readonly blocks: Buffer;
  readonly count: number;
  readonly result: Buffer;
  readonly pages: Buffer;
  readonly asked: Buffer;
  readonly capacity: number;
}

export function nativePages({ blocks }: PageAppend): NativePages {
  return {
    blocks: Buffer.from(Uint32Array.from(blocks).buffer),
    count: blocks.length,
    result: Buffer.alloc(RESULT.bytes),
    pages: Buffer.alloc(Math.max(1, blocks.length) * PAGE.bytes),
    asked: Buffer.alloc(ASKED_CAPACITY * ASKED_BYTES),
    capacity: ASKED_CAPACITY,
  };
}

export function pagesTaken({ count, result, pages, asked, capacity }: NativePages): PagesTaken {
  return {
    taken: Number(result.readBigInt64LE(RESULT.at.taken)),
    rows: Number(result.readBigInt64LE(RESULT.at.rows)),
    pages: Array.from({ length: count }, (_, i) => ({
      state: states[pages.readInt32LE(i * PAGE.bytes + PAGE.at.state)] as PageState,
      rows: pages.readInt32LE(i * PAGE.bytes + PAGE.at.rows),
    })),
    asked: readAsked(asked, Math.min(capacity, Number(result.readBigInt64LE(RESULT.at.asked)))),
  };
}
