import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, chown, mkdir, open, readdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ExportEvent, exportTable } from '../../src/index.js';
import { connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { readRows } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';

const BIN = fileURLToPath(new URL('../../../bin/gpuparser.js', import.meta.url));
const ROWS = 6000;
/** Makes every row take about a millisecond, so that a fault finds the export at work. */
const SLOW = 'slow(id) = id';
/** How long a fault may take to be seen before the test gives up. */
const PATIENCE_MS = 15_000;

let server: TestServer;

async function newServer(): Promise<TestServer> {
  const started = await startServer();
  await started.sql(`CREATE TABLE t (id int NOT NULL, body text NOT NULL);
    INSERT INTO t SELECT i, md5(i::text) || repeat(md5((-i)::text), 45) FROM generate_series(1, ${ROWS}) AS i;
    CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN PERFORM pg_sleep(0.0001); RETURN id; END $$;
    ANALYZE t`);
  return started;
}

before(async () => {
  server = await newServer();
});
after(() => server.stop());

interface Run {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

function start(
  on: TestServer,
  folder: string,
  args: readonly string[],
  command: readonly string[] = [process.execPath, BIN],
  options: { uid?: number; gid?: number } = {},
): Run {
  const { host, port, user, database } = on;
  const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database };
  const all = [...command, 'export', '-t', 't', '-o', folder, '--device', 'cpu', ...args];
  const child = spawn(all[0] as string, all.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Run['ended']>>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, stderr: () => stderr, ended };
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}.`);
    await sleep(20);
  }
}

/** Process ids of backends that run a COPY. */
async function copying(on: TestServer): Promise<number[]> {
  const rows = await on.sql("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY (%' ORDER BY pid");
  return rows.map(({ pid }) => Number(pid));
}

/** Waits for the export's first COPY; an export that ends before says why. */
async function untilCopying(on: TestServer, run: Run): Promise<void> {
  const ended = run.ended.then(({ code, stderr }) => assert.fail(`The export ended with ${code} before its first COPY: ${stderr}`));
  await Promise.race([ended, until('a COPY runs', async () => (await copying(on)).length > 0)]);
}
const untilQuiet = (on: TestServer) =>
  until('all sessions of the export have ended', async () => {
    const count = await on.value(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'gpuparser%' AND application_name <> 'gpuparser test'",
    );
    return count === '0';
  });

/** Worker processes below a command. */
function workersOf(pid: number): number[] {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return children.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function ids(path: string): Promise<number[]> {
  const { columns, rows } = await readRows('hyparquet', path);
  const at = columns.indexOf('id');
  return rows.map((row) => Number(row[at]));
}

async function assertWhole(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  const all: number[] = [];
  for (const name of names) all.push(...(await ids(join(folder, name))));
  assert.equal(all.length, ROWS);
  assert.equal(new Set(all).size, ROWS);
  assert.ok((await readdir(folder)).every((name) => !name.endsWith('.tmp')));
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends the export with ${code}, leaves no file and no session`, () =>
    withFolder(async (folder) => {
      const run = start(server, folder, ['--where', SLOW]);
      await untilCopying(server, run);
      run.child.kill(signal);
      const { code: exit, stderr } = await run.ended;
      assert.equal(exit, code, stderr);
      assert.match(stderr, /interrupted|stopped|terminated/i);
      assert.deepEqual(await readdir(folder), []);
      await untilQuiet(server);
    }));
}

test('finished chunks stay after SIGINT, and the manifest says what is missing', () =>
  withFolder(async (folder) => {
    const run = start(server, folder, ['--where', SLOW, '--chunks', '8', '--jobs', '1']);
    await until('a chunk is done', async () => (await readdir(folder)).some((name) => name.endsWith('.parquet')));
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
    const names = await readdir(folder);
    assert.ok(
      names.every((name) => !name.endsWith('.tmp')),
      names.join(),
    );
    const manifest = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8'));
    const { chunks, failures } = manifest.tables.t;
    assert.equal(chunks.length + failures.length, 8);
    assert.ok(failures.length > 0);
    assert.deepEqual(
      chunks.map(({ file }: { file: string }) => file),
      names.filter((name) => name.endsWith('.parquet')).sort(),
    );
    for (const { file, rows } of chunks) assert.equal((await ids(join(folder, file))).length, rows);
  }));

