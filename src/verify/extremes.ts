import { compareBounds, isFloat } from '../parquet/order.js';
import type { ValueBlock } from '../parquet/pages/value-block.js';
import type { SchemaNode } from '../parquet/schema.js';

/** Below 0, 0, above 0, as values a[i] and b[j] are in the column's order; NaN is never asked about. */
type Compare = (a: ValueBlock, i: number, b: ValueBlock, j: number) => number;

interface Place {
  readonly block: ValueBlock;
  readonly i: number;
}

/** The least and the greatest of a column's values, which are looked at without being copied. */
export class Extremes {
  readonly #compare: Compare | undefined;
  readonly #isNaN: ((block: ValueBlock, i: number) => boolean) | undefined;
  #min: Place | undefined;
  #max: Place | undefined;

  constructor(column: SchemaNode) {
    this.#compare = comparison(column);
    this.#isNaN = isFloat(column) ? (block, i) => Number.isNaN(readFloat(block, i)) : undefined;
  }

  add(block: ValueBlock, i: number): void {
    const compare = this.#compare;
    if (compare === undefined || this.#isNaN?.(block, i)) return;
    if (this.#min === undefined || compare(block, i, this.#min.block, this.#min.i) < 0) this.#min = { block, i };
    if (this.#max === undefined || compare(block, i, this.#max.block, this.#max.i) > 0) this.#max = { block, i };
  }

  /** All values of a page's block, or those that its indices point at. */
  addAll(block: ValueBlock, indices: Uint32Array | undefined): void {
    if (this.#compare === undefined) return;
    if (indices === undefined) {
      for (let i = 0; i < block.count; i++) this.add(block, i);
      return;
    }
    const used = new Uint8Array(block.count);
    for (const index of indices) used[index] = 1;
    for (let i = 0; i < block.count; i++) if (used[i] === 1) this.add(block, i);
  }

  merge(other: Extremes): void {
    for (const place of [other.#min, other.#max]) if (place !== undefined) this.add(place.block, place.i);
  }

  /** In the form of statistics; undefined without a value that is not NaN, or where the column has no order. */
  get min(): Uint8Array | undefined {
    return bytesOf(this.#min);
  }

  get max(): Uint8Array | undefined {
    return bytesOf(this.#max);
  }
}

const bytesOf = (place: Place | undefined): Uint8Array | undefined =>
  place?.block.bytes.subarray(place.block.start(place.i), place.block.end(place.i));

function comparison(column: SchemaNode): Compare | undefined {
  const unsigned = column.annotation?.startsWith('UINT') === true;
  switch (column.type) {
    case 'BOOLEAN':
      return (a, i, b, j) => (a.bytes[a.start(i)] as number) - (b.bytes[b.start(j)] as number);
    case 'INT32':
      return unsigned
        ? (a, i, b, j) => a.view.getUint32(a.start(i), true) - b.view.getUint32(b.start(j), true)
        : (a, i, b, j) => a.view.getInt32(a.start(i), true) - b.view.getInt32(b.start(j), true);
    case 'INT64':
      // The upper halves decide nearly always, and cost no bigint.
      return unsigned
        ? undefined
        : (a, i, b, j) =>
            a.view.getInt32(a.start(i) + 4, true) - b.view.getInt32(b.start(j) + 4, true) ||
            a.view.getUint32(a.start(i), true) - b.view.getUint32(b.start(j), true);
    case 'FLOAT':
    case 'DOUBLE':
      return (a, i, b, j) => readFloat(a, i) - readFloat(b, j) || 0;
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      if (column.annotation?.startsWith('DECIMAL') === true)
        return (a, i, b, j) => compareBounds(column, a.bytes.subarray(a.start(i), a.end(i)), b.bytes.subarray(b.start(j), b.end(j))) ?? 0;
      return column.annotation === 'INTERVAL' || column.annotation === 'FLOAT16' ? undefined : compareBytes;
    default:
      return undefined;
  }
}

function compareBytes(a: ValueBlock, i: number, b: ValueBlock, j: number): number {
  let [at, to] = [a.start(i), a.end(i)];
  let [other, otherTo] = [b.start(j), b.end(j)];
  const [left, right] = [a.bytes, b.bytes];
  for (; at < to && other < otherTo; at++, other++) {
    const difference = (left[at] as number) - (right[other] as number);
    if (difference !== 0) return difference;
  }
  return to - at - (otherTo - other);
}

function readFloat(block: ValueBlock, i: number): number {
  const at = block.start(i);
  return block.end(i) - at === 4 ? block.view.getFloat32(at, true) : block.view.getFloat64(at, true);
}
