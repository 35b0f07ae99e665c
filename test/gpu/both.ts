import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../src/engine/engine.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { type EncodeOptions, encodeFile } from './encode.js';
import { pythonWithArrow } from './machine.js';
import type { Row } from './rows.js';

const script = fileURLToPath(new URL('../../../test/gpu/compare.py', import.meta.url));

/** What compare.py says of two files: `same`, or how they differ. */
export function compare(left: string, right: string): string {
  const python = pythonWithArrow();
  assert.ok(python, 'no Python with pyarrow is here: npm test makes one in .venv');
  const { stdout, stderr } = spawnSync(python, [script, left, right], { encoding: 'utf8' });
  return stdout.trim() || stderr;
}

/** An engine of each kind, and a folder for what they write. */
export class Both {
  readonly cpu = new Engine('cpu', 4);
  readonly gpu = new Engine('cuda:0');
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Both> {
    const both = new Both(await mkdtemp(join(tmpdir(), 'gpuparser-gpu-')));
    await both.gpu.start();
    return both;
  }

  async close(): Promise<void> {
    await this.cpu.close();
    await this.gpu.close();
    await rm(this.#folder, { recursive: true });
  }

  /** Encodes rows with both and compares the files. notes: what the CUDA engine must say, nothing where it needs no help. */
  async same(
    columns: readonly ColumnPlan[],
    rows: readonly Row[],
    options: EncodeOptions = {},
    notes: readonly string[] = [],
  ): Promise<void> {
    const [left, right] = [join(this.#folder, 'cpu.parquet'), join(this.#folder, 'gpu.parquet')];
    await encodeFile(this.cpu, columns, rows, options, left);
    assert.deepEqual(await encodeFile(this.gpu, columns, rows, options, right), notes);
    assert.equal(compare(left, right), 'same');
  }
}
