// The native engine alone: COPY bytes in memory -> Parquet images on one thread. Prints JSON: the best run of each codec.
//   node bench/engine.mjs [--rows N] [--threads N] [--codec snappy,zstd,lz4,none]
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), 'native');
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    threads: { type: 'string', default: '1' },
    codec: { type: 'string', default: 'snappy,zstd,lz4,none' },
  },
});
execFileSync('cmake', ['-S', native, '-B', join(native, 'build')], { stdio: 'ignore' });
execFileSync('cmake', ['--build', join(native, 'build'), '--target', 'engine_bench', '--parallel', '2'], { stdio: 'ignore' });

const results = values.codec.split(',').map((codec) => {
  const args = ['--rows', values.rows, '--threads', values.threads, '--codec', codec, '--repeat', '3', '--stages'];
  const text = execFileSync(join(native, 'build', 'bench', 'engine_bench'), args, { encoding: 'utf8' });
  const runs = [...text.matchAll(/^run (.*)$/gm)].map((line) => pairs(line[1].split(' ').slice(1)));
  const best = runs.reduce((a, b) => (b.rows_per_s_per_core > a.rows_per_s_per_core ? b : a));
  const cycles = Object.fromEntries([...text.matchAll(/^stage (\w+) ([-\d.]+)$/gm)].map((line) => [line[1], Number(line[2])]));
  return {
    codec,
    rowsPerSecondPerCore: best.rows_per_s_per_core,
    wallSeconds: best.wall_s,
    bytesPerRow: best.bytes_per_row,
    peakMiB: Math.round(Number(/^peak_kib (\d+)$/m.exec(text)[1]) / 1024),
    cyclesPerRow: cycles,
  };
});
console.log(JSON.stringify({ rows: Number(values.rows), threads: Number(values.threads), cpu: cpus()[0].model, results }, null, 2));

/** Alternating names and numbers as an object. */
function pairs(words) {
  const out = {};
  for (let i = 0; i + 1 < words.length; i += 2) out[words[i]] = Number(words[i + 1]);
  return out;
}
