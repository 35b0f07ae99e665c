import type { Random } from './wire.js';

/** Sequences of UTF-8, cut ones, overlong ones, surrogates, what lies beyond U+10FFFF, and bytes that no sequence has. */
const pieces = ['a', 'plain text', 'é', '日', '\u{1f600}', '\u{10ffff}'].map((text) => Buffer.from(text));
const broken = [
  [0xff],
  [0xc3],
  [0xe6, 0x97],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0x80],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90],
  [0x80],
];

/** Bytes of which some are no UTF-8, at every place around words. */
export function brokenUtf8(random: Random): Buffer {
  return Buffer.concat(
    Array.from({ length: random.int(12) }, () => (random.int(2) === 0 ? random.pick(pieces) : Buffer.from(random.pick(broken)))),
  );
}

const Z = 0x80000000;
const M = 0x40000000;
const SRID = 0x20000000;

/** EWKB of a random geometry: points, lines, polygons and collections of them, in either byte order. */
export function geometry(random: Random, srid: number, levels = 3): Buffer {
  const flags = random.pick([0, 0, Z, M, Z + M]);
  return geometryWith(random, srid, flags, levels);
}

function geometryWith(random: Random, srid: number, flags: number, levels: number): Buffer {
  const little = random.int(2) === 0;
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const head = (type: number) =>
    Buffer.concat([Buffer.of(little ? 1 : 0), word(type + flags + (srid > 0 ? SRID : 0)), ...(srid > 0 ? [word(srid)] : [])]);
  const dimensions = 2 + (flags & Z ? 1 : 0) + (flags & M ? 1 : 0);
  const points = (count: number) => random.bytes(8 * dimensions * count);
  const counted = (count: number) => Buffer.concat([word(count), points(count)]);
  const type = levels === 0 ? random.pick([1, 2, 3]) : random.pick([1, 1, 2, 3, 7]);
  const parts = random.int(4);
  if (type === 1) return Buffer.concat([head(1), points(1)]);
  if (type === 2) return Buffer.concat([head(2), counted(parts)]);
  if (type === 3) return Buffer.concat([head(3), word(parts), ...Array.from({ length: parts }, () => counted(random.int(5)))]);
  return Buffer.concat([head(7), word(parts), ...Array.from({ length: parts }, () => geometryWith(random, 0, flags, levels - 1))]);
}

/** A point in as many collections as `levels`. */
export function deepGeometry(levels: number): Buffer {
  const collection = Buffer.from([0, 0, 0, 0, 7, 0, 0, 0, 1]);
  return Buffer.concat([...Array.from({ length: levels }, () => collection), Buffer.from([0, 0, 0, 0, 1]), Buffer.alloc(16)]);
}
