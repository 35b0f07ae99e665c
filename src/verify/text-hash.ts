// PostgreSQL's hashes of texts, integers and arrays, as hash-partitioned tables rely on them: they are the same in every version
// since 11 and never change. src/common/hashfn.c, hash_bytes_extended() and hash_bytes_uint32_extended(), with seed 0; on
// little-endian servers, which sameOnServer() asks about.

const SEED = 0x9e3779b9 + 3923095;

/** A 64-bit hash in two halves; the one instance that a function fills again and again costs no allocation per value. */
export interface Hash64 {
  hi: number;
  lo: number;
}

/** hashtextextended(text COLLATE "C", 0) of the UTF-8 bytes[from, to). */
export function hashBytes(bytes: Uint8Array, from: number, to: number, out: Hash64): void {
  let length = to - from;
  let [a, b, c] = [(SEED + length) | 0, (SEED + length) | 0, (SEED + length) | 0];
  let at = from;
  for (; length >= 12; length -= 12, at += 12) {
    a = (a + word(bytes, at)) | 0;
    b = (b + word(bytes, at + 4)) | 0;
    c = (c + word(bytes, at + 8)) | 0;
    a = (a - c) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 4);
    b = (b + a) | 0;
  }
  // The last eleven bytes; the lowest byte of c is kept for the length.
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] as number;
    if (i < 4) a = (a + (byte << (8 * i))) | 0;
    else if (i < 8) b = (b + (byte << (8 * (i - 4)))) | 0;
    else c = (c + (byte << (8 * (i - 7)))) | 0;
  }
  finish(a, b, c, out);
}

/** hashint8extended(value, 0) of a hash. */
export function hashElement({ hi, lo }: Hash64, out: Hash64): void {
  const start = (SEED + 4) | 0;
  finish((start + (lo ^ (hi >>> 31 === 0 ? hi : ~hi))) | 0, start, start, out);
}

function finish(a0: number, b0: number, c0: number, out: Hash64): void {
  let c = ((c0 ^ b0) - rotated(b0, 14)) | 0;
  let a = ((a0 ^ c) - rotated(c, 11)) | 0;
  let b = ((b0 ^ a) - rotated(a, 25)) | 0;
  c = ((c ^ b) - rotated(b, 16)) | 0;
  a = ((a ^ c) - rotated(c, 4)) | 0;
  b = ((b ^ a) - rotated(a, 14)) | 0;
  c = ((c ^ b) - rotated(b, 24)) | 0;
  out.hi = b >>> 0;
  out.lo = c >>> 0;
}

const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);

/** A sum of hashes modulo 2^64, so that neither the order of the values nor the files they are in matter. */
export class HashSum {
  values = 0;
  #hi = 0;
  #lo = 0;

  add({ hi, lo }: Hash64): void {
    this.values++;
    this.addPair(hi, lo);
  }

  addPair(hi: number, lo: number): void {
    const sum = this.#lo + lo;
    this.#lo = sum >>> 0;
    this.#hi = (this.#hi + hi + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  }

  /** 16 hex digits. */
  get text(): string {
    return sumText((BigInt(this.#hi) << 32n) | BigInt(this.#lo));
  }
}

/** A sum of signed or unsigned 64-bit hashes, however large, as HashSum.text has it. */
export const sumText = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');

/**
 * hashint8extended(hash_array_extended(ARRAY[...]::bigint[], 0), 0) of many rows at once, their elements given column by column.
 * The array's hash alone is a sum of its elements' multiples: values that changed places within their column would not show.
 */
export class RowHashes {
  readonly #hi: Uint32Array;
  readonly #lo: Uint32Array;

  constructor(rows: number) {
    this.#hi = new Uint32Array(rows);
    this.#lo = new Uint32Array(rows).fill(1);
  }

  /** The next element of a row: hashElement()'s result, 0 for NULL. */
  add(row: number, hi: number, lo: number): void {
    const low = (this.#lo[row] as number) * 31 + lo;
    this.#lo[row] = low >>> 0;
    this.#hi[row] = ((this.#hi[row] as number) * 31 + hi + Math.floor(low / 0x100000000)) >>> 0;
  }

  /** Adds the first `rows` of them. */
  addTo(sum: HashSum, rows = this.#lo.length): void {
    const row: Hash64 = { hi: 0, lo: 0 };
    const found: Hash64 = { hi: 0, lo: 0 };
    for (let i = 0; i < rows; i++) {
      [row.hi, row.lo] = [this.#hi[i] as number, this.#lo[i] as number];
      hashElement(row, found);
      sum.add(found);
    }
  }
}
