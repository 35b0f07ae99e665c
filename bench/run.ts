// `npm run bench`: an export of a lineitem-like or a nested table, ours and its peers' in turn, against an embedded PostgreSQL.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Server, startServer } from '../src/demo/server.js';
import { type Contender, drain, gpuparser, type Peer, peer, peers, type Source } from './contenders.js';
import { lineitemSql } from './lineitem.js';
import { describeMachine, load } from './machine.js';
import { measure } from './measure.js';
import { nestedSql } from './nested.js';
import { report } from './report.js';
import type { Results, Run } from './results.js';

const usage = `npm run bench -- [options]
  --table NAME    lineitem; nested: arrays, a composite, NULLs and texts of a kibibyte; or all: one after the other (lineitem)
  --rows N        rows of the table (lineitem 5000000, nested 300000)
  --rounds N      times everything is run, in turn, after one that does not count (5)
  --with NAMES    peers besides DuckDB: connectorx, adbc (install them into .venv first)
  --name NAME     last part of the result's file name (cores and rows)
  --scratch DIR   where the exported files go (the system's temporary folder)
  --no-save       writes no result file`;

const { values: options } = parseArgs({
  options: {
    table: { type: 'string', default: 'lineitem' },
    rows: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    with: { type: 'string', default: '' },
    name: { type: 'string', default: '' },
    scratch: { type: 'string', default: tmpdir() },
    'no-save': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
/** SQL, default rows and heap bytes of a row of each table. */
const tables = {
  lineitem: { sql: lineitemSql, rows: '5000000', rowBytes: 240 },
  nested: { sql: nestedSql, rows: '300000', rowBytes: 1600 },
};
type Table = keyof typeof tables;
let loadBefore = 0;

if (options.help) {
  console.log(usage);
} else {
  await main();
}

async function main(): Promise<void> {
  loadBefore = load();
  if (loadBefore > 0.5) say(`this machine is busy (load ${loadBefore.toFixed(1)}): wall times will not mean much`);
  if (options.table !== 'all' && !(options.table in tables)) throw new Error(`--table ${options.table}: lineitem, nested or all.`);
  const chosen = options.table === 'all' ? (Object.keys(tables) as Table[]) : [options.table as Table];
  const rounds = count(options.rounds, 'rounds');
  const asked = options.with.split(',').filter(Boolean);
  const unknown = asked.find((name) => !peers.includes(name as Peer));
  if (unknown !== undefined) throw new Error(`--with ${unknown}: the peers are ${peers.join(', ')}.`);
  execFileSync(process.execPath, ['scripts/venv.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const psql = findPsql();

  for (const table of chosen) {
    const rows = count(options.rows || tables[table].rows, 'rows');
    const results = await onServer(table, rows, (server, scratch) =>
      benchmark({ server, table, psql }, scratch, rows, rounds, ['duckdb', ...(asked as Peer[])]),
    );
    console.log(report(results));
    if (!options['no-save']) console.log(`\n${save(results)}`);
    if (!results.sameRows) process.exitCode = 1;
  }
}

async function onServer(table: Table, rows: number, use: (server: Server, scratch: string) => Promise<Results>): Promise<Results> {
  // The table lies whole in shared buffers: what is measured is formatting, transport and conversion, not a disk.
  const megabytes = Math.max(256, Math.ceil((rows * tables[table].rowBytes) / 1e6));
  const server = await startServer({ settings: { shared_buffers: `${megabytes}MB`, max_wal_size: '8GB' } });
  const scratch = mkdtempSync(path.join(options.scratch, 'gpuparser-bench-'));
  const abandon = () => {
    rmSync(scratch, { recursive: true, force: true });
    void server.stop().then(() => process.exit(130));
  };
  process.once('SIGINT', abandon).once('SIGTERM', abandon);
  try {
    return await use(server, scratch);
  } finally {
    process.off('SIGINT', abandon).off('SIGTERM', abandon);
    rmSync(scratch, { recursive: true, force: true });
    await server.stop();
  }
}

interface Target {
  readonly server: Server;
  readonly table: Table;
  readonly psql: string;
}

async function benchmark({ server, table, psql }: Target, scratch: string, rows: number, rounds: number, others: Peer[]): Promise<Results> {
  say(`making ${rows.toLocaleString('en')} rows of ${table}`);
  const { heapBytes, version } = await makeTable(server, table, rows);
  const source: Source = { server, table, pages: heapBytes / 8192, psql };
  const codecs = ['snappy', 'zstd'] as const;
  const contenders = [
    drain(source),
    ...codecs.flatMap((codec) => [gpuparser(source, codec), ...others.map((name) => peer(name, source, codec))]),
  ];

  const once = async (contender: Contender, round: number, memory = false, keep?: string): Promise<Run> => {
    const folder = keep ?? path.join(scratch, 'out');
    mkdirSync(folder, { recursive: true });
    execFileSync('sync'); // what the run before left to be written is not this one's to wait for
    const measurement = await measure(contender.command(folder), server.pid, { memory });
    const outputBytes = parquetFiles(folder).reduce((sum, file) => sum + statSync(file).size, 0);
    if (!keep) rmSync(folder, { recursive: true });
    return { name: contender.name, codec: contender.codec ?? null, round, ...measurement, outputBytes };
  };

  say('warming up, sampling memory and comparing the outputs');
  const memoryRuns: Run[] = [];
  const kept: string[] = [];
  for (const contender of contenders) {
    const compared = contender.codec === 'snappy' && ['gpuparser', 'DuckDB'].includes(contender.name);
    const folder = compared ? path.join(scratch, contender.name) : undefined;
    memoryRuns.push(await once(contender, 0, true, folder));
    if (folder) kept.push(path.join(folder, '*.parquet'));
  }
  const sameRows = compare(kept);
  for (const pattern of kept) rmSync(path.dirname(pattern), { recursive: true });

  const runs: Run[] = [];
  const small: number[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const contender of contenders) runs.push(await once(contender, round));
    small.push((await once(gpuparser(source, 'snappy', ['-r', '10000']), round)).wallSeconds);
  }
  return {
    date: new Date().toISOString(),
    table,
    machine: describeMachine(version, loadBefore),
    rows,
    heapBytes,
    runs,
    memoryRuns,
    smallSeconds: small,
    sameRows,
  };
}

async function makeTable(server: Server, table: Table, rows: number): Promise<{ heapBytes: number; version: string }> {
  const client = new pg.Client({ host: server.host, port: server.port, user: server.user, database: server.database });
  await client.connect();
  try {
    for (const statement of tables[table].sql(rows)) await client.query(statement);
    await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`);
    await client.query('CHECKPOINT');
    // Reads every page into shared buffers.
    const found = await client.query<{ rows: string; bytes: string; version: string }>(
      `SELECT count(*) AS rows, pg_relation_size('${table}') AS bytes, current_setting('server_version') AS version FROM ${table}`,
    );
    const row = found.rows[0];
    if (Number(row?.rows) !== rows) throw new Error(`The table has ${row?.rows} rows, not ${rows}.`);
    return { heapBytes: Number(row?.bytes), version: row?.version ?? '' };
  } finally {
    await client.end();
  }
}

function compare(patterns: readonly string[]): boolean {
  try {
    say(`same rows in both outputs: ${execFileSync('.venv/bin/python', ['bench/verify.py', ...patterns], { encoding: 'utf8' }).trim()}`);
    return true;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    say(`THE OUTPUTS DIFFER: ${stdout ?? ''}${stderr ?? error}`);
    return false;
  }
}

function save(results: Results): string {
  const part = options.name || `${results.machine.cores}cores-${results.rows}rows`;
  const name = results.table === 'lineitem' ? part : `${results.table}-${part}`;
  const file = path.join('bench', 'results', `${results.date.slice(0, 10)}-${name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  return file;
}

function parquetFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(folder, name));
}

function findPsql(): string {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v psql'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error('psql is missing; it measures what the server can give. Debian: apt-get install postgresql-client');
  }
}

function count(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: a whole number from 1 on is needed.`);
  return value;
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
