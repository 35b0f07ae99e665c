// Builds the benchmarks of the CUDA engine into native/build-cuda/bench/, and runs them where there is a GPU.
//   --build   builds only
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './toolchain.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const build = 'native/build-cuda';
const wheels = `${build}/wheels`;
const objects = ['fields.cu', 'fixed.cu', 'text.cu'].map((name) => `${build}/90/native/cuda/${name}.o`);
const flags = ['-std=c++20', '-O2', '-Inative', '-Inative/include', '-isystem', `${wheels}/nvidia/cu13/include`];
const common = ['native/bench/lineitem.cpp'];
const more = ['native/cpu/stream.cpp', 'native/cpu/fault.cpp', ...objects, `${wheels}/nvidia/cu13/lib/libcudart_static.a`];

run(process.execPath, ['scripts/build-cuda.mjs']);
mkdirSync(`${build}/bench`, { recursive: true });
run('g++', [...flags, '-o', `${build}/bench/cuda-bench`, 'native/bench/cuda_bench.cpp', ...common, '-ldl', '-lpthread']);
run('g++', [
  ...flags,
  '-o',
  `${build}/bench/cuda-kernels`,
  'native/bench/cuda_kernels.cpp',
  ...common,
  ...more,
  '-ldl',
  '-lpthread',
  '-lrt',
]);
if (!process.argv.includes('--build')) {
  const { status } = spawnSync('bash', ['bench/gpu.sh'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