test('SIGKILL of the command ends its workers, and the next run needs no cleaning up', () =>
  withFolder(async (folder) => {
    const run = start(server, folder, ['--where', SLOW]);
    await untilCopying(server, run);
    const workers = workersOf(run.child.pid as number);
    assert.equal(workers.length, 1);
    run.child.kill('SIGKILL');
    await run.ended;
    await untilQuiet(server);
    await until('the worker has ended', async () => workers.every((pid) => !alive(pid)));
    assert.ok((await readdir(folder)).every((name) => !name.endsWith('.parquet')));
    const { code, stderr } = await start(server, folder, []).ended;
    assert.equal(code, 0, stderr);
    await assertWhole(folder);
  }));

test('a chunk whose worker is killed is tried again and arrives whole', () =>
  withFolder(async (folder) => {
    const run = start(server, folder, ['--where', SLOW, '--chunks', '3', '-g', '2', '--jobs', '2', '--json']);
    // Each worker has one connection: both have a chunk in hand.
    await until('both workers read', async () => (await copying(server)).length === 2);
    process.kill(workersOf(run.child.pid as number)[0] as number, 'SIGKILL');
    const { code, stderr, stdout } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rows, ROWS);
    assert.match(stderr, /SIGKILL/);
    await assertWhole(folder);
  }));

test("a COPY that an administrator cancels fails its chunk with the server's words, and only that one", () =>
  withFolder(async (folder) => {
    const run = start(server, folder, ['--where', SLOW, '--chunks', '4', '--jobs', '1']);
    await untilCopying(server, run);
    const [pid] = await copying(server);
    await server.sql(`SELECT pg_cancel_backend(${pid})`);
    const { code, stderr } = await run.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /cancell?ing statement due to user request/i);
    const manifest = JSON.parse(await readFile(join(folder, '_manifest.json'), 'utf8'));
    assert.equal(manifest.tables.t.failures.length, 1);
    assert.equal(manifest.tables.t.chunks.length, 3);
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.parquet')).length, 3);
  }));

test('a data connection that an administrator terminates is replaced', () =>
  withFolder(async (folder) => {
    const run = start(server, folder, ['--where', SLOW, '--jobs', '2']);
    await untilCopying(server, run);
    const [pid] = await copying(server);
    await server.sql(`SELECT pg_terminate_backend(${pid})`);
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    await assertWhole(folder);
  }));

test('a server that is killed mid-stream leaves a clear error and no file', () =>
  withFolder(async (folder) => {
    const doomed = await newServer();
    try {
      const run = start(doomed, folder, ['--where', SLOW]);
      await untilCopying(doomed, run);
      await doomed.kill();
      const { code, stderr } = await run.ended;
      assert.notEqual(code, 0);
      assert.match(stderr, /gpuparser: .*(connection|server|connect)/i);
      assert.deepEqual(await readdir(folder), []);
    } finally {
      await doomed.stop();
    }
  }));

test('a full disk ends the export with one sentence and gives the space back', () =>
  withFolder(async (folder) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const { code, stderr } = await start(server, disk, ['--compression', 'none']).ended;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /gpuparser: Cannot write .*t_chunk_0\.parquet: the disk is full\.\nhint: /);
      assert.deepEqual(await readdir(disk), []);
    } finally {
      execFileSync('umount', [disk]);
    }
  }));

