// `npm run bench:engine`: COPY bytes in memory -> Parquet images, by one thread of the CPU engine; no server, no disk.
//   -- --rows N --codec snappy|zstd|lz4|none --threads N --repeat N --stages
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureCompiler, run } from './toolchain.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureCompiler((text) => console.error(`bench-engine: ${text}`));
run('cmake', ['-S', 'native', '-B', 'native/build', '-DCMAKE_BUILD_TYPE=Release', '-DGPUPARSER_TESTS=ON']);
run('cmake', ['--build', 'native/build', '--target', 'engine_bench', '--parallel', String(availableParallelism())]);
const { status } = spawnSync('native/build/bench/engine_bench', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] });
process.exitCode = status ?? 1;
