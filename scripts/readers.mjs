// Observes what Parquet readers make of every type and writes it to test/readers/matrix.json and docs/readers.md. A reader that
// cannot run here keeps what was observed before; what is not exact needs a note in test/readers/notes.ts.
//
// cuDF on another machine, one that has a GPU, Python, pyarrow and pylibcudf-cu13 but need have nothing else:
//   GPUPARSER_READERS_KEEP=/tmp/types node scripts/readers.mjs       leaves the files there
//   python3 test/support/read_types.py cudf limits_chunk_0.parquet > limits.json; the same of nested_limits     over there
//   GPUPARSER_CUDF_READINGS=limits.json,nested.json node scripts/readers.mjs
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const steps = [
  ['scripts/setup.mjs', '--quiet'],
  ['scripts/venv.mjs', '--no-ray'],
  ['--test', 'dist/test/readers/matrix.test.js'],
  ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', 'test/readers/matrix.json'],
  ['scripts/docs.mjs'],
];
const env = { ...process.env, GPUPARSER_RECORD_READERS: '1', GPUPARSER_NIGHTLY: '1' };
for (const step of steps) if (spawnSync(process.execPath, step, { stdio: 'inherit', env }).status !== 0) process.exitCode = 1;
