import { type ThriftList, type ThriftMap, type ThriftStruct, ThriftType, type ThriftValue } from './types.js';

/** Writes Thrift's compact protocol into memory that grows. */
export class CompactWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written: a view that the next write may leave behind. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of exactly what was written. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array, from = 0, to = source.length): void {
    const count = to - from;
    this.#reserve(count);
    // Under about 64 bytes a loop is faster than making a view for set().
    if (count < 64) {
      const target = this.#bytes;
      let at = this.#length;
      for (let i = from; i < to; i++) target[at++] = source[i] as number;
    } else {
      this.#bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), this.#length);
    }
    this.#length += count;
  }

  /** An unsigned varint below 2^53. */
  size(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A zigzag varint; i16, i32 and i64 look alike. */
  int(value: number | bigint): void {
    if (typeof value === 'number' && value > -0x8000000000000 && value < 0x8000000000000) {
      this.size(value < 0 ? -value * 2 - 1 : value * 2);
      return;
    }
    const big = BigInt(value);
    let rest = BigInt.asUintN(64, (big << 1n) ^ (big >> 63n));
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  double(value: number | bigint): void {
    this.#reserve(8);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#length, 8);
    if (typeof value === 'bigint') view.setBigUint64(0, value, true);
    else if (Number.isNaN(value)) view.setBigUint64(0, 0x7ff8000000000000n, true);
    else view.setFloat64(0, value, true);
    this.#length += 8;
  }

  binary(value: Uint8Array): void {
    this.size(value.length);
    this.raw(value);
  }

  /** The header of a field that follows field lastId (0 at first). type: as on the wire, so FALSE for a false boolean. */
  fieldHeader(lastId: number, id: number, type: number): void {
    const delta = id - lastId;
    if (delta > 0 && delta <= 15) {
      this.byte(delta * 16 + type);
    } else {
      this.byte(type);
      this.int(id);
    }
  }

  listHeader(type: number, count: number): void {
    if (count < 15) {
      this.byte(count * 16 + type);
    } else {
      this.byte(0xf0 + type);
      this.size(count);
    }
  }

  /** A struct with its stop byte. */
  struct(value: ThriftStruct): void {
    let lastId = 0;
    for (const field of value.fields) {
      const isBoolean = field.type === ThriftType.BOOL;
      this.fieldHeader(lastId, field.id, isBoolean && field.value === false ? ThriftType.FALSE : field.type);
      if (!isBoolean) this.value(field.type, field.value);
      lastId = field.id;
    }
    this.byte(0);
  }

  /** A value of a type, as it stands in a list, or in a field that is not a boolean. */
  value(type: number, value: ThriftValue): void {
    switch (type) {
      case ThriftType.BOOL:
      case ThriftType.FALSE:
        this.byte(value === true ? 1 : 2);
        return;
      case ThriftType.I8:
        this.byte((value as number) & 0xff);
        return;
      case ThriftType.I16:
      case ThriftType.I32:
      case ThriftType.I64:
        this.int(value as number | bigint);
        return;
      case ThriftType.DOUBLE:
        this.double(value as number | bigint);
        return;
      case ThriftType.BINARY:
        this.binary(value as Uint8Array);
        return;
      case ThriftType.UUID:
        this.raw(value as Uint8Array);
        return;
      case ThriftType.STRUCT:
        this.struct(value as ThriftStruct);
        return;
      case ThriftType.LIST:
      case ThriftType.SET:
        this.#list(value as ThriftList);
        return;
      case ThriftType.MAP:
        this.#map(value as ThriftMap);
        return;
      default:
        throw new RangeError(`no Thrift type ${type}`);
    }
  }

  #list(list: ThriftList): void {
    this.listHeader(list.elementType, list.values.length);
    for (const value of list.values) this.value(list.elementType, value);
  }

  #map(map: ThriftMap): void {
    this.size(map.entries.length);
    if (map.entries.length === 0) return;
    this.byte(map.keyType * 16 + map.valueType);
    for (const [key, value] of map.entries) {
      this.value(map.keyType, key);
      this.value(map.valueType, value);
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
