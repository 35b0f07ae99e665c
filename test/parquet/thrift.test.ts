import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GpuParserError } from '../../src/errors.js';
import { CompactReader } from '../../src/parquet/thrift/reader.js';
import { maxDepth, ThriftType as T, type ThriftStruct, type ThriftValue } from '../../src/parquet/thrift/types.js';
import { CompactWriter } from '../../src/parquet/thrift/writer.js';

const long = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((v) => (v >= -(2n ** 53n - 1n) && v <= 2n ** 53n - 1n ? Number(v) : v));
const double = fc.oneof(
  fc.double().map((v) => (Number.isNaN(v) ? Number.NaN : v)),
  fc.bigInt({ min: 0x7ff8000000000001n, max: 0x7fffffffffffffffn }),
  fc.constantFrom(-0, Number.MIN_VALUE, Number.MAX_VALUE),
);
const bytes = fc.uint8Array({ maxLength: 200 });

/** A type code, as it stands in lists, and values of it. */
const typed: fc.Arbitrary<{ type: number; values: fc.Arbitrary<ThriftValue> }> = fc.letrec<{
  typed: { type: number; values: fc.Arbitrary<ThriftValue> };
}>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<{ type: number; values: fc.Arbitrary<ThriftValue> }>(
      { type: T.BOOL, values: fc.boolean() },
      { type: T.I8, values: fc.integer({ min: -128, max: 127 }) },
      { type: T.I16, values: fc.integer({ min: -32768, max: 32767 }) },
      { type: T.I32, values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
      { type: T.I64, values: fc.oneof(long, fc.constantFrom(2 ** 49, 2 ** 50 - 1, 2 ** 51, -(2 ** 51), 2 ** 53 - 1)) },
      { type: T.DOUBLE, values: double },
      { type: T.BINARY, values: bytes },
      { type: T.UUID, values: fc.uint8Array({ minLength: 16, maxLength: 16 }) },
      { type: T.LIST, values: fc.constant({ elementType: T.FALSE, values: [true, false] }) },
    ),
    fc.tuple(tie('typed'), fc.constantFrom(T.LIST, T.SET)).map(([element, type]) => ({
      type,
      values: fc.array(element.values, { maxLength: 20 }).map((values) => ({ elementType: element.type, values })),
    })),
    fc.tuple(tie('typed'), tie('typed')).map(([key, value]) => ({
      type: T.MAP,
      values: fc
        .array(fc.tuple(key.values, value.values), { maxLength: 5 })
        .map((entries) =>
          entries.length === 0 ? { keyType: 0, valueType: 0, entries } : { keyType: key.type, valueType: value.type, entries },
        ),
    })),
    fc.array(fc.tuple(fc.integer({ min: -32768, max: 32767 }), tie('typed')), { maxLength: 5 }).map((fields) => ({
      type: T.STRUCT,
      values: fc.tuple(...fields.map(([, field]) => field.values)).map((values) => ({
        fields: values.map((value, i) => ({ id: fields[i]?.[0] ?? 0, type: fields[i]?.[1].type ?? 0, value })),
      })),
    })),
  ),
})).typed;

const struct: fc.Arbitrary<ThriftStruct> = fc
  .array(fc.tuple(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -32768, max: 32767 })), typed), { maxLength: 12 })
  .chain((fields) =>
    fc.tuple(...fields.map(([id, { type, values }]) => values.map((value) => ({ id, type, value })))).map((list) => ({ fields: list })),
  );

function encode(value: ThriftStruct): Uint8Array {
  const writer = new CompactWriter(1);
  writer.struct(value);
  return writer.copy();
}

function onlyFileErrors(run: () => void): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GpuParserError, String(error));
    assert.equal(error.code, 'FILE');
  }
}

describe('Thrift compact protocol', () => {
  it('gives back every struct it wrote: ids, types, order and values', () => {
    fc.assert(
      fc.property(struct, (value) => {
        const written = encode(value);
        const reader = new CompactReader(written, 'test');
        assert.deepEqual(reader.struct(), value);
        assert.equal(reader.position, written.length);
      }),
      { numRuns: 500 },
    );
  });

  it('skips exactly what it reads', () => {
    fc.assert(
      fc.property(struct, (value) => {
        const written = encode(value);
        const reader = new CompactReader(written, 'test');
        reader.skip(T.STRUCT);
        assert.equal(reader.position, written.length);
      }),
      { numRuns: 300 },
    );
  });

  it('answers damaged bytes with an error about the file, whether it reads or skips', () => {
    fc.assert(
      fc.property(struct, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (value, changes, cut) => {
        const damaged = encode(value);
        for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
        const shorter = damaged.subarray(0, cut % (damaged.length + 1));
        for (const input of [damaged, shorter]) {
          onlyFileErrors(() => new CompactReader(input, 'test').struct());
          onlyFileErrors(() => new CompactReader(input, 'test').skip(T.STRUCT));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('answers random bytes with an error about the file or a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        onlyFileErrors(() => new CompactReader(input, 'test').struct());
        onlyFileErrors(() => new CompactReader(input, 'test').skip(T.STRUCT));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the field numbers of a writer that does not use deltas', () => {
    // Field 1, i32, with its number spelled out: type 5, zigzag 1, then the value 7.
    const reader = new CompactReader(Uint8Array.of(0x05, 0x02, 0x0e, 0x00), 'test');
    assert.deepEqual(reader.struct(), { fields: [{ id: 1, type: T.I32, value: 7 }] });
  });

  it('reads both ways to write false in a list', () => {
    const reader = new CompactReader(Uint8Array.of(0x42, 0x01, 0x02, 0x00, 0x01), 'test');
    assert.deepEqual(reader.list(), { elementType: T.FALSE, values: [true, false, false, true] });
  });

  it('refuses nesting beyond the limit instead of running out of stack', () => {
    const deep = new Uint8Array(100_000).fill(0x1c);
    for (const run of [
      () => new CompactReader(deep, 'deep.parquet').struct(),
      () => new CompactReader(deep, 'deep.parquet').skip(T.STRUCT),
    ])
      assert.throws(run, (error: GpuParserError) => error.code === 'FILE' && error.message.includes(`deeper than ${maxDepth} levels`));
  });

  it('refuses lists, maps and binaries that are longer than what is left, before it makes room for them', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x07];
    for (const bytes of [
      [0x19, 0xf5, ...huge],
      [0x1b, ...huge, 0x55],
      [0x18, ...huge],
      [0x18, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0x15, 0xff, 0xff, 0xff, 0xff, 0x1f],
    ])
      assert.throws(() => new CompactReader(Uint8Array.from([...bytes, 0]), 'test').struct(), { code: 'FILE' });
  });
});
