// `npm run nightly [-- MINUTES]`: what takes longer than a test may: parquet-java as a reader, then fuzzing and property tests with new
// seeds, for MINUTES (20) each.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const minutes = Number(process.argv[2] ?? 20);
if (!(minutes > 0)) {
  console.error(`nightly: ${process.argv[2]} is not a number of minutes.`);
  process.exit(2);
}

// Tests that take more than every run may.
const env = { ...process.env, GPUPARSER_NIGHTLY: '1' };

function step(args) {
  console.log(`nightly: node ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  if (status !== 0) process.exit(status ?? 1);
}

step(['scripts/setup.mjs', '--quiet']);
step(['scripts/venv.mjs']);
step(['--test', 'dist/test/readers/matrix.test.js']);
step(['scripts/test-native.mjs', '--tsan']);
step(['scripts/test-native.mjs', '--asan']);
step(['scripts/test-native.mjs', '--fuzz', String(minutes * 60)]);

// fast-check draws a new seed in each run, so running again is running further.
const properties = filesBelow(['test'], (file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes("from 'fast-check'"));
const end = Date.now() + minutes * 60_000;
do {
  step(['--test', ...properties.map((file) => `dist/${file.slice(0, -3)}.js`)]);
} while (Date.now() < end);
