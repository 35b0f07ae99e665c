// `npm test`: sets up what is missing, then runs the native unit tests and every test/**/*.test.ts under node's own runner.
//   npm test -- test/plan test/parquet/thrift.test.ts     only these files and folders
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

function step(args) {
  const { status, signal } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  if (signal) console.error(`${args.join(' ')} was ended by ${signal}`);
  process.exit(status ?? 1);
}

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!existsSync(name)) {
    console.error(`${name} is not a file or folder of this project.`);
    process.exit(2);
  }
}
step(['scripts/setup.mjs', '--quiet']);
step(['scripts/venv.mjs']);
step(['scripts/pgbouncer.mjs']);
const tests = filesBelow(wanted.length > 0 ? wanted : ['test'], (file) => file.endsWith('.test.ts'));
// dist/ may still hold the output of tests that are gone, so the sources say which to run. Most wait for servers rather than compute:
// as many files at once as there are cores (node's own choice is one less).
step(['--test', `--test-concurrency=${availableParallelism()}`, ...tests.map((file) => `dist/${file.slice(0, -3)}.js`)]);
