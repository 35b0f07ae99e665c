/** What test rows are made of: seeded random numbers, and PostgreSQL's binary forms of scalars. */

/** Seeded: every run sees the same rows (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** 0 <= n < below. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  }
  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)] as T;
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(256)));
  }
}

export const from = (length: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};
export const int2 = (v: number): Buffer => from(2, (b) => b.writeInt16BE(v));
export const int4 = (v: number): Buffer => from(4, (b) => b.writeInt32BE(v));
export const int8 = (v: bigint): Buffer => from(8, (b) => b.writeBigInt64BE(v));
export const float4 = (v: number): Buffer => from(4, (b) => b.writeFloatBE(v));
export const float8 = (v: number): Buffer => from(8, (b) => b.writeDoubleBE(v));

/** PostgreSQL's numeric from its text, `-12.340`, `NaN`, `Infinity`. */
export function numeric(text: string): Buffer {
  const special = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 }[text];
  if (special !== undefined) return Buffer.concat([int2(0), int2(0), from(2, (b) => b.writeUInt16BE(special)), int2(0)]);
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const padded = whole.padStart(Math.ceil(whole.length / 4) * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = (padded.match(/\d{4}/g) ?? []).map(Number);
  let weight = Math.ceil(whole.length / 4) - 1;
  while (digits[0] === 0) {
    digits.shift();
    weight--;
  }
  while (digits.at(-1) === 0) digits.pop();
  if (digits.length === 0) weight = 0;
  const sign = negative && digits.length > 0 ? 0x4000 : 0;
  return Buffer.concat([int2(digits.length), int2(weight), int2(sign), int2(fraction.length), ...digits.map(int2)]);
}
