// Native tests: plain, under the address and undefined-behaviour sanitizers (--asan), under the thread sanitizer (--tsan), or the
// fuzz target for some seconds (--fuzz SECONDS).
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), 'native');
const { values } = parseArgs({ options: { asan: { type: 'boolean' }, tsan: { type: 'boolean' }, fuzz: { type: 'string' } } });

if (values.fuzz !== undefined) {
  const seconds = Number(values.fuzz);
  if (!Number.isInteger(seconds) || seconds < 1) fail(`--fuzz takes a number of seconds, not ${values.fuzz}`);
  if (spawnSync('clang++', ['--version']).error) fail('clang is missing; install it: apt-get install clang libclang-rt-14-dev');
  const build = configure('build-fuzz', ['-DGPUPARSER_FUZZ=ON', '-DGPUPARSER_TESTS=OFF', '-DCMAKE_C_COMPILER=clang', '-DCMAKE_CXX_COMPILER=clang++']);
  const corpus = join(build, 'corpus');
  mkdirSync(corpus, { recursive: true });
  run(join(build, 'fuzz', 'fuzz_copy'), [`-max_total_time=${seconds}`, '-max_len=4096', '-print_final_stats=1', `-artifact_prefix=${build}/`, corpus]);
} else {
  const [folder, flags] = values.asan
    ? ['build-asan', ['-DGPUPARSER_SANITIZE=ON']]
    : values.tsan
      ? ['build-tsan', ['-DGPUPARSER_TSAN=ON']]
      : ['build', []];
  run('ctest', ['--test-dir', configure(folder, flags), '--output-on-failure']);
}

/** Configures and builds native/ in a folder of its own; returns the folder. */
function configure(folder, flags) {
  const build = join(native, folder);
  run('cmake', ['-S', native, '-B', build, ...flags], 'pipe');
  run('cmake', ['--build', build, '--parallel', String(availableParallelism())], 'pipe');
  return build;
}

function run(command, args, stdio = 'inherit') {
  const result = spawnSync(command, args, { stdio, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.error) fail(`${command} cannot be run: ${result.error.message}`);
  if (result.status === 0) return;
  if (stdio === 'pipe') process.stderr.write(result.stdout + result.stderr);
  fail(`${command} failed`);
}

function fail(message) {
  console.error(`test-native: ${message}`);
  process.exit(1);
}
