import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import type { EngineError } from '../../src/engine/status.js';
import type { ColumnPlan, NodePlan } from '../../src/plan/plan.js';
import { encode } from './encode.js';
import { skip } from './machine.js';
import { deepGeometry } from './made.js';
import { array, multirange, node, range, record, vector } from './nested.js';
import { column, everyKind, int4, numeric, type Row, randomRows } from './rows.js';

describe('the CUDA engine reports what the CPU engine reports', { skip }, () => {
  let cpu: Engine;
  let gpu: Engine;
  before(async () => {
    cpu = new Engine('cpu', 2);
    gpu = new Engine('cuda:0');
    await gpu.start();
  });
  after(async () => {
    await cpu.close();
    await gpu.close();
  });

  async function failure(engine: Engine, columns: readonly ColumnPlan[], rows: readonly Row[]) {
    try {
      await encode(engine, columns, rows, { slotBytes: 4096 }, async () => undefined);
    } catch (error) {
      const { code, column: at, row, message } = error as EngineError;
      return { code, column: at, row, message };
    }
    return undefined;
  }

  const bad = (name: string, plan: ColumnPlan, field: Buffer | null) => {
    it(`for ${name}`, async () => {
      const columns = [everyKind[0] as ColumnPlan, plan, column('after', 'text')];
      const rows = randomRows(columns, 1500, 21, 0);
      rows[1234] = [rows[1234]?.[0] as Buffer, field, null];
      const expected = await failure(cpu, columns, rows);
      assert.equal(expected?.row, 1234);
      assert.deepEqual(await failure(gpu, columns, rows), expected);
    });
  };
  bad('a NULL in a required column', column('x', 'int4', { required: true }), null);
  bad('a field of another length', column('x', 'int4'), Buffer.of(1, 2, 3));
  bad('a boolean of 2', column('x', 'bool'), Buffer.of(2));
  bad('date infinity', column('x', 'date'), int4(2147483647));
  bad('24:00', column('x', 'time'), Buffer.from([0, 0, 0, 0x14, 0x1d, 0xd7, 0x60, 0]));
  bad('a time past 24:00', column('x', 'time'), Buffer.from([0, 0, 0, 0x14, 0x1d, 0xd7, 0x60, 1]));
  bad('a NaN in a decimal', column('x', 'decimal', { precision: 12, scale: 2 }), numeric('NaN'));
  bad('more fraction digits than a decimal keeps', column('x', 'decimal', { precision: 12, scale: 2 }), numeric('1.234'));
  bad('more digits than a decimal holds', column('x', 'decimal', { precision: 12, scale: 2 }), numeric('12345678901.00'));
  bad('more digits than a wide decimal holds', column('x', 'decimal', { precision: 38, scale: 2 }), numeric(`${'9'.repeat(37)}.00`));
  bad('a numeric digit above 9999', column('x', 'decimal', { precision: 12, scale: 2 }), Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10]));
  bad('jsonb of another version', column('x', 'jsonb'), Buffer.from([2, 0x7b, 0x7d]));
  bad('a "char" that is no UTF-8', column('x', 'char'), Buffer.of(0xe4));
  bad('a uuid of 15 bytes', column('x', 'uuid'), Buffer.alloc(15));
  bad(
    'an interval of infinity',
    column('x', 'interval'),
    Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(7, 255), Buffer.from([0x7f, 255, 255, 255]), Buffer.from([0x7f, 255, 255, 255])]),
  );

  const list = (of: NodePlan, precision = 1) => column('x', 'list', { precision, children: [of] });
  const int4s = list(node('element', 'int4'));
  const pair = [node('a', 'int4'), node('b', 'text', { required: true })];
  const struct = column('x', 'struct', { children: pair });
  const map = column('x', 'map', { children: [node('key', 'text', { required: true }), node('value', 'text')] });
  const bounds = [node('lower', 'int4'), node('upper', 'int4')];
  const rangeColumn = column('x', 'range', { children: bounds });
  const multiranges = column('x', 'multirange', { children: [node('element', 'range', { children: bounds })] });
  const good = array([2], [int4(1), int4(2)]);
  bad('an array of two dimensions where one is wanted', int4s, array([1, 2], [int4(1), int4(2)]));
  bad('an array that begins at 0', int4s, array([2], [int4(1), int4(2)], 0));
  bad('an array without its last byte', int4s, good.subarray(0, good.length - 1));
  bad('an array with a byte too many', int4s, Buffer.concat([good, Buffer.of(0)]));
  bad('an array that counts more elements than it has', int4s, array([3], [int4(1), int4(2)]));
  bad('an array whose flags lie about NULLs', int4s, array([2], [Buffer.alloc(0), Buffer.alloc(8)]));
  bad('an element of another length', int4s, array([2], [int4(1), Buffer.alloc(5)]));
  bad('a NULL in a list of required elements', list(node('element', 'int4', { required: true })), array([2], [int4(1), null]));
  bad('a NULL in a required list', { ...int4s, required: true }, null);
  bad('a text in a list that runs past its array', list(node('element', 'text')), Buffer.concat([array([1], []), int4(100), int4(0)]));
  bad(
    'an infinite date in a list of lists',
    list(node('element', 'list', { precision: 1, children: [node('element', 'date')] })),
    array([1], [array([1], [int4(2147483647)])]),
  );
  bad('a composite value of three members where two are wanted', struct, record([int4(1), Buffer.of(65), null]));
  bad('a composite value that is cut', struct, record([int4(1), Buffer.from('text')]).subarray(0, 20));
  bad('a composite value without its count', struct, Buffer.of(0, 0, 0));
  bad('a NULL in a required member', struct, record([int4(1), null]));
  bad('a NULL key', map, Buffer.concat([int4(1), int4(-1), int4(-1)]));
  bad('an hstore that counts more pairs than it has', map, Buffer.concat([int4(2), int4(0), int4(-1)]));
  bad('an hstore with a negative count', map, int4(-1));
  bad('a range without bounds', rangeColumn, Buffer.of(0));
  bad('a range of which a bound is NULL', rangeColumn, Buffer.concat([Buffer.of(8), int4(-1)]));
  bad('an empty range with a bound', rangeColumn, range(1, [int4(1)]));
  bad('a NULL in a multirange', multiranges, Buffer.concat([int4(1), int4(-1)]));
  bad('a malformed range in a multirange', multiranges, multirange([range(0, [int4(1), int4(2)]), Buffer.alloc(0)]));
  bad('a vector of a byte less', column('x', 'vector'), vector([int4(0), int4(0)]).subarray(0, 11));
  bad('a halfvec of a negative dimension', column('x', 'halfvec'), Buffer.from([0xff, 0xff, 0, 0]));
  it('but takes a NULL composite value whose members are required, and an empty list of required elements', async () => {
    const columns = [struct, list(node('element', 'int4', { required: true }))];
    const rows: Row[] = [
      [null, null],
      [record([null, Buffer.of(65)]), array([], [])],
      [null, array([1], [int4(7)])],
    ];
    const notes = await encode(gpu, columns, rows, {}, async () => undefined);
    assert.deepEqual(notes, []);
  });

  bad('a geometry of another SRID', column('x', 'geometry', { precision: 4326 }), deepGeometry(1));
  bad('a geometry that is cut', column('x', 'geometry'), deepGeometry(2).subarray(0, 30));
  bad('a geometry with a byte too many', column('x', 'geometry'), Buffer.concat([deepGeometry(2), Buffer.of(0)]));
  bad('a geometry of a type that is not known', column('x', 'geometry'), Buffer.from([0, 0, 0, 0, 99, 0, 0, 0, 0]));
  bad('a geometry of too many levels', column('x', 'geometry'), deepGeometry(200));
  bad('an empty geometry field', column('x', 'geometry'), Buffer.alloc(0));

  it('for a row with too few fields', async () => {
    const columns = [column('a', 'int4'), column('b', 'int4')];
    const rows: Row[] = randomRows(columns, 100, 4);
    rows[50] = [int4(1)];
    const expected = await failure(cpu, columns, rows);
    assert.equal(expected?.code, 'PROTOCOL');
    assert.deepEqual(await failure(gpu, columns, rows), expected);
  });
  it('and goes on with the next batch', async () => {
    const columns = [column('a', 'int4')];
    assert.notEqual(await failure(gpu, columns, [[Buffer.of(1)]]), undefined);
    assert.equal(await failure(gpu, columns, [[int4(1)]]), undefined);
  });
});