test('a folder that may not be written to is named before anything is read', () =>
  withFolder(async (folder) => {
    const [uid, gid] = process.getuid?.() === 0 ? [65534, 65534] : [undefined, undefined];
    const locked = join(folder, 'locked');
    await mkdir(locked);
    await chmod(folder, 0o755);
    if (uid !== undefined) await chown(folder, uid, gid as number);
    await chmod(locked, 0o555);
    const { code, stderr } = await start(server, join(locked, 'out'), [], undefined, { uid, gid }).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Cannot write .*: permission was denied\./);
  }));

test('an output path through a file is named', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    const { code, stderr } = await start(server, join(folder, 'file', 'out'), []).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Cannot write .*a part of its path is a file/);
    const itself = await start(server, join(folder, 'file'), []).ended;
    assert.match(itself.stderr, /Cannot write .*: a file of that name is in the way\.\nhint: /);
  }));

test('an output folder that cannot be made is named, whatever keeps it from being made', () =>
  withFolder(async (folder) => {
    await symlink(join(folder, 'nowhere'), join(folder, 'link'));
    for (const output of ['/proc/nowhere', '/proc/nowhere/below', join(folder, 'link'), join(folder, 'link', 'below')]) {
      const { code, stderr } = await start(server, output, []).ended;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /Cannot write .*: its folder is not there and cannot be made\.\nhint: /);
    }
  }));

test('a current folder that has been removed is no place for files', () =>
  withFolder(async (folder) => {
    const gone = join(folder, 'gone');
    await mkdir(gone);
    const command = ['/bin/sh', '-c', 'cd "$0" && rmdir "$0" && exec "$@"', gone, process.execPath, BIN];
    const { code, stderr } = await start(server, './out', [], command).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Cannot write \.\/out: the current folder has been removed\.\nhint: /);
  }));

test("another run's files are refused without --overwrite, and none survives with it", () =>
  withFolder(async (folder) => {
    assert.equal((await start(server, folder, ['--chunks', '4']).ended).code, 0);
    const before = await readdir(folder);
    const refused = await start(server, folder, ['--chunks', '2']).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /4 files \(t_chunk_\*\.parquet\) of an earlier export.*\nhint: .*--overwrite/);
    assert.deepEqual(await readdir(folder), before);
    await writeFile(join(folder, '.t_chunk_9.parquet.1.tmp'), 'left behind by a killed run');
    await writeFile(join(folder, 'other_chunk_0.parquet'), 'another table');
    const replaced = await start(server, folder, ['--chunks', '2', '--overwrite']).ended;
    assert.equal(replaced.code, 0, replaced.stderr);
    assert.deepEqual((await readdir(folder)).sort(), ['_manifest.json', 'other_chunk_0.parquet', 't_chunk_0.parquet', 't_chunk_1.parquet']);
  }));

test('an export that fails leaves what --overwrite would have replaced, manifest and all; one that fails in part leaves no old file', () =>
  withFolder(async (folder) => {
    await server.sql(`CREATE TABLE price (id int, p numeric(6,2)); INSERT INTO price SELECT i, i FROM generate_series(1, 9000) i`);
    await exportInto(server, folder, { table: 'price', chunks: 3 });
    const contents = async () =>
      Promise.all((await readdir(folder)).sort().map(async (name) => [name, (await readFile(join(folder, name))).toString('hex')]));
    const before = await contents();
    await server.sql(`INSERT INTO price VALUES (9001, 'NaN')`);
    const said: string[] = [];
    const onEvent = (event: ExportEvent) => event.type === 'notice' && said.push(event.message);
    const options = { table: 'price', output: folder, overwrite: true, device: 'cpu', connection: connectionTo(server) } as const;
    await assert.rejects(exportTable(options, { onEvent }), { code: 'VALUE' });
    assert.deepEqual(await contents(), before);
    assert.deepEqual(said, ['No new file was written: the 3 files of an earlier export are as before.']);
    const partly = await exportInto(server, folder, { table: 'price', overwrite: true, chunks: 2 });
    assert.deepEqual(
      partly.failed.map(({ chunk }) => chunk),
      [1],
    );
    assert.deepEqual((await readdir(folder)).sort(), ['_manifest.json', 'price_chunk_0.parquet']);
    await server.sql('DROP TABLE price');
  }));

