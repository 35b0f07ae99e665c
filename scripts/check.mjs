// `npm run check`: format, lint, imports, types, unused exports, C++ format, generated docs, publishable package.
//   --write   formats instead of complaining (npm run format)
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const write = process.argv.includes('--write');
const native = filesBelow(['native'], (file) => /\.(h|hpp|cpp|cc|cu|cuh)$/.test(file) && !/^native\/build/.test(file));

const node = process.execPath;
const steps = [
  { name: 'setup', command: [node, 'scripts/setup.mjs', '--quiet'] },
  { name: 'python tools', command: [node, 'scripts/venv.mjs'] },
  {
    name: 'format and lint',
    command: [node, 'node_modules/@biomejs/biome/bin/biome', 'check', ...(write ? ['--write'] : ['--error-on-warnings']), '.'],
  },
  { name: 'C++ format', command: ['.venv/bin/clang-format', ...(write ? ['-i'] : ['--dry-run', '--Werror']), ...native] },
  { name: 'imports go downwards', command: [node, 'scripts/check-imports.mjs'] },
  { name: 'types', command: [node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'] },
  { name: 'unused files, exports and dependencies', command: [node, 'node_modules/knip/bin/knip.js'] },
  { name: 'docs in step', command: [node, 'scripts/docs.mjs', ...(write ? [] : ['--check'])] },
  { name: 'publishable', command: [node, 'node_modules/publint/src/cli.js', '--strict'] },
];

const failed = [];
for (const { name, command } of steps) {
  const { status, error } = spawnSync(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] });
  const good = status === 0 && !error;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${name}${error ? `: ${error.message}` : ''}`);
  if (!good) failed.push(name);
}
if (failed.length > 0) {
  console.error(`check: ${failed.length} of ${steps.length} failed: ${failed.join('; ')}`);
  process.exitCode = 1;
}
