// `npm run bench:gpu`: builds the benchmarks of the CUDA engine into native/build-cuda/bench/, and runs them where there is a GPU.
//   --build   builds only
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './toolchain.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const build = 'native/build-cuda';
const toolkit = `${build}/wheels/nvidia/cu13`;
const objects = ['fields.cu', 'fixed.cu', 'text.cu', 'made.cu'].map((name) => `${build}/90/native/cuda/${name}.o`);
const lineitem = 'native/bench/lineitem.cpp';
const programs = {
  'cuda-bench': ['native/bench/cuda_bench.cpp', lineitem],
  'cuda-kernels': [
    'native/bench/cuda_kernels.cpp',
    lineitem,
    'native/rows/stream.cpp',
    'native/base/fault.cpp',
    ...objects,
    `${toolkit}/lib/libcudart_static.a`,
  ],
  drain: ['native/bench/drain.cpp'],
};

run(process.execPath, ['scripts/build-cuda.mjs']);
mkdirSync(`${build}/bench`, { recursive: true });
for (const [name, inputs] of Object.entries(programs)) {
  const flags = ['-std=c++20', '-O2', '-Inative', '-Inative/include', '-isystem', `${toolkit}/include`];
  run('g++', [...flags, '-o', `${build}/bench/${name}`, ...inputs, '-ldl', '-lpthread', '-lrt']);
}
if (!process.argv.includes('--build')) {
  const { status } = spawnSync('bash', ['bench/gpu.sh'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
