// `npm run bench:sizes`: bytes of files and CPU seconds of encoding, ours and its peers', on six tables of different shapes.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Server, startServer } from '../src/demo/server.js';
import { Engine } from '../src/engine/engine.js';
import { planExport } from '../src/index.js';
import { ParquetJoin } from '../src/parquet/join.js';
import { MemorySource } from '../src/parquet/source.js';
import type { Plan } from '../src/plan/plan.js';
import { describeMachine, load, type Machine } from './machine.js';
import { copyMessages } from './messages.js';
import { type ShapedTable, shapedTables } from './sizes-tables.js';

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '300000' }, only: { type: 'string' }, 'no-save': { type: 'boolean', default: false } },
});
const BATCH_BYTES = 64 << 20;
const SLOT_BYTES = 1 << 20;
const codecs = ['snappy', 'zstd'] as const;
const ours = ['gpuparser', 'gpuparser auto'] as const;
const peers = ['DuckDB', 'pyarrow', 'Spark-like'] as const;

interface Written {
  readonly bytes: number;
  readonly cpuSeconds: number;
}

interface TableResult {
  readonly table: string;
  readonly about: string;
  readonly copyBytes: number;
  /** By codec, then by writer. */
  readonly written: Readonly<Record<string, Readonly<Record<string, Written>>>>;
}

interface SizeResults {
  readonly date: string;
  readonly machine: Machine;
  readonly rows: number;
  readonly tables: readonly TableResult[];
}

const loadBefore = load();
const server = await startServer({ settings: { shared_buffers: '256MB', max_wal_size: '4GB' } });
const folder = mkdtempSync(path.join(tmpdir(), 'gpuparser-sizes-'));
chmodSync(folder, 0o777);
const engine = new Engine('cpu', 1);
try {
  const results = await measureAll(Number(options.rows));
  console.log(report(results));
  if (!options['no-save']) {
    const name = `bench/results/${results.date.slice(0, 10)}-sizes.json`;
    writeFileSync(name, `${JSON.stringify(results, null, 1)}\n`);
    console.log(`\n${name}`);
  }
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
  await server.stop();
}

async function measureAll(rows: number): Promise<SizeResults> {
  execFileSync(process.execPath, ['scripts/venv.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const client = new pg.Client({ host: server.host, port: server.port, user: server.user, database: server.database });
  await client.connect();
  const tables: TableResult[] = [];
  try {
    const version = (await client.query<{ v: string }>("SELECT current_setting('server_version') AS v")).rows[0]?.v ?? '';
    for (const table of shapedTables)
      if (options.only === undefined || table.name === options.only) tables.push(await measureTable(client, table, rows));
    return { date: new Date().toISOString(), machine: describeMachine(version, loadBefore), rows, tables };
  } finally {
    await client.end();
  }
}

async function measureTable(client: pg.Client, { name, about, select }: ShapedTable, rows: number): Promise<TableResult> {
  console.error(`sizes: ${name}`);
  await client.query(`CREATE TABLE ${name} AS SELECT ${select} FROM generate_series(1, ${rows}) AS i`);
  const copied = path.join(folder, 'rows.copy');
  const plan = await planOf(server, name);
  await client.query(`COPY (${plan.chunks[0]?.scans[0]?.select}) TO '${copied}' (FORMAT binary)`);
  const messages = copyMessages(readFileSync(copied));
  const written: Record<string, Record<string, Written>> = {};
  for (const codec of codecs) {
    const of: Record<string, Written> = {};
    for (const writer of ours) of[writer] = await encode(plan, messages, codec, writer === 'gpuparser' ? 'compatible' : 'auto');
    const file = path.join(folder, 'gpuparser.parquet');
    const theirs = execFileSync('.venv/bin/python', ['bench/sizes.py', file, codec, folder], { encoding: 'utf8' });
    written[codec] = { ...of, ...(JSON.parse(theirs) as Record<string, Written>) };
  }
  await client.query(`DROP TABLE ${name}`);
  return { table: name, about, copyBytes: messages.length, written };
}

function planOf({ host, port, user, database }: Server, table: string): Promise<Plan> {
  return planExport({ table, device: 'cpu', connection: { host, port, user, database }, columns: undefined });
}

/** Bytes of the file, and the best of three times that one thread took from COPY messages to images, decoding included. */
async function encode(plan: Plan, messages: Buffer, codec: 'snappy' | 'zstd', encodings: 'compatible' | 'auto'): Promise<Written> {
  const schema = engine.openSchema(plan.columns, { ...plan.writer, codec, encodings });
  let best: Written | undefined;
  for (let round = 0; round < 3; round++) {
    const parts: Buffer[] = [];
    const join = new ParquetJoin(
      { write: async (bytes) => void parts.push(Buffer.from(bytes)) },
      { keyValueMetadata: plan.keyValueMetadata, sortedAlone: true },
    );
    const stream = engine.openStream();
    let nanoseconds = 0;
    for (let at = 0, index = 0; at < messages.length; index++) {
      const batch = schema.openBatch();
      const begin = at;
      const freed: Promise<void>[] = [];
      while (at < messages.length && at - begin < BATCH_BYTES) {
        const slot = engine.allocate(SLOT_BYTES);
        const part = messages.subarray(at, at + SLOT_BYTES);
        slot.bytes.set(part);
        const { end } = stream.scan(slot, 0, part.length);
        freed.push(new Promise((resolve) => batch.append(stream, slot, () => resolve(engine.release(slot)))));
        at += end;
      }
      const image = await batch.finish();
      await Promise.all(freed);
      nanoseconds += image.decodeNs + image.encodeNs;
      await join.append(new MemorySource(image.bytes, 'an image'), [index]);
      image.free();
      batch.close();
    }
    const { bytes } = await join.finish();
    stream.close();
    mkdirSync(folder, { recursive: true });
    if (encodings === 'compatible' && round === 0) writeFileSync(path.join(folder, 'gpuparser.parquet'), Buffer.concat(parts));
    const cpuSeconds = Number((nanoseconds / 1e9).toFixed(4));
    if (best === undefined || cpuSeconds < best.cpuSeconds) best = { bytes, cpuSeconds };
  }
  schema.close();
  return best as Written;
}

function report({ machine, rows, tables }: SizeResults): string {
  const names = [...ours, ...peers];
  const lines = tables.flatMap(({ table, written }) =>
    codecs.map((codec) => {
      const of = written[codec] as Readonly<Record<string, Written>>;
      const smallest = Math.min(...peers.map((name) => (of[name] as Written).bytes));
      const cell = (name: string) =>
        `${((of[name] as Written).bytes / 2 ** 20).toFixed(2)} (${(of[name] as Written).cpuSeconds.toFixed(2)})`;
      const share = (name: string) => ((of[name] as Written).bytes / smallest).toFixed(3);
      return `| ${[table, codec, ...names.map(cell), share('gpuparser'), share('gpuparser auto')].join(' | ')} |`;
    }),
  );
  return [
    `${rows.toLocaleString('en')} rows a table; MiB of the file (CPU seconds; ours decode COPY's bytes too); ${machine.cpu}, load before ${machine.loadBefore.toFixed(1)}, DuckDB ${machine.duckdb}, commit ${machine.commit}`,
    '',
    `| ${['table', 'codec', ...names, 'ours / best peer', 'auto / best peer'].join(' | ')} |`,
    `|${'---|'.repeat(names.length + 4)}`,
    ...lines,
  ].join('\n');
}
