import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { lineitemSql } from './lineitem.js';

// Exports of one large table on GPUs beside the raw drain of the same server, in alternation. The server is a running one that
// trusts the user over its Unix socket: see docs/gpu.md. One line of JSON per run.

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '/tmp' },
    port: { type: 'string', default: '5432' },
    user: { type: 'string', default: 'postgres' },
    rows: { type: 'string', default: '24000000' },
    rounds: { type: 'string', default: '3' },
    /** GPUs and connections of the exports that are compared with the drain of as many connections. */
    runs: { type: 'string', default: '1:16' },
    drain: { type: 'string', default: 'native/build-cuda/bench/drain' },
    duckdb: { type: 'string', default: '' },
  },
});
const table = 'lineitem';
const rows = Number(options.rows);
const say = (record: object) => console.log(JSON.stringify(record));

interface Measured {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** Wall and CPU seconds of a command and its children. */
function measure(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Measured {
  const [program, ...args] = command;
  const { stdout, stderr, status } = spawnSync('python3', ['bench/measure.py', program as string, ...args], { encoding: 'utf8', env });
  const result = JSON.parse(stdout || '{}') as {
    status?: number;
    errors?: string;
    wallSeconds: number;
    userSeconds: number;
    systemSeconds: number;
  };
  if (status !== 0 || result.status !== 0) throw new Error(`${command.join(' ')} failed: ${result.errors ?? stderr}`);
  return { wallSeconds: result.wallSeconds, cpuSeconds: result.userSeconds + result.systemSeconds };
}

async function client(): Promise<pg.Client> {
  const made = new pg.Client({ host: options.host, port: Number(options.port), user: options.user, database: 'postgres' });
  await made.connect();
  return made;
}

/** The table, filled by as many connections as cores; a table that is there with that many rows is kept. */
async function makeTable(): Promise<number> {
  const first = await client();
  const known = await first.query<{ n: string }>("SELECT count(*) AS n FROM pg_class WHERE relname = 'lineitem'");
  const held = known.rows[0]?.n === '1' ? Number((await first.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n) : -1;
  const parts = Math.min(availableParallelism(), 32);
  const each = Math.floor(rows / parts);
  if (held !== each * parts) {
    const begun = performance.now();
    const [drop, create] = lineitemSql(1, { table }) as [string, string, string];
    await first.query(drop);
    await first.query(create);
    await Promise.all(
      Array.from({ length: parts }, async (_, i) => {
        const connection = await client();
        await connection.query(lineitemSql(each, { table, seed: i + 1 })[2] as string);
        await connection.end();
      }),
    );
    await first.query(`VACUUM (FREEZE, ANALYZE) ${table}`);
    await first.query('CHECKPOINT');
    say({ what: 'table made', rows: each * parts, seconds: (performance.now() - begun) / 1000 });
  }
  // reads every page into shared buffers
  const found = await first.query<{ n: string; pages: string }>(
    `SELECT count(*) AS n, pg_relation_size('${table}') / 8192 AS pages FROM ${table}`,
  );
  await first.end();
  return Number(found.rows[0]?.pages);
}

const pages = await makeTable();
const scratch = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gpuparser-bench-'));
const connection = ['-h', options.host, '-P', options.port, '-u', options.user, '-d', 'postgres'];
const base = [process.execPath, 'bin/gpuparser.js', 'export', '-t', table, '--overwrite', '--quiet', ...connection];

function exported(name: string, args: readonly string[]): void {
  const folder = path.join(scratch, 'out');
  mkdirSync(folder, { recursive: true });
  const measured = measure([...base, ...args, '-o', folder]);
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
  rmSync(folder, { recursive: true });
  say({ what: name, ...measured, bytes });
}

try {
  const runs = options.runs.split(',').map((text) => text.split(':') as [string, string]);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const jobs of new Set(runs.map((run) => run[1]))) {
      const args = [options.host, options.port, options.user, 'postgres', table, String(pages), jobs];
      say({ what: `drain, ${jobs} connections`, ...JSON.parse(execFileSync(options.drain, args, { encoding: 'utf8' })) });
    }
    for (const [gpus, jobs] of runs) exported(`cuda, ${gpus} GPUs, ${jobs} connections`, ['--device', 'cuda', '-g', gpus, '--jobs', jobs]);
    if (round === 0) exported('cpu, 16 connections', ['--device', 'cpu', '--jobs', '16']);
    if (options.duckdb !== '' && round < 2) {
      const dsn = `host=${options.host} port=${options.port} user=${options.user} dbname=postgres`;
      say({
        what: 'DuckDB',
        ...measure([options.duckdb, 'bench/export_duckdb.py', dsn, table, path.join(scratch, 'duckdb.parquet'), 'snappy']),
      });
    }
  }
  if (Number(options.rounds) > 0) {
    for (const few of ['10000', '100000'])
      for (let round = 0; round < 3; round++)
        for (const [gpus] of runs) exported(`cuda, ${gpus} GPUs, -r ${few}`, ['--device', 'cuda', '-g', gpus, '-r', few]);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
