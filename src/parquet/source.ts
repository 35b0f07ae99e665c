import { type ByteSource, checkRange } from '../sink/byte-source.js';

/** A file image in memory; reads are views of it. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(
    bytes: Uint8Array,
    readonly name: string,
  ) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }
}

/** A range of a source and its bytes. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Reads ranges with few large reads: neighbours with gaps of up to 64 KiB come in one. Result i holds the bytes of ranges[i]. */
export async function readRanges(source: ByteSource, ranges: readonly (Range | undefined)[]): Promise<(Uint8Array | undefined)[]> {
  const result = new Array<Uint8Array | undefined>(ranges.length);
  const sorted: number[] = [];
  ranges.forEach((range, index) => {
    if (range === undefined) return;
    checkRange(source, range.offset, range.length);
    sorted.push(index);
  });
  const at = (index: number): Range => ranges[index] as Range;
  sorted.sort((a, b) => at(a).offset - at(b).offset);
  for (let first = 0; first < sorted.length; ) {
    const start = at(sorted[first] as number).offset;
    let end = start + at(sorted[first] as number).length;
    let last = first + 1;
    for (; last < sorted.length; last++) {
      const next = at(sorted[last] as number);
      if (next.offset > end + 65_536) break;
      end = Math.max(end, next.offset + next.length);
    }
    const bytes = await source.read(start, end - start);
    for (; first < last; first++) {
      const index = sorted[first] as number;
      const range = at(index);
      result[index] = bytes.subarray(range.offset - start, range.offset - start + range.length);
    }
  }
  return result;
}
