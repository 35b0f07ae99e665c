import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { compare } from './both.js';
import { encodeFile } from './encode.js';
import { array, listsOf, nestedKinds } from './nested.js';
import { column, everyKind, float4, int4, type Row, randomRows } from './rows.js';

// No GPU is needed: these rows and this comparison are what the tests of the CUDA engine stand on.
describe('the random rows and the comparison of the GPU tests', () => {
  let cpu: Engine;
  let folder: string;
  before(async () => {
    cpu = new Engine('cpu', 2);
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-rows-'));
  });
  after(async () => {
    await cpu.close();
    await rm(folder, { recursive: true });
  });

  async function compared(columns: readonly ColumnPlan[], rows: readonly Row[], others: readonly Row[]): Promise<string> {
    const [left, right] = [join(folder, 'left.parquet'), join(folder, 'right.parquet')];
    await encodeFile(cpu, columns, rows, {}, left);
    await encodeFile(cpu, columns, others, { batchRows: 97, slotBytes: 3000 }, right);
    return compare(left, right);
  }

  it('are accepted by the CPU engine for every nested kind, and equal in batches of any size', async () => {
    const columns = [...nestedKinds, ...listsOf(everyKind)];
    const rows = randomRows(columns, 250, 3);
    assert.equal(await compared(columns, rows, rows), 'same');
  });
  it('are the same rows for a seed, and others for another', async () => {
    const columns = nestedKinds.slice(0, 6);
    assert.equal(await compared(columns, randomRows(columns, 50, 1), randomRows(columns, 50, 1)), 'same');
    assert.notEqual(await compared(columns, randomRows(columns, 50, 1), randomRows(columns, 50, 2)), 'same');
  });
  for (const [what, x, y] of [
    ['a NULL list and an empty one', null, array([], [])],
    ['a NULL element and none', array([1], [null]), array([], [])],
    ['0.0 and -0.0', array([1], [float4(0)]), array([1], [float4(-0)])],
    ['two kinds of NaN', array([1], [int4(0x7fc00000)]), array([1], [int4(0x7fc00001)])],
    ['two lists and one of their elements', array([2], [float4(1), float4(2)]), array([1], [float4(1)])],
  ] as const) {
    it(`tell ${what} apart`, async () => {
      const columns = listsOf([column('x', 'float4')]);
      assert.match(await compared(columns, [[x]], [[y]]), /^column 'list of x'/);
      assert.equal(await compared(columns, [[x]], [[x]]), 'same');
    });
  }
});
