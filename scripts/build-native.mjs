// Configures and builds native/ with cmake, which knows what is up to date, and puts the library where the program loads it.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const build = join(native, 'build');
const target = join(root, 'prebuilt', `linux-${process.arch}`, 'libgpuparser.so');

if (process.platform !== 'linux') fail(`the native library is built on Linux only, this is ${process.platform}`);

for (const [tool, hint] of [
  ['cmake', 'apt-get install cmake g++ (or dnf install cmake gcc-c++)'],
  ['c++', 'apt-get install g++ (or dnf install gcc-c++)'],
]) {
  if (spawnSync(tool, ['--version']).error) fail(`${tool} is missing; install it: ${hint}`);
}

run('cmake', ['-S', native, '-B', build, '-DCMAKE_BUILD_TYPE=Release']);
run('cmake', ['--build', build, '--target', 'gpuparser', '--parallel', String(availableParallelism())]);
checkSymbols(join(build, 'libgpuparser.so'));
mkdirSync(dirname(target), { recursive: true });
const next = `${target}.${process.pid}`; // a running process keeps the file that it has open
copyFileSync(join(build, 'libgpuparser.so'), next);
renameSync(next, target);
console.log(`built ${target}`);

/** The library must load on glibc 2.28 and need nothing beside glibc. */
function checkSymbols(library) {
  if (spawnSync('objdump', ['--version']).error) return;
  const text = execFileSync('objdump', ['-T', '-p', library], { encoding: 'utf8' });
  const versions = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map((match) => [Number(match[1]), Number(match[2])]);
  const late = versions.filter(([major, minor]) => major > 2 || minor > 28);
  if (late.length > 0) fail(`the library needs GLIBC_${late[0].join('.')}, newer than 2.28: see native/compat/glibc.cpp`);
  const needed = [...text.matchAll(/NEEDED\s+(\S+)/g)].map((match) => match[1]);
  const foreign = needed.filter((name) => !/^(libc|libm|libpthread|libdl|librt|ld-linux.*)\.so/.test(name));
  if (foreign.length > 0) fail(`the library needs ${foreign.join(', ')}, which not every system has`);
}

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status === 0) return;
  process.stderr.write(result.stdout + result.stderr);
  fail(`${command} failed`);
}

function fail(message) {
  console.error(`build-native: ${message}`);
  process.exit(1);
}
