/** What is wrong with a page's bytes, as a clause; the caller knows which page it is. */
export class PageError extends Error {}

/**
 * Decodes exactly `out.length` numbers of Parquet's RLE/bit-packed hybrid from bytes[from, to).
 * @param width bits of each, 0 to 32
 * @param limit every number must be below it
 * @returns the position behind the last run
 * @throws PageError when the runs end too early, say more than they hold, or hold a number that is not allowed
 */
export function readHybrid(
  bytes: Uint8Array,
  from: number,
  to: number,
  width: number,
  limit: number,
  out: Uint8Array | Uint32Array,
): number {
  let at = from;
  let done = 0;
  const valueBytes = (width + 7) >> 3;
  while (done < out.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= to || shift > 28) throw new PageError('its run lengths end too early');
      const byte = bytes[at++] as number;
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (header % 2 === 1) {
      const groups = (header - 1) / 2;
      const needed = Math.min(groups * 8, out.length - done);
      const groupBytes = groups * width;
      // The last group may be cut off behind the last value.
      if (Math.ceil((needed * width) / 8) > to - at) throw new PageError('its packed numbers end too early');
      unpack(bytes, at, width, limit, out, done, needed);
      done += needed;
      at = Math.min(to, at + groupBytes);
    } else {
      const count = header / 2;
      if (count === 0 || count > out.length - done) throw new PageError('a run is longer than its page');
      if (valueBytes > to - at) throw new PageError('its run lengths end too early');
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value += (bytes[at + i] as number) * 2 ** (8 * i);
      if (value >= limit) throw new PageError(`it holds the number ${value}, where all are below ${limit}`);
      at += valueBytes;
      out.fill(value, done, done + count);
      done += count;
    }
  }
  return at;
}

function unpack(
  bytes: Uint8Array,
  from: number,
  width: number,
  limit: number,
  out: Uint8Array | Uint32Array,
  start: number,
  count: number,
): void {
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  let bit = 0;
  let at = from;
  for (let i = 0; i < count; i++) {
    // Up to 32 bits from any bit position lie in five bytes; beyond the end, undefined reads as 0.
    let value = (bytes[at] as number) >>> bit;
    if (width + bit > 8) value |= (bytes[at + 1] as number) << (8 - bit);
    if (width + bit > 16) value |= (bytes[at + 2] as number) << (16 - bit);
    if (width + bit > 24) value |= (bytes[at + 3] as number) << (24 - bit);
    if (width + bit > 32) value |= (bytes[at + 4] as number) << (32 - bit);
    value = (value & mask) >>> 0;
    if (value >= limit) throw new PageError(`it holds the number ${value}, where all are below ${limit}`);
    out[start + i] = value;
    bit += width;
    at += bit >> 3;
    bit &= 7;
  }
}
