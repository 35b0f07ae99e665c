import { damaged } from '../../sink/byte-source.js';
import { maxDepth, type ThriftField, type ThriftList, type ThriftMap, type ThriftStruct, ThriftType, type ThriftValue } from './types.js';

/**
 * Reads Thrift's compact protocol from bytes[position, end). Every method throws GpuParserError('FILE') on bytes that are not
 * valid: nothing is read past the end, nothing is allocated by a size that the remaining bytes cannot hold.
 */
export class CompactReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;
  readonly #name: string;

  /** name: the file, for messages. */
  constructor(bytes: Uint8Array, name: string, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#name = name;
    this.position = position;
    this.end = end;
  }

  fail(what: string): never {
    throw damaged(this.#name, `${what} (byte ${this.position} of its metadata)`);
  }

  byte(): number {
    if (this.position >= this.end) this.fail('its metadata ends too early');
    return this.bytes[this.position++] as number;
  }

  /** An unsigned varint below 2^31: a count or a length. */
  size(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0x7fffffff) this.fail('a size is over 2 GiB');
        return value;
      }
    }
    return this.fail('a size is longer than 5 bytes');
  }

  /** A zigzag varint of 64 bits. */
  i64(): number | bigint {
    const first = this.byte();
    if (first < 0x80) return (first & 1) === 0 ? first >>> 1 : -((first + 1) >>> 1);
    let value = first & 0x7f;
    let scale = 128;
    // 7 bytes hold 49 bits, so the sum stays exact.
    for (let i = 1; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    let big = BigInt(value);
    for (let i = 7; i < 10; i++) {
      const byte = this.byte();
      if (i === 9 && byte > 1) break;
      big |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        const signed = (big >> 1n) ^ -(big & 1n);
        return signed >= -0x1fffffffffffffn && signed <= 0x1fffffffffffffn ? Number(signed) : signed;
      }
    }
    return this.fail('an integer is longer than 64 bits');
  }

  /** A zigzag varint that a number holds exactly and that lies in -2^(bits-1) .. 2^(bits-1)-1. */
  int(bits: 16 | 32 | 53): number {
    const value = this.i64();
    const limit = 2 ** (bits - 1);
    if (typeof value === 'bigint' || (bits < 53 && (value < -limit || value >= limit))) this.fail(`an integer does not fit ${bits} bits`);
    return value;
  }

  double(): number | bigint {
    const view = this.#view(8);
    const value = view.getFloat64(0, true);
    if (!Number.isNaN(value)) return value;
    const bits = view.getBigUint64(0, true);
    return bits === 0x7ff8000000000000n ? value : bits;
  }

  /** Bytes of a binary or string value: a view of the input, not a copy. */
  binary(): Uint8Array {
    const length = this.size();
    return this.take(length);
  }

  /** The next bytes, as a view of the input. */
  take(length: number): Uint8Array {
    if (length > this.end - this.position) this.fail('a value is longer than what is left');
    const from = this.position;
    this.position += length;
    return this.bytes.subarray(from, this.position);
  }

  /** Type and count of a list or set; count elements of at least one byte each are there. */
  listHeader(): { type: number; count: number } {
    const header = this.byte();
    const type = header & 0x0f;
    const count = header >>> 4 === 15 ? this.size() : header >>> 4;
    if (count > this.end - this.position) this.fail('a list is longer than what is left');
    if (count > 0) this.#checkType(type);
    return { type, count };
  }

  /** The next field's header in one number, id * 16 + wire type; 0 at the struct's end. lastId: the field before, 0 at first. */
  fieldHeader(lastId: number): number {
    const header = this.byte();
    if (header === 0) return 0;
    const type = header & 0x0f;
    this.#checkType(type);
    const delta = header >>> 4;
    const id = delta === 0 ? this.int(16) : lastId + delta;
    if (id > 0x7fff) this.fail('a field number is over 32767');
    return id * 16 + type;
  }

  /** Steps over a value of a wire type. */
  skip(type: number, depth = 0): void {
    switch (type) {
      case ThriftType.BOOL:
      case ThriftType.FALSE:
        return;
      case ThriftType.I8:
        this.byte();
        return;
      case ThriftType.I16:
      case ThriftType.I32:
      case ThriftType.I64:
        this.#skipVarint();
        return;
      case ThriftType.DOUBLE:
        this.take(8);
        return;
      case ThriftType.BINARY: {
        const length = this.size();
        if (length > this.end - this.position) this.fail('a value is longer than what is left');
        this.position += length;
        return;
      }
      case ThriftType.UUID:
        this.take(16);
        return;
      case ThriftType.STRUCT:
        this.#checkDepth(depth);
        for (let header = this.byte(); header !== 0; header = this.byte()) {
          if (header < 16) this.#skipVarint();
          this.skip(header & 0x0f, depth + 1);
        }
        return;
      case ThriftType.LIST:
      case ThriftType.SET: {
        this.#checkDepth(depth);
        const { type: elementType, count } = this.listHeader();
        for (let i = 0; i < count; i++) this.#skipElement(elementType, depth + 1);
        return;
      }
      case ThriftType.MAP: {
        this.#checkDepth(depth);
        const { keyType, valueType, count } = this.#mapHeader();
        for (let i = 0; i < count; i++) {
          this.#skipElement(keyType, depth + 1);
          this.#skipElement(valueType, depth + 1);
        }
        return;
      }
      default:
        this.fail(`there is no value type ${type}`);
    }
  }

  /** A struct as a tree. */
  struct(depth = 0): ThriftStruct {
    this.#checkDepth(depth);
    const fields: ThriftField[] = [];
    let id = 0;
    for (let header = this.fieldHeader(0); header !== 0; header = this.fieldHeader(id)) {
      const type = header & 0x0f;
      id = (header - type) / 16;
      if (type === ThriftType.BOOL || type === ThriftType.FALSE)
        fields.push({ id, type: ThriftType.BOOL, value: type === ThriftType.BOOL });
      else fields.push({ id, type, value: this.value(type, depth + 1) });
    }
    return { fields };
  }

  /** A value of a wire type, as it stands in a list, or in a field that is not a boolean. */
  value(type: number, depth = 0): ThriftValue {
    switch (type) {
      case ThriftType.BOOL:
      case ThriftType.FALSE:
        return this.#boolean();
      case ThriftType.I8:
        return (this.byte() << 24) >> 24;
      case ThriftType.I16:
        return this.int(16);
      case ThriftType.I32:
        return this.int(32);
      case ThriftType.I64:
        return this.i64();
      case ThriftType.DOUBLE:
        return this.double();
      case ThriftType.BINARY:
        return this.binary();
      case ThriftType.UUID:
        return this.take(16);
      case ThriftType.STRUCT:
        return this.struct(depth);
      case ThriftType.LIST:
      case ThriftType.SET:
        return this.list(depth);
      case ThriftType.MAP:
        return this.map(depth);
      default:
        return this.fail(`there is no value type ${type}`);
    }
  }

  list(depth = 0): ThriftList {
    this.#checkDepth(depth);
    const { type, count } = this.listHeader();
    const values: ThriftValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.value(type, depth + 1));
    return { elementType: type, values };
  }

  map(depth = 0): ThriftMap {
    this.#checkDepth(depth);
    const { keyType, valueType, count } = this.#mapHeader();
    const entries: [ThriftValue, ThriftValue][] = [];
    for (let i = 0; i < count; i++) entries.push([this.value(keyType, depth + 1), this.value(valueType, depth + 1)]);
    return { keyType, valueType, entries };
  }

  #mapHeader(): { keyType: number; valueType: number; count: number } {
    const count = this.size();
    if (count === 0) return { keyType: 0, valueType: 0, count };
    const types = this.byte();
    if (count * 2 > this.end - this.position) this.fail('a map is longer than what is left');
    this.#checkType(types >>> 4);
    this.#checkType(types & 0x0f);
    return { keyType: types >>> 4, valueType: types & 0x0f, count };
  }

  /** 0 is how some writers put false in a list. */
  #boolean(): boolean {
    const byte = this.byte();
    if (byte > 2) this.fail('a boolean is neither true nor false');
    return byte === 1;
  }

  #skipElement(type: number, depth: number): void {
    if (type === ThriftType.BOOL || type === ThriftType.FALSE) this.#boolean();
    else this.skip(type, depth);
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return;
    this.fail('an integer is longer than 64 bits');
  }

  #view(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  #checkType(type: number): void {
    if (type < ThriftType.BOOL || type > ThriftType.UUID) this.fail(`there is no value type ${type}`);
  }

  #checkDepth(depth: number): void {
    if (depth >= maxDepth) this.fail(`its metadata is nested deeper than ${maxDepth} levels`);
  }
}
