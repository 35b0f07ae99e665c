// `npm run bench:ray`: what an export over Ray costs beside a local one, on a Ray head with logical CPUs and an embedded PostgreSQL.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCluster } from '../src/ray/cluster.js';
import { RayFleet } from '../src/ray/fleet.js';
import { buildPackage } from '../src/ray/package.js';
import type { WorkerRequest } from '../src/run/protocol.js';
import { type RayHead, startHead } from '../test/support/ray.js';
import { startServer, type TestServer } from '../test/support/server.js';
import { lineitemSql } from './lineitem.js';
import { describeMachine, load } from './machine.js';
import { median } from './results.js';

const usage = `npm run bench:ray -- [options]
  --only PARTS     of fixed, chunks, progress (all)
  --rounds N       times each pair of runs is made, in turn, after one that does not count (5)
  --seconds N      how long progress is watched (60)
  --save FILE      writes what was measured there, beside other parts that it holds`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'fixed,chunks,progress' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    save: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
/** One worker with one connection, so that chunks are worked on one after the other. */
const few = 20;
const many = 200;

/** Says every 200 ms, as the real one does, that it has read as many rows as the clock shows milliseconds. */
const CLOCK_WORKER = `
const say = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
const times = { server: 0, decode: 0, encode: 0, write: 0 };
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { type, chunk, attempt } = JSON.parse(line);
  if (type === 'plan') say({ type: 'ready', device: 'cpu', pids: [process.pid] });
  if (type !== 'chunk') return;
  const timer = setInterval(() => say({ type: 'progress', chunk: chunk.index, rows: Date.now(), bytes: 1 }), 200);
  setTimeout(() => {
    clearInterval(timer);
    say({ type: 'done', chunk: chunk.index, attempt, result: { path: '/' + chunk.file, rows: 0, bytes: 0, receivedBytes: 0, seconds: 0, times, notes: [] } });
  }, chunk.rows);
});
process.stdin.on('end', () => process.exit(0));
`;

if (options.help) console.log(usage);
else await main();

