import type { ByteSource } from '../sink/byte-source.js';
import { damaged } from '../sink/byte-source.js';
import type { ByteSink } from './sink.js';
import type { Range } from './source.js';
import { intField } from './thrift/access.js';
import { CompactReader } from './thrift/reader.js';

/**
 * Copies ranges of a source to a sink whose position is `position`, in the source's order, in as few writes as they allow:
 * neighbours go together. Returns what to add to each range's offset to find it in the new file, and the sink's new position.
 */
export async function copyRanges(
  source: ByteSource,
  sink: ByteSink,
  ranges: readonly Range[],
  position: number,
): Promise<{ shifts: Float64Array; position: number }> {
  const shifts = new Float64Array(ranges.length);
  const sorted = ranges.map((_, index) => index);
  const at = (i: number): Range => ranges[sorted[i] as number] as Range;
  sorted.sort((a, b) => (ranges[a] as Range).offset - (ranges[b] as Range).offset);
  const piece = source.pieceBytes ?? Number.MAX_SAFE_INTEGER;
  // One buffer for all pieces: touching fresh memory costs more than copying the bytes.
  const buffer = source.pieceBytes === undefined ? undefined : Buffer.allocUnsafeSlow(source.pieceBytes);
  for (let first = 0; first < sorted.length; ) {
    const start = at(first).offset;
    let end = start + at(first).length;
    let last = first;
    while (last < sorted.length && at(last).offset <= end) {
      end = Math.max(end, at(last).offset + at(last).length);
      shifts[sorted[last] as number] = position - start;
      last++;
    }
    for (let from = start; from < end; from += piece) await sink.write(await source.read(from, Math.min(piece, end - from), buffer));
    position += end - start;
    first = last;
  }
  return { shifts, position };
}

/** A bloom filter's bytes, header included. Files from before bloom_filter_length need a look at that header. */
export async function bloomFilterRange(source: ByteSource, offset: number, length: number | undefined): Promise<Range> {
  if (length !== undefined && length > 0) return { offset, length };
  const head = await source.read(offset, Math.min(64, Math.max(0, source.size - offset)));
  const reader = new CompactReader(head, source.name);
  const bytes = intField(reader.struct(), 1);
  if (bytes === undefined || bytes < 0) throw damaged(source.name, 'a bloom filter does not say how long it is');
  return { offset, length: reader.position + bytes };
}
