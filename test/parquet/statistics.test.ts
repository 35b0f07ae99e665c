import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SchemaNode } from '../../src/parquet/schema.js';
import { changeStatistics, type StatisticsRule } from '../../src/parquet/statistics.js';
import { boolField, bytesField, longField } from '../../src/parquet/thrift/access.js';
import type { ThriftStruct } from '../../src/parquet/thrift/types.js';
import { truncateMax, truncateMin } from '../../src/parquet/truncate.js';
import { bin, bool, i64, struct } from '../support/image.js';

const column = (type: SchemaNode['type'], annotation?: string): SchemaNode => ({
  name: 'c',
  path: ['c'],
  repetition: 'optional',
  repeated: false,
  type,
  typeLength: undefined,
  annotation,
  fieldId: undefined,
  children: [],
});

const bounds = (min: Uint8Array | string, max: Uint8Array | string): ThriftStruct =>
  struct(i64(3, 5), bin(5, max), bin(6, min), bool(7, true), bool(8, true));

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const floatMax = 3.4028234663852886e38;

describe('statistics of column chunks', () => {
  it('lose wrong bounds under repair, with the column index, and keep the null count', () => {
    const cases: [string, SchemaNode, ThriftStruct][] = [
      ['min above max', column('INT32'), bounds(int(5), int(4))],
      ['unsigned min above max', column('INT32', 'UINT 32'), bounds(int(-1), int(4))],
      ['all NaN in a FLOAT', column('FLOAT'), bounds(float(floatMax), float(-floatMax))],
      ['perhaps a NaN beside others', column('DOUBLE'), bounds(double(1), double(2))],
      ['text', column('BYTE_ARRAY', 'STRING'), bounds('b', 'a')],
      ['negative decimals', column('FIXED_LEN_BYTE_ARRAY', 'DECIMAL(38,0)'), bounds(Buffer.alloc(16, 0), Buffer.alloc(16, 0xff))],
    ];
    for (const [name, of, statistics] of cases) {
      const changed = changeStatistics('repair', of, statistics);
      assert.ok(changed.dropColumnIndex, name);
      assert.deepEqual(changed.statistics, struct(i64(3, 5)), name);
    }
  });

  it('keep bounds that are right, under either rule', () => {
    const cases: [StatisticsRule, SchemaNode, ThriftStruct][] = [
      ['repair', column('INT32'), bounds(int(-1), int(4))],
      ['repair', column('INT32'), bounds(int(4), int(4))],
      ['repair', column('BYTE_ARRAY', 'STRING'), bounds('a', 'a')],
      ['repair', column('INT32', 'UINT 32'), bounds(int(4), int(-1))],
      ['repair', column('FIXED_LEN_BYTE_ARRAY', 'DECIMAL(38,0)'), bounds(Buffer.alloc(16, 0xff), Buffer.alloc(16, 0))],
      ['repair', column('BYTE_ARRAY', 'STRING'), bounds('', 'x'.repeat(64))],
      ['repair', column('INT96'), bounds(Buffer.alloc(12, 1), Buffer.alloc(12, 0))],
      ['drop binary', column('INT32'), bounds(int(-1), int(4))],
      ['drop binary', column('DOUBLE'), bounds(double(-1), double(4))],
    ];
    for (const [rule, of, statistics] of cases)
      assert.deepEqual(
        changeStatistics(rule, of, statistics),
        { statistics: undefined, dropColumnIndex: false },
        `${rule} ${of.type} ${of.annotation}`,
      );
  });

  it('lose the bounds of binary columns where files of several writers meet', () => {
    for (const of of [column('BYTE_ARRAY', 'STRING'), column('FIXED_LEN_BYTE_ARRAY', 'UUID')])
      assert.deepEqual(changeStatistics('drop binary', of, bounds('a', 'b')), { statistics: struct(i64(3, 5)), dropColumnIndex: false });
  });

  it('have long bounds cut, and say that they are not exact', () => {
    const { statistics } = changeStatistics('repair', column('BYTE_ARRAY', 'STRING'), bounds('a', 'ö'.repeat(40)));
    assert.ok(statistics);
    assert.equal(Buffer.from(bytesField(statistics, 5) ?? []).toString(), `${'ö'.repeat(31)}÷`);
    assert.equal(Buffer.from(bytesField(statistics, 6) ?? []).toString(), 'a');
    assert.equal(boolField(statistics, 7), false);
    assert.equal(boolField(statistics, 8), true);
    assert.equal(longField(statistics, 3), 5);
  });

  it('lose a long upper bound that nothing shorter can bound', () => {
    const { statistics } = changeStatistics('repair', column('BYTE_ARRAY'), bounds('a', Buffer.alloc(65, 0xff)));
    assert.deepEqual(statistics, struct(i64(3, 5)));
  });
});

describe('truncated bounds', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((s) => Buffer.from(s));
  const isUtf8 = (bytes: Uint8Array): boolean => Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes);

  it('enclose the value, stay short, and stay text where it is text', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 16 }), (value, length) => {
        fc.pre(value.length > length);
        const min = truncateMin(value, length, true);
        assert.ok(Buffer.compare(min, value) <= 0 && min.length <= length && isUtf8(min));
        const max = truncateMax(value, length, true);
        if (max === undefined) return;
        assert.ok(Buffer.compare(max, value) > 0);
        assert.ok(max.length <= length + 1 && isUtf8(max));
      }),
      { numRuns: 2000 },
    );
  });

  it('enclose bytes that are no text, and leave the value as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 9, maxLength: 20 }), (bytes) => {
        const value = Buffer.from(bytes);
        const max = truncateMax(value, 8, false);
        assert.ok(max === undefined ? value.subarray(0, 8).every((byte) => byte === 0xff) : Buffer.compare(max, value) > 0);
        assert.ok(Buffer.compare(truncateMin(value, 8, false), value) < 0);
        assert.deepEqual(value, Buffer.from(bytes));
      }),
    );
  });

  it('step over the surrogates and the last code point', () => {
    const raise = (value: string): string =>
      Buffer.from(truncateMax(Buffer.from(`${value}zzzz`), Buffer.byteLength(value), true) ?? []).toString();
    assert.equal(raise('a\ud7ff'), 'a\ue000');
    assert.equal(raise('a\u{10ffff}'), 'b');
    assert.equal(raise('a\u007f'), 'a\u0080');
  });

  it('keep a byte order mark: a maximum without it would be below the value', () => {
    const value = Buffer.from('\ufeffabc');
    assert.equal(Buffer.from(truncateMax(value, 4, true) ?? []).toString('hex'), 'efbbbf62');
  });
});
