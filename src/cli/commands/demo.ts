import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { count } from '../../counted.js';
import { customerColumns, customerSql } from '../../demo/customer.js';
import { firstRows } from '../../demo/first-rows.js';
import { type Server, startServer } from '../../demo/server.js';
import { GpuParserError } from '../../errors.js';
import { packageFolder } from '../../package.js';
import type { Context } from '../context.js';
import type { Library } from '../library.js';
import { table } from '../table.js';
import { painter } from '../terminal.js';
import { verificationText } from '../verification.js';

const rows = 100_000;
const bin = path.join(packageFolder, 'bin', 'gpuparser.js');
const paint = painter(process.stdout, process.env);

/**
 * `gpuparser demo`: shows an export from end to end on a PostgreSQL of its own, checks every value against the server, and removes
 * all traces. The exit code is 1 when the export failed or a checksum differs.
 */
export async function runDemoCommand(context: Context): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gpuparser-demo-'));
  let server: Server | undefined;
  const cleanUp = async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  };
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new GpuParserError('INTERRUPTED', 'The demo was interrupted; its server and files are gone.'));
  });
  let code = 0;
  const interrupted = (signal: NodeJS.Signals) => {
    code = signal === 'SIGTERM' ? 143 : 130;
    stop();
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    step('Starting a temporary PostgreSQL server (the first time downloads it)');
    const work = startServer().then(async (started) => {
      server = started;
      return exportAndCheck(started, path.join(folder, 'output'), await context.library());
    });
    // What the work still says after an interruption is of no use: its server is gone.
    work.catch(() => undefined);
    return await Promise.race([work, stopped]);
  } catch (error) {
    if (code === 0) throw error;
    await cleanUp();
    process.stderr.write(`\n${(error as Error).message}\n`);
    return code;
  } finally {
    await cleanUp();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

async function exportAndCheck(server: Server, output: string, { verify }: Library): Promise<number> {
  step(`Making a table of ${count(rows)} customers on PostgreSQL ${server.major}`);
  const client = new pg.Client({ host: server.host, port: server.port, user: server.user, database: server.database });
  // After an interruption the server goes away under the connection.
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of customerSql(rows)) await client.query(statement);
    print(customerColumns.map(({ name, type }) => `  ${name} ${type}\n`).join(''));

    const { host, port, user, database } = server;
    const connection = ['-h', host, '-P', String(port), '-u', user, '-d', database];
    const shown = (flags: readonly string[]) => `  $ gpuparser ${flags.map((flag) => (flag === output ? './output' : flag)).join(' ')}\n\n`;
    const flags = ['export', '-t', 'customer', '-o', output, ...connection];
    step('Exporting it');
    print(shown(flags));
    const code = await runBin(flags);
    if (code !== 0) {
      print(`\nThe export ended with exit code ${code}.\n`);
      return 1;
    }

    step('Reading every page of the files back, and comparing every value with the server');
    print(shown(['verify', output, '--deep', ...connection]));
    const found = await verify(output, { deep: true, connection: { host, port, user, database } });
    print(verificationText(found, false, paint).replaceAll(output, './output'));
    const good = found.ok && found.tables[0]?.rows === rows;

    const columns = customerColumns.map(({ name, type }) => ({
      title: name,
      align: type.startsWith('numeric') ? ('right' as const) : ('left' as const),
      max: 36,
    }));
    const names = customerColumns.map(({ name }) => name);
    const first = await firstRows(path.join(output, 'customer_chunk_0.parquet'), names, 5);
    if (first) {
      step('The first rows, as another Parquet reader (hyparquet) sees them');
      print(table(columns, first, '  '));
    } else print('\n  ("npm install hyparquet" beside gpuparser, and the demo shows the first rows as that reader sees them.)\n');
    print(good ? next : `\n${paint('red', 'The files differ from the table: this is a defect of gpuparser, please report it.')}\n`);
    return good ? 0 : 1;
  } finally {
    await client.end();
  }
}

/** The real command line in a process of its own, writing to this terminal. */
function runBin(flags: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
    const stop = () => child.kill('SIGTERM');
    process.once('SIGTERM', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      resolve(code);
    });
  });
}

function step(text: string): void {
  print(`\n${paint('bold', text)}\n`);
}

function print(text: string): void {
  process.stdout.write(text);
}

const next = `
${paint('bold', 'Every value arrived. Now your own database:')}
  gpuparser doctor -h HOST -d DATABASE -u USER -t TABLE              what an export would find
  gpuparser export -h HOST -d DATABASE -u USER -t TABLE --dry-run    the plan, nothing written
  gpuparser export -h HOST -d DATABASE -u USER -t TABLE -o ./output  Parquet files in ./output
The password comes from PGPASSWORD or ~/.pgpass. In a checkout, gpuparser is "node bin/gpuparser.js".
`;
