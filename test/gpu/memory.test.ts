import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { loadLibrary } from '../../src/engine/library.js';
import { readFooter } from '../../src/parquet/footer.js';
import { MemorySource } from '../../src/parquet/source.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { encode } from './encode.js';
import { Hog } from './hog.js';
import { skip } from './machine.js';
import { column, everyKind, int8, Random, type Row } from './rows.js';

const MIB = 1 << 20;
/** Enough to open an engine, too little for a batch of 700 MB. */
const SMALL_MIB = 600;

describe('the CUDA engine and memory', { skip }, () => {
  let gpu: Engine;
  /** Gives the rest of the GPU's memory back. */
  let release: () => void;
  before(async () => {
    loadLibrary('cuda:0');
    const hog = new Hog(SMALL_MIB * MIB);
    try {
      gpu = new Engine('cuda:0');
      await gpu.start();
    } catch (error) {
      hog.free();
      throw error;
    }
    release = () => hog.free();
  });
  after(() => gpu.close());
  const columns = [column('id', 'int8', { required: true }), column('text', 'text')];
  const random = new Random(1);
  const text = random
    .bytes(4096)
    .toString('latin1')
    .replace(/[^ -~]/g, 'x');
  const rowsOf = (count: number): Row[] =>
    Array.from({ length: count }, (_, i) => [int8(BigInt(i)), Buffer.from(text.slice(0, 100 + (i % 900)))]);

  async function rowsIn(
    plans: readonly ColumnPlan[],
    rows: readonly Row[],
    batchRows?: number,
  ): Promise<{ rows: number; notes: string[] }> {
    let found = 0;
    const notes = await encode(
      gpu,
      plans,
      rows,
      batchRows === undefined ? { slotBytes: MIB } : { batchRows, slotBytes: MIB },
      async (image) => {
        found += (await readFooter(new MemorySource(image.bytes, 'image'))).numRows;
      },
    );
    return { rows: found, notes };
  }

  it('goes on in smaller pieces, or on the CPU, when the GPU is full, and says so', async () => {
    assert.ok((gpu.freeDeviceBytes() as number) < SMALL_MIB * MIB, 'the engine sees the memory that should be taken');
    const rows = rowsOf(1_200_000);
    const result = await rowsIn(columns, rows);
    assert.equal(result.rows, rows.length);
    assert.match(result.notes.join(), /rows were encoded by the CPU: NVIDIA|rows at once: they were encoded/);
    release();
    assert.deepEqual((await rowsIn(columns, rows)).notes, []);
  });

  it('leaves rows of many megabytes to the CPU, and says so', async () => {
    const big = Buffer.alloc(300_000_000, 'gpuparser ');
    const { rows, notes } = await rowsIn(columns, [
      [int8(1n), Buffer.from('small')],
      [int8(2n), big],
      [int8(3n), null],
    ]);
    assert.equal(rows, 3);
    assert.deepEqual(notes, ['3 rows were encoded by the CPU: a row of 286 MiB is slower to encode on a GPU']);
  });

  it('frees what it took: a hundred batches leave as much memory as one', async () => {
    const rows = rowsOf(2000);
    await rowsIn(everyKind.slice(0, 1), [[int8(1n)]]);
    await rowsIn(columns, rows, 100);
    const before = gpu.freeDeviceBytes() as number;
    for (let i = 0; i < 5; i++) await rowsIn(columns, rows, 100);
    assert.ok((gpu.freeDeviceBytes() as number) >= before - 64 * MIB);
  });
});
