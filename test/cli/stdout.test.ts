import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runExport } from '../../src/cli/commands/export.js';
import type { Context } from '../../src/cli/context.js';
import { inspect } from '../../src/index.js';
import { readRows } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';
import { program } from './program.js';

const MAGIC = Buffer.from('PAR1');
const startsWell = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(MAGIC);
const endsWell = (bytes: Buffer): boolean => bytes.subarray(-4).equals(MAGIC);

describe('an export to standard output', { concurrency: false }, () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-stdout-'));
    server = await startServer();
    await server.sql(`
      CREATE TABLE large AS SELECT i AS id, md5(i::text) AS a, md5((-i)::text) AS b FROM generate_series(1, 200000) i;
      CREATE TABLE broken AS SELECT i AS id, md5(i::text) AS a, DATE '2000-01-01' AS d FROM generate_series(1, 400000) i;
      INSERT INTO broken VALUES (0, '', 'infinity'); ANALYZE`);
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function start(args: readonly string[], stdout: 'pipe' | number = 'pipe'): ChildProcess {
    const connection = ['-h', '127.0.0.1', '-P', String(server.port), '-d', 'postgres', '-u', 'postgres'];
    return spawn(process.execPath, [program, 'export', '-o', '-', '--device', 'cpu', ...args, ...connection], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['ignore', stdout, 'pipe'],
    });
  }

  async function ended(child: ChildProcess): Promise<{ code: number | null; bytes: Buffer; stderr: string }> {
    const parts: Buffer[] = [];
    let stderr = '';
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, bytes: Buffer.concat(parts), stderr };
  }

  async function assertLarge(bytes: Buffer): Promise<void> {
    const path = join(folder, 'got.parquet');
    await writeFile(path, bytes);
    const { columns, rows } = await readRows('duckdb', path);
    assert.deepEqual(columns, ['id', 'a', 'b']);
    const expected = await server.sql('SELECT id, a, b FROM large ORDER BY id');
    assert.deepEqual(
      [...rows].sort((x, y) => Number(x[0]) - Number(y[0])),
      expected.map(({ id, a, b }) => [id, a, b]),
    );
  }

  // One connection reads in this process, more of them in a worker's.
  for (const jobs of ['1', '2'])
    it(`is one whole file in a pipe, with everything else on stderr and nothing in a folder, over ${jobs}`, async () => {
      const { code, bytes, stderr } = await ended(start(['-t', 'large', '--jobs', jobs, '--memory', '64MiB']));
      assert.equal(code, 0, stderr);
      assert.match(stderr, /to standard output, snappy/);
      assert.match(stderr, /public\.large: 200,000 rows, 1 file, .* to standard output\n/);
      await assertLarge(bytes);
      assert.deepEqual(await readdir(folder), ['got.parquet']);
    });

  it('is the same where standard output is a file, and --quiet leaves stderr empty', async () => {
    const path = join(folder, 'redirected.parquet');
    const file = openSync(path, 'w');
    const { code, stderr } = await ended(start(['-t', 'large', '--quiet'], file));
    closeSync(file);
    assert.deepEqual([code, stderr], [0, '']);
    await assertLarge(await readFile(path));
  });

  for (const jobs of ['1', '2'])
    it(`has no footer after an error, over ${jobs}`, async () => {
      const { code, bytes, stderr } = await ended(start(['-t', 'broken', '--jobs', jobs, '--memory', '64MiB']));
      assert.equal(code, 1);
      assert.match(stderr, /infinite|infinity/);
      assert.ok(bytes.length > 100_000 && startsWell(bytes), `${bytes.length} bytes came`);
      assert.ok(!endsWell(bytes));
      const path = join(folder, 'cut.parquet');
      await writeFile(path, bytes);
      await assert.rejects(inspect(path), { code: 'FILE', message: /cut-off/ });
    });

  it('has no footer where only the end shows that the rows are not those that were counted', async () => {
    const { code, bytes, stderr } = await ended(start(['-t', 'large', '--where', 'random() < 0.5', '-r', '200000']));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /does not choose the same rows each time/);
    assert.ok(startsWell(bytes) && !endsWell(bytes));
  });

  it('ends with one sentence where its reader goes away', async () => {
    const child = start(['-t', 'broken', '--memory', '64MiB', '--quiet', '--where', 'id > 0']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await ended(child);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      'gpuparser: The program that reads standard output ended before it had the whole file.\nhint: What it has read is no whole Parquet file.\n',
    );
  });

  it('is refused with code 2 where it cannot be', async () => {
    for (const more of [['--json'], ['-g', '2'], ['--chunks', '2'], ['--overwrite'], ['--cluster', 'ray']]) {
      const { code, bytes, stderr } = await ended(start(['-t', 'large', ...more]));
      assert.deepEqual([code, bytes.length], [2, 0], more.join(' '));
      assert.match(stderr, /^gpuparser: .* cannot be used where .*standard output.*\.\nhint: .+\n$/);
    }
    const terminal = { isTTY: true, write: () => true };
    const context = {
      values: { table: 'large', output: '-' },
      stdout: terminal,
      stderr: terminal,
      interruption: () => ({}),
      library: async () => ({}),
    };
    await assert.rejects(runExport(context as unknown as Context), { code: 'USAGE', message: /which is a terminal/ });
  });
});
