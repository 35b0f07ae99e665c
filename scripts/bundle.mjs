// dist/program/: the command line and its worker, each module of dist/src/ in one of a few files. Node takes a third of a millisecond
// or more to find, read and link a module, and an export's two processes have some 190: bundled, both together need 55 ms of
// processor time less, and an export of 10,000 rows starts 60 ms sooner on 2 cores. Packages stay outside, imports that wait stay so.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/** Whose names the launcher and bin/ know. */
const entryPoints = { main: 'dist/src/cli/main.js', 'worker-main': 'dist/src/run/worker-main.js' };

rmSync('dist/program', { recursive: true, force: true });
await build({
  entryPoints,
  outdir: 'dist/program',
  // All beside each other: a worker is looked for beside the file that starts it.
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
