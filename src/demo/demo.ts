import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { count, duration } from '../cli/format.js';
import { table } from '../cli/table.js';
import { painter } from '../cli/terminal.js';
import { GpuParserError } from '../errors.js';
import { type Checksum, checksumSql, serverChecksums } from './checksum.js';
import { customerColumns, customerSql } from './customer.js';
import { loadReader, readBack } from './read-back.js';
import { type Server, startServer } from './server.js';

const rows = 100_000;
const bin = fileURLToPath(new URL('../../../bin/gpuparser.js', import.meta.url));
const paint = painter(process.stdout, process.env);

/**
 * Shows an export from end to end on a PostgreSQL of its own, checks it with another Parquet reader, and removes all traces.
 * @returns the exit code: 1 when the export failed or a checksum differs.
 */
export async function runDemo(): Promise<number> {
  const reader = await loadReader();
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
    const work = startServer().then((started) => {
      server = started;
      return exportAndCheck(started, path.join(folder, 'output'), reader);
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

async function exportAndCheck(server: Server, output: string, reader: Awaited<ReturnType<typeof loadReader>>): Promise<number> {
  step(`Making a table of ${count(rows)} customers on PostgreSQL ${server.major}`);
  const client = new pg.Client({ host: server.host, port: server.port, user: server.user, database: server.database });
  // After an interruption the server goes away under the connection.
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of customerSql(rows)) await client.query(statement);
    print(customerColumns.map(({ name, type }) => `  ${name} ${type}\n`).join(''));

    const flags = [
      'export',
      '-t',
      'customer',
      '-o',
      output,
      '-h',
      server.host,
      '-P',
      String(server.port),
      '-u',
      server.user,
      '-d',
      server.database,
    ];
    step('Exporting it');
    print(`  $ gpuparser ${flags.map((flag) => (flag === output ? './output' : flag)).join(' ')}\n\n`);
    const code = await runBin(flags);
    if (code !== 0) {
      print(`\nThe export ended with exit code ${code}.\n`);
      return 1;
    }

    step('Reading the files back with hyparquet, an independent reader, and comparing them with the server');
    const started = performance.now();
    const files = readdirSync(output)
      .filter((name) => name.endsWith('.parquet'))
      .sort()
      .map((name) => path.join(output, name));
    const found = await readBack(reader, files, customerColumns, 5);
    const answer = await client.query<Record<string, string>>(checksumSql('customer', customerColumns));
    const expected = answer.rows[0] ?? {};
    const good = compare(Number(expected.rows), serverChecksums(expected, customerColumns), found.rows, found.checksums);
    print(`  (${files.length === 1 ? '1 file' : `${files.length} files`}, ${duration((performance.now() - started) / 1000)})\n`);

    step('The first rows, as read from the files');
    const columns = customerColumns.map(({ name, type }) => ({
      title: name,
      align: type.startsWith('numeric') ? ('right' as const) : ('left' as const),
      max: 36,
    }));
    print(table(columns, found.first, '  '));
    print(good ? next : `\n${paint('red', 'The files differ from the table: this is a defect of gpuparser, please report it.')}\n`);
    return good ? 0 : 1;
  } finally {
    await client.end();
  }
}

function compare(
  serverRows: number,
  server: ReadonlyMap<string, Checksum>,
  fileRows: number,
  files: ReadonlyMap<string, Checksum>,
): boolean {
  const same = (name: string) => files.get(name)?.values === server.get(name)?.values && files.get(name)?.sum === server.get(name)?.sum;
  const verdict = (good: boolean) => (good ? 'same' : 'DIFFERENT');
  const shown = (checksum: Checksum | undefined) => [count(checksum?.values ?? 0), (checksum?.sum ?? 0).toString(16)];
  const right = { align: 'right' } as const;
  const titles = [
    { title: 'column' },
    { title: 'values', ...right },
    { title: 'on the server', ...right },
    { title: 'values', ...right },
    { title: 'in the files', ...right },
    { title: '' },
  ];
  const lines = [...server].map(([name, checksum]) => [name, ...shown(checksum), ...shown(files.get(name)), verdict(same(name))]);
  print(table(titles, lines, '  '));
  print(`  ${count(fileRows)} of ${count(serverRows)} rows\n`);
  return serverRows === rows && fileRows === serverRows && [...server.keys()].every(same);
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
