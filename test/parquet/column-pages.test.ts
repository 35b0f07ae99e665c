import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDelta, readFrontCoded, readLengths } from '../../src/parquet/pages/delta.js';
import { PageError, readHybrid } from '../../src/parquet/pages/hybrid.js';

const varint = (value: bigint): number[] => (value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)]);
const zigzag = (value: bigint): number[] => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));

/** Numbers of `width` bits, lowest bits first. */
function packed(numbers: readonly bigint[], width: number): number[] {
  const bytes = new Array<number>(Math.ceil((numbers.length * width) / 8)).fill(0);
  numbers.forEach((number, i) => {
    for (let bit = 0; bit < width; bit++) if ((number >> BigInt(bit)) & 1n) bytes[(i * width + bit) >> 3]! |= 1 << ((i * width + bit) & 7);
  });
  return bytes;
}

/** DELTA_BINARY_PACKED with blocks of 128 in 4 miniblocks, by the specification. */
function delta(values: readonly bigint[]): number[] {
  const out = [...varint(128n), ...varint(4n), ...varint(BigInt(values.length)), ...zigzag(values[0] ?? 0n)];
  const deltas = values.slice(1).map((value, i) => BigInt.asIntN(64, value - (values[i] as bigint)));
  for (let block = 0; block < deltas.length; block += 128) {
    const part = deltas.slice(block, block + 128);
    const [least] = [...part].sort((a, b) => (a < b ? -1 : 1)) as [bigint];
    const over = part.map((value) => BigInt.asUintN(64, value - least));
    const minis = [0, 32, 64, 96].map((from) => over.slice(from, from + 32));
    const widths = minis.map((mini) => Math.max(0, ...mini.map((value) => value.toString(2).length - (value === 0n ? 1 : 0))));
    out.push(...zigzag(least), ...widths);
    minis.forEach((mini, i) => {
      if (mini.length > 0) out.push(...packed([...mini, ...new Array<bigint>(32 - mini.length).fill(0n)], widths[i] as number));
    });
  }
  return out;
}

test('delta-packed integers of all 64 bits come back, and where they end', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 300 }), (values) => {
      const bytes = Uint8Array.from([9, ...delta(values), 7]);
      const { numbers, end } = readDelta(bytes, 1, values.length);
      assert.deepEqual([...numbers], values);
      assert.equal(end, bytes.length - 1);
    }),
  );
});

test('front-coded texts come back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 200 }), (texts) => {
      const values = texts.map((text) => Buffer.from(text));
      const prefixes = values.map((value, i) => {
        const before = values[i - 1] ?? Buffer.alloc(0);
        let shared = 0;
        while (shared < Math.min(value.length, before.length) && value[shared] === before[shared]) shared++;
        return shared;
      });
      const suffixes = values.map((value, i) => value.subarray(prefixes[i]));
      const bytes = Uint8Array.from([
        ...delta(prefixes.map(BigInt)),
        ...delta(suffixes.map(({ length }) => BigInt(length))),
        ...Buffer.concat(suffixes),
      ]);
      const { bytes: found, places } = readFrontCoded(bytes, 0, values.length);
      assert.deepEqual(
        values.map((_, i) => Buffer.from(found.subarray(places[2 * i], places[2 * i + 1])).toString()),
        texts,
      );
    }),
  );
});

test('runs and packed groups of every width come back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }).chain((width) =>
        fc.record({
          width: fc.constant(width),
          parts: fc.array(
            fc.oneof(
              fc.record({ run: fc.integer({ min: 1, max: 90 }), value: fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n }) }),
              fc.record({ group: fc.array(fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n }), { minLength: 8, maxLength: 8 }) }),
            ),
            { minLength: 1, maxLength: 20 },
          ),
        }),
      ),
      ({ width, parts }) => {
        const bytes: number[] = [];
        const expected: number[] = [];
        for (const part of parts) {
          if ('run' in part) {
            bytes.push(...varint(BigInt(part.run) << 1n));
            for (let i = 0; i < Math.ceil(width / 8); i++) bytes.push(Number((part.value >> BigInt(8 * i)) & 0xffn));
            expected.push(...new Array<number>(part.run).fill(Number(part.value)));
          } else {
            bytes.push(3, ...packed(part.group, width));
            expected.push(...part.group.map(Number));
          }
        }
        const out = new Uint32Array(expected.length);
        assert.equal(readHybrid(Uint8Array.from(bytes), 0, bytes.length, width, 2 ** width, out), bytes.length);
        assert.deepEqual([...out], expected);
      },
    ),
  );
});

test('bytes of any kind decode or are refused, and nothing else happens', () => {
  const quiet = (decode: () => unknown) => {
    try {
      decode();
    } catch (error) {
      assert.ok(error instanceof PageError, String(error));
    }
  };
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 0, max: 32 }),
      (bytes, count, width) => {
        quiet(() => readHybrid(bytes, 0, bytes.length, width, 2 ** width, new Uint32Array(count)));
        quiet(() => readDelta(bytes, 0, count));
        quiet(() => readLengths(bytes, 0, count));
        quiet(() => readFrontCoded(bytes, 0, count));
      },
    ),
    { numRuns: 2000 },
  );
});
