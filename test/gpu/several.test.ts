import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { visibleGpus } from '../../src/engine/gpus.js';
import type { Manifest, ManifestEntry } from '../../src/sink/manifest.js';
import { finished, start } from '../cli/program.js';
import { kill, processes } from '../support/ray.js';
import { type Database, openDatabase } from './database.js';
import { skip } from './machine.js';

const ROWS = 1_000_000;
const CHUNKS = 12;
/** Below what the engine needs at least. */
const LEFT_MIB = 300;
/** An engine takes more, an idle context of another program's does not come and go. */
const USED_MIB = 400;
/** nvidia-smi's order, which CUDA takes only when told. */
const ORDER = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };

const { count } = visibleGpus();
const several = skip || (count < 2 ? `not run: it needs two GPUs, and ${count} is here` : false);

describe('an export on several GPUs', { skip: several, timeout: 300_000 }, () => {
  let database: Database;
  let folder: string;
  /** Of each row's number and text, in their order, from the server itself. */
  let wanted: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-several-'));
    database = await openDatabase();
    await database.sql(`DROP TABLE IF EXISTS several;
      CREATE TABLE several AS SELECT i AS id, md5(i::text) || repeat('x', (i % 50)::int) AS text FROM generate_series(1, ${ROWS}) AS i;
      ALTER TABLE several ALTER id SET NOT NULL`);
    await database.sql('VACUUM (FREEZE, ANALYZE) several');
    const [row] = await database.sql(`SELECT md5(string_agg(id || ':' || text, ',' ORDER BY id)) AS sum FROM several`);
    wanted = row?.sum as string;
  });
  after(async () => {
    await database?.sql('DROP TABLE IF EXISTS several');
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function begin(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
    const engine = Object.fromEntries(
      ['LD_LIBRARY_PATH', 'GPUPARSER_CUDF', 'VIRTUAL_ENV', 'CONDA_PREFIX'].flatMap((key) => {
        const value = process.env[key];
        return value === undefined ? [] : [[key, value]];
      }),
    );
    const all = ['export', '-t', 'several', '-o', join(folder, name), '--device', 'cuda', ...args];
    return start(all, { environment: { ...ORDER, ...engine, ...database.environment, ...environment } });
  }

  async function entryOf(name: string): Promise<ManifestEntry> {
    const manifest = JSON.parse(await readFile(join(folder, name, '_manifest.json'), 'utf8')) as Manifest;
    return manifest.tables.several as ManifestEntry;
  }

  const devicesOf = (entry: ManifestEntry) => [...new Set(entry.chunks.map(({ device }) => device))].sort();

  /** Every row is there once, as the server has it; the files are read by hyparquet. */
  async function assertRows(name: string): Promise<ManifestEntry> {
    const entry = await entryOf(name);
    const texts: string[] = [];
    let rows = 0;
    for (const { file } of entry.chunks) {
      const read = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, name, file)) });
      rows += read.length;
      for (const { id, text } of read) texts[Number(id) - 1] = `${id}:${text}`;
    }
    assert.equal(rows, ROWS);
    assert.equal(createHash('md5').update(texts.join(',')).digest('hex'), wanted);
    return entry;
  }

  it('takes both, and the manifest says which wrote which chunk', async () => {
    const { code, stderr } = await finished(begin('both', ['-g', '2', '--chunks', String(CHUNKS)]));
    assert.equal(code, 0, stderr);
    const entry = await assertRows('both');
    assert.equal(entry.chunks.length, CHUNKS);
    assert.deepEqual(devicesOf(entry), ['cuda:0', 'cuda:1']);
  });

  it('tries the chunk of a worker that was killed again, on the other GPU', async () => {
    // One connection each, so that a chunk takes long enough to be in the middle of it.
    const child = begin('killed', ['-g', '2', '--chunks', String(CHUNKS), '--jobs', '2']);
    const end = finished(child);
    let victim: number | undefined;
    while (victim === undefined && child.exitCode === null) {
      await sleep(5);
      victim = processes().find(({ parent, pid }) => parent === child.pid && hasFile(pid, 'several_chunk_'))?.pid;
    }
    assert.ok(victim, 'a worker has a file open at some time');
    kill(victim, 'SIGKILL');
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    const retry = /retry 2 of chunk (\d+): Worker \d \((cuda:\d)\) was killed by SIGKILL/.exec(stderr);
    assert.ok(retry, stderr);
    const entry = await assertRows('killed');
    const chunk = entry.chunks.find(({ index }) => index === Number(retry[1]));
    assert.notEqual(chunk?.device, retry[2]);
    assert.deepEqual(entry.failures, []);
  });

  it('is refused with both numbers where there are fewer', async () => {
    const { code, stderr } = await finished(begin('refused', ['-g', String(count + 1)]));
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`--gpus ${count + 1} asks for ${count + 1} GPUs, but ${count} can be used here\\.`));
    assert.match(stderr, new RegExp(`Use --gpus ${count}`));
  });

  for (const [what, visible] of [
    ['an index', () => '1'],
    ['a UUID', () => uuids()[1] as string],
    ['an order', () => '1,0'],
  ] as const) {
    it(`takes the GPU that CUDA_VISIBLE_DEVICES names by ${what}, and no other`, async () => {
      const child = begin(what, ['-g', '1', '--jobs', '2'], { CUDA_VISIBLE_DEVICES: visible() });
      const [used, { code, stderr }] = await Promise.all([usedWhile(child), finished(child)]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(devicesOf(await assertRows(what)), ['cuda:0']);
      assert.deepEqual(used, [uuids()[1]]);
    });
  }

  it('goes on without a GPU whose memory somebody else holds', async () => {
    const holder = await hold(1);
    try {
      const { code, stderr } = await finished(begin('held', ['-g', '2', '--chunks', String(CHUNKS)]));
      assert.equal(code, 0, stderr);
      const entry = await assertRows('held');
      assert.deepEqual(devicesOf(entry), ['cuda:0']);
      assert.deepEqual(entry.failures, []);
    } finally {
      const gone = once(holder, 'close');
      holder.stdin?.end();
      await gone;
    }
  });

  it('ends with what the card says where all of them are held', async () => {
    const holder = await hold(1);
    try {
      const { code, stderr } = await finished(begin('none', ['-g', '1'], { CUDA_VISIBLE_DEVICES: '1' }));
      assert.notEqual(code, 0);
      assert.match(stderr, /no memory left|MiB are needed/);
    } finally {
      const gone = once(holder, 'close');
      holder.stdin?.end();
      await gone;
    }
  });
});

/** Whether a process has a file open whose name has a text in it. */
function hasFile(pid: number, text: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => readlinkSync(join(folder, name)).includes(text));
  } catch {
    return false; // it ended, or closed one meanwhile
  }
}

/** Takes a GPU's memory in a process of its own. */
async function hold(device: number): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [fileURLToPath(new URL('./hold.js', import.meta.url)), String(device), String(LEFT_MIB)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...ORDER },
  });
  const [said] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'close')])) as [unknown];
  assert.equal(String(said), 'held\n');
  return holder;
}

const query = (fields: string) =>
  execFileSync('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'], { encoding: 'utf8' })
    .trim()
    .split('\n');

const uuids = () => query('uuid');

/** The UUIDs of the GPUs whose memory was taken while a process ran. */
async function usedWhile(child: ChildProcess): Promise<string[]> {
  const memory = () => query('memory.used').map(Number);
  const before = memory();
  const most = [...before];
  while (child.exitCode === null && child.signalCode === null) {
    for (const [at, used] of memory().entries()) most[at] = Math.max(most[at] as number, used);
    await sleep(20);
  }
  return uuids().filter((_, at) => (most[at] as number) - (before[at] as number) > USED_MIB);
}
