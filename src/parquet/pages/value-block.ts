import type { PhysicalType } from '../format.js';
import type { SchemaNode } from '../schema.js';
import { readDelta, readFrontCoded, readLengths } from './delta.js';
import { PageError } from './hybrid.js';

const WIDTHS: Readonly<Partial<Record<PhysicalType, number>>> = { BOOLEAN: 1, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

/**
 * Plain-encoded values of a column, still as bytes: value i is bytes[start(i), end(i)), in the form that statistics have too.
 * Booleans have a byte each.
 */
export class ValueBlock {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly count: number;
  readonly #from: number;
  readonly #width: number;
  /** Of BYTE_ARRAY: where each value begins and ends. */
  readonly #places: Uint32Array | undefined;

  private constructor(bytes: Uint8Array, from: number, width: number, count: number, places?: Uint32Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = count;
    this.#from = from;
    this.#width = width;
    this.#places = places;
  }

  /** `count` plain values from bytes[from...]. @throws PageError when they are not there. */
  static plain(column: SchemaNode, bytes: Uint8Array, from: number, count: number): ValueBlock {
    if (column.type === 'BYTE_ARRAY') return ValueBlock.#byteArrays(bytes, from, count);
    if (column.type === 'BOOLEAN') return ValueBlock.#booleans(bytes, from, count);
    const width = column.typeLength ?? WIDTHS[column.type as PhysicalType] ?? 0;
    if (count * width > bytes.length - from) throw new PageError('it ends before its last value');
    return new ValueBlock(bytes, from, width, count);
  }

  /** Booleans that have a byte each already. */
  static ofBooleans(bytes: Uint8Array): ValueBlock {
    return new ValueBlock(bytes, 0, 1, bytes.length);
  }

  /** DELTA_BINARY_PACKED of an INT32 or INT64. */
  static delta(column: SchemaNode, bytes: Uint8Array, from: number, count: number): ValueBlock {
    const { numbers } = readDelta(bytes, from, count);
    if (column.type === 'INT64') return new ValueBlock(new Uint8Array(numbers.buffer), 0, 8, count);
    const small = Int32Array.from(numbers, (number) => Number(BigInt.asIntN(32, number)));
    return new ValueBlock(new Uint8Array(small.buffer), 0, 4, count);
  }

  /** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all values. */
  static deltaLengths(bytes: Uint8Array, from: number, count: number): ValueBlock {
    const { numbers: lengths, end } = readLengths(bytes, from, count);
    const places = new Uint32Array(2 * count);
    let at = end;
    for (let i = 0; i < count; i++) {
      places[2 * i] = at;
      at += lengths[i] as number;
      places[2 * i + 1] = at;
      if (at > bytes.length) throw new PageError('a value is longer than its page');
    }
    return new ValueBlock(bytes, 0, 0, count, places);
  }

  /** DELTA_BYTE_ARRAY. */
  static frontCoded(bytes: Uint8Array, from: number, count: number): ValueBlock {
    const found = readFrontCoded(bytes, from, count);
    return new ValueBlock(found.bytes, 0, 0, count, found.places);
  }

  /** BYTE_STREAM_SPLIT: all first bytes, then all second ones. */
  static split(column: SchemaNode, bytes: Uint8Array, from: number, count: number): ValueBlock {
    const width = column.typeLength ?? WIDTHS[column.type as PhysicalType] ?? 0;
    if (count * width !== bytes.length - from) throw new PageError('it does not have the bytes of its values');
    const out = new Uint8Array(count * width);
    for (let byte = 0; byte < width; byte++)
      for (let i = 0; i < count; i++) out[i * width + byte] = bytes[from + byte * count + i] as number;
    return new ValueBlock(out, 0, width, count);
  }

  static #booleans(bytes: Uint8Array, from: number, count: number): ValueBlock {
    if (Math.ceil(count / 8) > bytes.length - from) throw new PageError('it ends before its last value');
    const values = new Uint8Array(count);
    for (let i = 0; i < count; i++) values[i] = ((bytes[from + (i >> 3)] as number) >> (i & 7)) & 1;
    return ValueBlock.ofBooleans(values);
  }

  static #byteArrays(bytes: Uint8Array, from: number, count: number): ValueBlock {
    if (count * 4 > bytes.length - from) throw new PageError('it ends before its last value');
    const places = new Uint32Array(2 * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    for (let i = 0; i < count; i++) {
      if (bytes.length - at < 4) throw new PageError('it ends before its last value');
      const length = view.getUint32(at, true);
      at += 4;
      if (length > bytes.length - at) throw new PageError('a value is longer than its page');
      places[2 * i] = at;
      at += length;
      places[2 * i + 1] = at;
    }
    return new ValueBlock(bytes, 0, 0, count, places);
  }

  start(i: number): number {
    return this.#places === undefined ? this.#from + i * this.#width : (this.#places[2 * i] as number);
  }

  end(i: number): number {
    return this.#places === undefined ? this.#from + (i + 1) * this.#width : (this.#places[2 * i + 1] as number);
  }
}
