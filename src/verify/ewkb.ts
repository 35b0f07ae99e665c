import { PageError } from '../parquet/pages/hybrid.js';

// EWKB, which PostGIS sends, of the ISO WKB in a file: the other way round from native/types/wkb.cpp, and sharing nothing with it.
// ISO WKB says Z and M by thousands in the type word, EWKB by flags (liblwgeom.h), and only EWKB has a place for an SRID.

const Z = 0x80000000;
const M = 0x40000000;
const SRID = 0x20000000;
/** Byte order and type word. */
const HEADER = 5;
/** Of collections in collections: LW_PARSER_MAX_DEPTH of PostGIS. */
const MOST_LEVELS = 200;

/** Types by what stands behind their header: coordinates, rings of them, or geometries. */
const POINT = 1;
const LINES = new Set([2, 8]);
const RINGS = new Set([3, 17]);
const PARTS = new Set([4, 5, 6, 7, 9, 10, 11, 12, 15, 16]);

/**
 * The value that `geometry::bytea` gives for a geometry of this SRID, 0 for none.
 * @throws PageError for what is no ISO WKB of one geometry.
 */
export function ewkbOf(wkb: Uint8Array, srid: number): Buffer {
  const out = Buffer.from(wkb);
  if (rewrite(out, 0, MOST_LEVELS) !== out.length) throw new PageError('a geometry goes on behind its end');
  if (srid === 0) return out;
  const little = out[0] === 1;
  const head = Buffer.alloc(HEADER + 4);
  out.copy(head, 0, 0, HEADER);
  putWord(head, 1, (word(head, 1, little) | SRID) >>> 0, little);
  putWord(head, HEADER, srid, little);
  return Buffer.concat([head, out.subarray(HEADER)]);
}

/** Gives the geometry at `at`, and all within it, EWKB's type words. @returns where it ends */
function rewrite(bytes: Buffer, at: number, levels: number): number {
  if (levels === 0) throw new PageError(`a geometry is deeper than ${MOST_LEVELS} levels`);
  need(bytes, at, HEADER);
  const order = bytes[at] as number;
  if (order > 1) throw new PageError('a geometry has no byte order');
  const little = order === 1;
  const code = word(bytes, at + 1, little);
  const type = code % 1000;
  const dimensions = (code - type) / 1000;
  if (dimensions > 3) throw new PageError(`type ${code} is no geometry's`);
  const [hasZ, hasM] = [dimensions % 2 === 1, dimensions >= 2];
  putWord(bytes, at + 1, (type | (hasZ ? Z : 0) | (hasM ? M : 0)) >>> 0, little);
  const pointBytes = 8 * (2 + (hasZ ? 1 : 0) + (hasM ? 1 : 0));
  const points = (from: number) => need(bytes, from + 4, count(bytes, from, little) * pointBytes);

  let next = at + HEADER;
  if (type === POINT) return need(bytes, next, pointBytes);
  if (LINES.has(type)) return points(next);
  if (!RINGS.has(type) && !PARTS.has(type)) throw new PageError(`type ${code} is no geometry's`);
  const parts = count(bytes, next, little);
  next += 4;
  for (let i = 0; i < parts; i++) next = RINGS.has(type) ? points(next) : rewrite(bytes, next, levels - 1);
  return next;
}

function count(bytes: Buffer, at: number, little: boolean): number {
  need(bytes, at, 4);
  return word(bytes, at, little);
}

/** @returns the end of `length` bytes from `at` on */
function need(bytes: Buffer, at: number, length: number): number {
  if (at + length > bytes.length) throw new PageError('a geometry ends too early');
  return at + length;
}

const word = (bytes: Buffer, at: number, little: boolean): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
const putWord = (bytes: Buffer, at: number, value: number, little: boolean): number =>
  little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
