import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findCudf } from '../../src/engine/cudf.js';
import { visibleGpus } from '../../src/engine/gpus.js';
import { findCudaLibrary } from '../../src/engine/library-file.js';

/** Why the tests of the CUDA engine cannot run here; false where they can. For node:test's `skip`. */
export const skip: string | false = reason();

/** The same for those that need the engine, but no GPU. */
export const skipWithoutEngine: string | false = engineMissing();

function reason(): string | false {
  const { count, reason: why } = visibleGpus();
  return count === 0 ? `not run: ${why}` : engineMissing();
}

function engineMissing(): string | false {
  if (typeof findCudaLibrary() !== 'string') return 'not run: the CUDA engine is not built (npm run setup:gpu)';
  try {
    findCudf();
    return false;
  } catch (error) {
    return `not run: ${(error as Error).message}`;
  }
}

/** A Python with pyarrow: the project's own, else the machine's. */
export function pythonWithArrow(): string | undefined {
  const own = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));
  return [own, 'python3'].find(
    (python) =>
      (python === 'python3' || existsSync(python)) && spawnSync(python, ['-c', 'import pyarrow.parquet'], { stdio: 'ignore' }).status === 0,
  );
}
