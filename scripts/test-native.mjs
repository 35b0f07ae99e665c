// Builds native/ with its unit tests and runs them.
//   --asan   under the address and undefined-behavior sanitizers     --tsan   under the thread sanitizer
//   --fuzz SECONDS   runs the libFuzzer targets instead, so long each; what they learn stays in native/build-asan/corpus
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ensureCompiler, inRoot, run, SetupError } from './toolchain.mjs';

const say = (text) => console.error(`test-native: ${text}`);

const debuggable = '-DCMAKE_BUILD_TYPE=RelWithDebInfo';
/** One build for unit tests and fuzz targets: libFuzzer wants clang, whose sanitizers find what gcc's do. */
const sanitized = {
  build: 'native/build-asan',
  flags: ['-DGPUPARSER_SANITIZE=ON', '-DGPUPARSER_TESTS=ON', debuggable, '-DCMAKE_C_COMPILER=clang', '-DCMAKE_CXX_COMPILER=clang++'],
  compiler: 'clang++',
};
const kinds = {
  '--plain': { build: 'native/build', flags: ['-DCMAKE_BUILD_TYPE=Release', '-DGPUPARSER_TESTS=ON'] },
  '--asan': sanitized,
  '--tsan': { build: 'native/build-tsan', flags: ['-DGPUPARSER_TSAN=ON', '-DGPUPARSER_TESTS=ON', debuggable] },
  '--fuzz': sanitized,
};

function build({ build, flags, compiler }) {
  ensureCompiler(say, compiler);
  run('cmake', ['-S', 'native', '-B', build, ...flags]);
  run('cmake', ['--build', build, '--parallel', String(availableParallelism())]);
}

/** @returns the exit status of ctest. */
function test(folder) {
  return watch('ctest', ['--test-dir', folder, '--output-on-failure', '--no-tests=error', '--parallel', String(availableParallelism())]);
}

/** @returns the first exit status that is not 0: then the input that failed lies beside the corpus. */
function fuzz(folder, seconds) {
  if (!(Number(seconds) > 0)) throw new SetupError('--fuzz needs a number of seconds.');
  const targets = readdirSync(path.join(folder, 'fuzz')).filter((name) => /^fuzz_\w+$/.test(name));
  if (targets.length === 0) throw new SetupError('There is no fuzz target.');
  for (const target of targets) {
    const corpus = path.join(folder, 'corpus', target);
    mkdirSync(corpus, { recursive: true });
    const status = watch(path.join(folder, 'fuzz', target), [
      `-max_total_time=${seconds}`,
      `-artifact_prefix=${corpus}-`,
      '-print_final_stats=1',
      corpus,
    ]);
    if (status !== 0) return status;
  }
  return 0;
}

function watch(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw new SetupError(`${command} could not be started: ${error.message}`);
  return status ?? 1;
}

inRoot(say, () => {
  const [kind = '--plain', seconds] = process.argv.slice(2);
  const chosen = kinds[kind];
  if (!chosen) throw new SetupError(`${kind} is not among ${Object.keys(kinds).join(', ')}.`);
  build(chosen);
  process.exitCode = kind === '--fuzz' ? fuzz(chosen.build, seconds) : test(chosen.build);
});
