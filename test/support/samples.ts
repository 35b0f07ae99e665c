import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPython } from './readers.js';

export interface Samples {
  /** Where a sample is, or where a new file may go. */
  path(name: string): string;
  remove(): Promise<void>;
}

/** Parquet files of other writers in a temporary folder; test/support/write_samples.py says which. */
export async function writeSamples(): Promise<Samples> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-samples-'));
  await runPython([fileURLToPath(new URL('../../../test/support/write_samples.py', import.meta.url)), folder]);
  return { path: (name) => path.join(folder, name), remove: () => rm(folder, { recursive: true }) };
}
