// Builds native/ with its unit tests and runs them.
//   --asan   under the address and undefined-behavior sanitizers     --tsan   under the thread sanitizer
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureCompiler, run, SetupError } from './toolchain.mjs';

const kinds = {
  '--asan': { build: 'native/build-asan', flags: ['-DGPUPARSER_SANITIZE=ON', '-DCMAKE_BUILD_TYPE=RelWithDebInfo'] },
  '--tsan': { build: 'native/build-tsan', flags: ['-DGPUPARSER_TSAN=ON', '-DCMAKE_BUILD_TYPE=RelWithDebInfo'] },
};
const plain = { build: 'native/build', flags: ['-DCMAKE_BUILD_TYPE=Release'] };

try {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const [kind, ...more] = process.argv.slice(2);
  const chosen = kind === undefined ? plain : kinds[kind];
  if (!chosen || more.length > 0) throw new SetupError(`Unknown arguments; there are ${Object.keys(kinds).join(' and ')}.`);
  ensureCompiler((text) => console.error(`test-native: ${text}`));
  run('cmake', ['-S', 'native', '-B', chosen.build, '-DGPUPARSER_TESTS=ON', ...chosen.flags]);
  run('cmake', ['--build', chosen.build, '--parallel', String(availableParallelism())]);
  const { status } = spawnSync('ctest', ['--test-dir', chosen.build, '--output-on-failure', '--no-tests=error'], { stdio: ['ignore', 'inherit', 'inherit'] });
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`test-native: ${error.message}`);
  if (error.hint) console.error(`hint: ${error.hint}`);
  process.exitCode = 1;
}
