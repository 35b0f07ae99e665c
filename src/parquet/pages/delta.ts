import { counted } from '../../counted.js';
import { PageError } from './hybrid.js';

/** Longest that the texts of one page may become: damaged prefix lengths could ask for any amount. */
const MOST_BYTES = 2 ** 31;

export interface Delta<Numbers> {
  readonly numbers: Numbers;
  /** Position behind the last block. */
  readonly end: number;
}

/** DELTA_BINARY_PACKED from bytes[from...]: exactly `count` integers modulo 2^64. @throws PageError */
export function readDelta(bytes: Uint8Array, from: number, count: number): Delta<BigInt64Array> {
  const reader = new BitReader(bytes, from);
  const [blockSize, miniblocks, total] = [reader.size(), reader.size(), reader.size()];
  if (total !== count) throw new PageError(`it holds ${counted(total, 'value')}, its header says ${count}`);
  const perMiniblock = blockSize / miniblocks;
  if (!Number.isInteger(perMiniblock) || perMiniblock === 0 || perMiniblock % 32 !== 0 || miniblocks > 4096)
    throw new PageError('its delta blocks have sizes that do not exist');
  const numbers = new BigInt64Array(count);
  let value = reader.zigzag();
  if (count > 0) numbers[0] = value;
  for (let done = 1; done < count; ) {
    const least = reader.zigzag();
    const widths = reader.take(miniblocks);
    for (const width of widths) {
      if (done >= count) break;
      if (width > 64) throw new PageError('a delta would have more than 64 bits');
      const bits = reader.take((perMiniblock * width) / 8);
      for (let i = 0; i < perMiniblock && done < count; i++) {
        value = BigInt.asIntN(64, value + least + unpacked(bits, i * width, width));
        numbers[done++] = value;
      }
    }
  }
  return { numbers, end: reader.position };
}

/** Lengths of `count` texts. @throws PageError for one that is negative. */
export function readLengths(bytes: Uint8Array, from: number, count: number): Delta<Uint32Array> {
  const { numbers, end } = readDelta(bytes, from, count);
  const lengths = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const length = numbers[i] as bigint;
    if (length < 0n || length > 0x7fffffffn) throw new PageError(`a value would have the length ${length}`);
    lengths[i] = Number(length);
  }
  return { numbers: lengths, end };
}

/** DELTA_BYTE_ARRAY: each value shares its first bytes with the one before. Returns all values and where each begins and ends. */
export function readFrontCoded(
  bytes: Uint8Array,
  from: number,
  count: number,
): { readonly bytes: Uint8Array; readonly places: Uint32Array } {
  const prefixes = readLengths(bytes, from, count);
  const suffixes = readLengths(bytes, prefixes.end, count);
  let total = 0;
  for (let i = 0; i < count; i++) total += (prefixes.numbers[i] as number) + (suffixes.numbers[i] as number);
  if (total > MOST_BYTES) throw new PageError('its values would be longer than two gibibytes');
  const out = new Uint8Array(total);
  const places = new Uint32Array(2 * count);
  let [at, to, before] = [suffixes.end, 0, 0];
  for (let i = 0; i < count; i++) {
    const [prefix, suffix] = [prefixes.numbers[i] as number, suffixes.numbers[i] as number];
    const start = to;
    if (prefix > before || suffix > bytes.length - at) throw new PageError('a value is longer than its page');
    out.copyWithin(to, start - before, start - before + prefix);
    out.set(bytes.subarray(at, at + suffix), to + prefix);
    at += suffix;
    to += prefix + suffix;
    before = to - start;
    places[2 * i] = start;
    places[2 * i + 1] = to;
  }
  return { bytes: out, places };
}

function unpacked(bytes: Uint8Array, bit: number, width: number): bigint {
  let value = 0n;
  let have = 0;
  for (let at = bit; have < width; ) {
    const inByte = at & 7;
    const take = Math.min(8 - inByte, width - have);
    const part = ((bytes[at >> 3] as number) >> inByte) & ((1 << take) - 1);
    value |= BigInt(part) << BigInt(have);
    have += take;
    at += take;
  }
  return value;
}

class BitReader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.position) throw new PageError('its delta blocks end too early');
    this.position += count;
    return this.#bytes.subarray(this.position - count, this.position);
  }

  /** A varint below 2^31. */
  size(): number {
    const value = this.#varint();
    if (value > 0x7fffffffn) throw new PageError('its delta blocks have sizes that do not exist');
    return Number(value);
  }

  zigzag(): bigint {
    const value = this.#varint();
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = this.take(1) as unknown as [number];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new PageError('a number is longer than 64 bits');
  }
}