async function main(): Promise<void> {
  const loadBefore = load();
  const folder = mkdtempSync(path.join(tmpdir(), 'gpuparser-bench-ray-'));
  const [server, head] = await Promise.all([startServer(), startHead({ cpus: 2 })]);
  try {
    const parts: Record<string, () => Promise<object>> = {
      fixed: () => fixed(server, head, folder),
      chunks: () => chunks(server, head, folder),
      progress: () => progress(head, folder),
    };
    for (const statement of lineitemSql(100_000)) await server.sql(statement);
    await server.sql('VACUUM (FREEZE, ANALYZE) lineitem');
    const measured: Record<string, object> = {};
    for (const name of options.only.split(',')) {
      const part = parts[name];
      if (part === undefined) throw new Error(`--only ${name}: the parts are ${Object.keys(parts).join(', ')}.`);
      measured[name] = await part();
      console.log(name, JSON.stringify(measured[name]));
    }
    const { ray_version: ray } = (await head.get('/api/version')) as { ray_version: string };
    const machine = { ...describeMachine((await server.value('SHOW server_version')) ?? '', loadBefore), ray };
    if (options.save) save(options.save, { date: new Date().toISOString(), machine, ...measured });
  } finally {
    await Promise.all([head.stop(), server.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the parts that are there, so that each can be measured by itself. */
function save(file: string, measured: object): void {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  writeFileSync(file, `${JSON.stringify({ ...before, ...measured }, null, 1)}\n`);
}

/** Seconds of whole exports of 10,000 rows, from process start, over Ray and locally in turn. */
async function fixed(server: TestServer, head: RayHead, folder: string): Promise<object> {
  const run = (cluster: string) => exported(server, head, folder, ['-r', '10000', '-g', '1', '--cluster', cluster]);
  const [ray, local] = await inTurn(
    () => run('ray'),
    () => run('local'),
  );
  return { ray, local, medianDifference: median(ray.map((seconds, at) => seconds - (local[at] as number))) };
}

/** What one more chunk costs: the same rows in 200 chunks and in 20, each over Ray and locally. */
async function chunks(server: TestServer, head: RayHead, folder: string): Promise<object> {
  const run = (cluster: string, count: number) =>
    exported(server, head, folder, ['-g', '1', '--jobs', '1', '--chunks', String(count), '--cluster', cluster]);
  const [rayMany, rayFew, localMany, localFew] = await inTurn(
    () => run('ray', many),
    () => run('ray', few),
    () => run('local', many),
    () => run('local', few),
  );
  const perChunk = (a: number[], b: number[]) => (1000 * (median(a) - median(b))) / (many - few);
  const milliseconds = { ray: perChunk(rayMany, rayFew), local: perChunk(localMany, localFew) };
  return { chunks: [many, few], rayMany, rayFew, localMany, localFew, millisecondsPerChunk: milliseconds };
}

/** How old what the client shows is, over two lanes that tell the time: at each change the age of the new value, and of the one it replaces. */
async function progress(head: RayHead, folder: string): Promise<object> {
  const cluster = await openCluster({ rayAddress: head.address }, {});
  const plan = { stem: 't', jobs: 1, writer: {}, snapshot: {} };
  const requests = [
    { type: 'prepare' },
    { type: 'plan', plan, output: folder, connection: { host: 'db', ssl: {} }, connections: 1 },
  ] as unknown as WorkerRequest[];
  const ignore = () => undefined;
  const fleet = new RayFleet({
    cluster,
    lanes: { names: ['cpu', 'cpu'], threads: 1, reason: '', memoryBytes: 1 << 28, resources: { cpus: 1 } },
    options: {},
    hooks: { prologue: () => requests, onDone: ignore, onRetry: ignore, onNotice: ignore, onWarning: ignore },
    package: () => buildPackage([{ name: 'clock-worker.cjs', bytes: Buffer.from(CLOCK_WORKER) }]),
    adjust: (spec) => ({ ...spec, boot: { ...spec.boot, worker: 'clock-worker.cjs' } }),
  });
  fleet.start();
  const rows = Number(options.seconds) * 1000;
  const finished = fleet.run([0, 1].map((index) => ({ index, file: `t_chunk_${index}.parquet`, scans: [], rows })));
  let running = true;
  void finished.finally(() => {
    running = false;
  });
  const shown = new Map<number, number>();
  const ages: number[] = [];
  const replaced: number[] = [];
  for (; running; await sleep(5)) {
    for (const { worker, rows: told, chunk } of fleet.progress()) {
      if (chunk === undefined || told === shown.get(worker)) continue;
      const now = Date.now();
      ages.push(now - told);
      const before = shown.get(worker);
      if (before !== undefined) replaced.push(now - before);
      shown.set(worker, told);
    }
  }
  await finished;
  await fleet.stop();
  return { seconds: Number(options.seconds), milliseconds: { new: spread(ages), replaced: spread(replaced) } };
}

function spread(values: readonly number[]): object {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) };
}

/** Runs each once without counting, then all in turn; what each returned in its rounds. */
async function inTurn<const Runs extends readonly (() => Promise<number>)[]>(...runs: Runs): Promise<{ [At in keyof Runs]: number[] }> {
  for (const run of runs) await run();
  const results = runs.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, run] of runs.entries()) results[at]?.push(await run());
  }
  return results as { [At in keyof Runs]: number[] };
}

/** Wall seconds of an export by the command line. */
async function exported(server: TestServer, head: RayHead, folder: string, args: readonly string[]): Promise<number> {
  const where = ['-h', '127.0.0.1', '-P', String(server.port), '-u', 'postgres', '-d', 'postgres', '-t', 'lineitem'];
  const how = ['--device', 'cpu', '-o', path.join(folder, 'out'), '--overwrite', '--ray-address', head.address];
  const started = performance.now();
  const child = spawn(process.execPath, ['bin/gpuparser.js', 'export', ...where, ...how, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the export ended with ${code}: ${errors}`);
  return (performance.now() - started) / 1000;
}
