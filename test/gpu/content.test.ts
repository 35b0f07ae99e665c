import { after, before, describe, it } from 'node:test';
import type { Codec } from '../../src/options.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { Both } from './both.js';
import { skip } from './machine.js';
import { deepGeometry } from './made.js';
import { column, everyKind, type Row, randomRows } from './rows.js';

describe('the CUDA engine writes what the CPU engine writes', { skip }, () => {
  let both: Both;
  before(async () => {
    both = await Both.open();
  });
  after(() => both.close());

  for (const kind of everyKind) {
    it(`for a column ${JSON.stringify(kind.name)} of kind ${kind.kind}`, async () => {
      await both.same([kind], randomRows([kind], 2000, 7));
    });
  }
  for (const count of [0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 5000, 20001]) {
    it(`for ${count} rows of every kind`, async () => {
      await both.same(everyKind, randomRows(everyKind, count, count + 1));
    });
  }
  for (const codec of ['none', 'zstd', 'lz4'] satisfies Codec[]) {
    it(`with the codec ${codec}`, async () => {
      await both.same(everyKind, randomRows(everyKind, 3000, 11), { codec });
    });
  }
  it('where every value that may be NULL is', async () => {
    await both.same(everyKind, randomRows(everyKind, 1000, 5, 1));
  });
  it('where none is', async () => {
    await both.same(everyKind, randomRows(everyKind, 1000, 6, 0));
  });
  it('in many batches, each with rows of many slots', async () => {
    await both.same(everyKind, randomRows(everyKind, 10_000, 8), { batchRows: 1777, slotBytes: 3000 });
  });
  it('for texts of all lengths around words, blocks and pages', async () => {
    const columns = [column('t', 'text'), column('b', 'bytea', { required: true })];
    const rows = Array.from({ length: 700 }, (_, i) => [Buffer.alloc(i, 97 + (i % 26)), Buffer.alloc((i * 37) % 1100, i)]);
    await both.same(columns, [...rows, [Buffer.alloc(300_000, 'x'), Buffer.alloc(1, 1)], [null, Buffer.alloc(131_072, 2)]]);
  });
  it('for a table of 1,600 columns', async () => {
    const columns = Array.from({ length: 1600 }, (_, i) => ({ ...(everyKind[i % (everyKind.length - 1)] as ColumnPlan), name: `c${i}` }));
    await both.same(columns, randomRows(columns, 50, 9));
  });
  it('for columns of one value, of NaN alone and of infinities alone', async () => {
    const columns = [column('x', 'float8'), column('y', 'float8'), column('z', 'float4')];
    const value = (v: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(v);
      return bytes;
    };
    const infinity = Buffer.from([0x7f, 0x80, 0, 0]);
    await both.same(
      columns,
      Array.from({ length: 500 }, () => [value(1.5), value(Number.NaN), infinity]),
    );
  });
  it('under the policies that make NULL of what a type cannot hold', async () => {
    const columns = everyKind
      .filter(({ required }) => !required)
      .map((plan) => ({ ...plan, onNan: 'null' as const, onInfinity: 'null' as const }));
    await both.same(columns, withTroubles(columns));
  });
  it('under the policies that saturate', async () => {
    const columns = everyKind
      .filter(({ kind }) => kind !== 'bool')
      .map((plan) => ({ ...plan, onNan: 'null' as const, onInfinity: 'saturate' as const, required: false }));
    await both.same(columns, withTroubles(columns));
  });
  it('for bytes that are no UTF-8, at every place around words and warps', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => [
      Buffer.concat([Buffer.alloc(i % 70, 97), Buffer.of(0xe6, 0x97), Buffer.alloc(i % 9, 98)]),
    ]);
    await both.same([column('x', 'utf8', { logical: 'string' })], rows);
  });
  it('for geometries in 15 levels of collections, and leaves deeper ones to the CPU', async () => {
    const columns = [column('g', 'geometry')];
    await both.same(columns, [[deepGeometry(15)], [deepGeometry(0)], [null]]);
    await both.same(columns, [[deepGeometry(16)]], {}, [
      '1 rows were encoded by the CPU: it holds geometries of more than 15 levels of collections',
    ]);
  });
  it('for numerics that a double holds only rounded, which the CPU then rounds', async () => {
    const rows = randomRows([column('n', 'numeric_text')], 500, 3, 0).filter(([field]) => (field as Buffer).readUInt16BE(4) < 0xc000);
    await both.same([column('n', 'numeric_double')], rows, {}, [
      `${rows.length} rows were encoded by the CPU: it holds numerics that the GPU does not round to doubles`,
    ]);
  });
});

/** Rows with values that policies decide about, among others. */
function withTroubles(columns: readonly ColumnPlan[]): Row[] {
  const wire = (...parts: number[]) => Buffer.from(parts);
  const ones = (n: number) => wire(0x7f, ...Array.from({ length: n - 1 }, () => 0xff));
  const zeros = (n: number) => wire(0x80, ...Array.from({ length: n - 1 }, () => 0));
  const special = (sign: number) => wire(0, 0, 0, 0, sign, 0, 0, 0);
  const trouble = (plan: ColumnPlan, i: number): Buffer | undefined => {
    if (plan.kind === 'date') return i % 2 ? ones(4) : zeros(4);
    if (plan.kind === 'timestamp' || plan.kind === 'timestamptz') return i % 2 ? ones(8) : zeros(8);
    if (plan.kind === 'time') return wire(0, 0, 0, 0x14, 0x1d, 0xd7, 0x60, 0);
    if (plan.kind === 'interval') return i % 2 ? Buffer.concat([ones(8), ones(4), ones(4)]) : Buffer.concat([zeros(8), zeros(4), zeros(4)]);
    if (plan.kind === 'decimal') return special([0xc0, 0xd0, 0xf0][i % 3] as number);
    return undefined;
  };
  return randomRows(columns, 600, 13).map((row, i) =>
    row.map((field, c) => (i % 5 === 0 ? (trouble(columns[c] as ColumnPlan, i / 5) ?? field) : field)),
  );
}