test('rows of a damaged page stop the export, or are given up with a warning where the server was told to', () =>
  withFolder(async (folder) => {
    await server.sql(
      `CREATE TABLE worn AS SELECT i AS id, repeat('x', 100) AS pad FROM generate_series(1, 5000) i; CHECKPOINT; CREATE EXTENSION pg_buffercache`,
    );
    const path = join(server.dataDir, (await server.value("SELECT pg_relation_filepath('worn')")) as string);
    const evict = "SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('worn')";
    await server.sql(evict);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(16, 7), 0, 16, 3 * 8192 + 8); // pd_flags to pd_prune_xid of block 3
    await file.close();
    await assert.rejects(exportInto(server, folder, { table: 'worn' }), {
      code: 'SERVER',
      message: /^Invalid page in block 3 of relation/,
    });
    await server.sql('ALTER DATABASE postgres SET zero_damaged_pages = on');
    try {
      const { rows, warnings } = await exportInto(server, folder, { table: 'worn' });
      assert.ok(rows > 4900 && rows < 5000, String(rows));
      assert.match(
        warnings.join('\n'),
        /^worn_chunk_0\.parquet: the server warned: invalid page in block 3 of relation .*; zeroing out page\.$/m,
      );
      await server.sql(evict);
      const counted = await exportInto(server, folder, { table: 'worn', rows: 5000, overwrite: true });
      assert.equal(counted.rows, rows);
      assert.match(counted.warnings.join('\n'), /^The server warned: invalid page in block 3 of relation .*; zeroing out page\.$/m);
    } finally {
      await server.sql('ALTER DATABASE postgres RESET zero_damaged_pages');
    }
  }));

test('a folder in the place of a file is named, and neither lock nor session is left', () =>
  withFolder(async (folder) => {
    for (const name of ['t_chunk_0.parquet', '.t_chunk_0.parquet.1.tmp']) {
      await mkdir(join(folder, name));
      await assert.rejects(exportInto(server, folder, { table: 't', overwrite: true }), {
        code: 'OUTPUT',
        message: `Cannot write ${join(folder, name)}: a folder of that name is in the way.`,
      });
      await untilQuiet(server);
      assert.deepEqual(await readdir(folder), [name]);
      await rmdir(join(folder, name));
    }
  }));

test('files of a table of the same name in another schema are not replaced, also with --overwrite', () =>
  withFolder(async (folder) => {
    await server.sql('CREATE SCHEMA IF NOT EXISTS elsewhere; CREATE TABLE IF NOT EXISTS elsewhere.t AS SELECT 1 AS id');
    assert.equal((await start(server, folder, []).ended).code, 0);
    const options = { table: 'elsewhere.t', overwrite: true };
    await assert.rejects(exportInto(server, folder, options), {
      code: 'OUTPUT',
      message: `${folder} holds 1 file (t_chunk_0.parquet) of public.t, and those of elsewhere.t would have the same names.`,
    });
    await assertWhole(folder);
    await rm(join(folder, 't_chunk_0.parquet'));
    assert.equal((await exportInto(server, folder, options)).rows, 1);
  }));

test('a second export into the same folder is refused while the first runs, and harms nothing', () =>
  withFolder(async (folder) => {
    const first = start(server, folder, ['--where', SLOW]);
    await untilCopying(server, first);
    const second = await start(server, folder, ['--overwrite']).ended;
    assert.equal(second.code, 1);
    assert.match(
      second.stderr,
      new RegExp(`Another export of the table .* is running: process ${first.child.pid} on .*\\nhint: Wait for it`),
    );
    const { code, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    await assertWhole(folder);
  }));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
