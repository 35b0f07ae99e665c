import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Diagnosis, ExportSummary, FileDescription, Plan } from '../../src/index.js';
import { startServer, type TestServer } from '../support/server.js';
import { finished, gpuparser, type Outcome, program, start } from './program.js';
import { Screen } from './screen.js';
import { inTerminal } from './terminal-run.js';

/** One sentence, at most a detail, and a hint; nothing on stdout. */
function assertError({ code, stdout, stderr }: Outcome, expectedCode: number, sentence: RegExp): void {
  assert.match(stderr, /^gpuparser: [^\n]+\.\n(detail: [^\n]+\n( {2}[^\n]*\n)*)?hint: [^\n]+\n$/);
  assert.match(stderr.split('\n')[0]!, sentence);
  assert.deepEqual({ code, stdout }, { code: expectedCode, stdout: '' }, stderr);
}

describe('gpuparser with a server', () => {
  let server: TestServer;
  let folder: string;
  let connection: string[];
  const output = (): string => join(folder, 'out');

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-cli-'));
    server = await startServer({ hba: ['host all guarded 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust'] });
    await server.sql(`
      CREATE TABLE customer AS SELECT i AS id, 'name ' || i AS name, i * 1.25 AS balance FROM generate_series(1, 5000) i;
      ALTER TABLE customer ADD PRIMARY KEY (id);
      CREATE TABLE forbidden (a int);
      CREATE TABLE eternal (id int, until date); INSERT INTO eternal VALUES (1, 'infinity');
      CREATE TABLE slow AS SELECT i AS id FROM generate_series(1, 100) i;
      CREATE ROLE guarded LOGIN PASSWORD 'right';
      CREATE ROLE reader LOGIN; GRANT SELECT ON customer TO reader;
      ANALYZE`);
    connection = ['-h', '127.0.0.1', '-P', String(server.port), '-d', 'postgres', '-u', 'postgres'];
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const as = (user: string): string[] => [...connection.slice(0, -1), user];

  async function assertNoFiles(): Promise<void> {
    if (existsSync(output())) assert.deepEqual(await readdir(output()), []);
  }

  describe('refuses with one sentence and a hint, and leaves no file', () => {
    it('a wrong password', async () => {
      const outcome = await gpuparser(['export', '-t', 'customer', '-o', output(), ...as('guarded')], {
        environment: { PGPASSWORD: 'wrong' },
      });
      assertError(outcome, 3, /guarded/);
      assert.ok(!outcome.stderr.includes('wrong'));
      await assertNoFiles();
    });

    it('a host where nothing listens', async () => {
      const port = await closedPort();
      assertError(
        await gpuparser(['export', '-t', 'customer', '-o', output(), '-h', '127.0.0.1', '-P', `${port}`, '-u', 'postgres', '--quiet']),
        3,
        new RegExp(`127\\.0\\.0\\.1.*${port}`),
      );
      await assertNoFiles();
    });

    it('a database that is not there', async () => {
      assertError(
        await gpuparser([
          'export',
          '-t',
          'customer',
          '-o',
          output(),
          '-h',
          '127.0.0.1',
          '-P',
          `${server.port}`,
          '-u',
          'postgres',
          '-d',
          'nowhere',
          '--quiet',
        ]),
        3,
        /nowhere/,
      );
      await assertNoFiles();
    });

    it('a table that is not there, with the name that is close', async () => {
      const outcome = await gpuparser(['export', '-t', 'custmer', '-o', output(), ...connection, '--quiet']);
      assertError(outcome, 1, /custmer/);
      assert.match(outcome.stderr, /hint: .*customer/);
      await assertNoFiles();
    });

    it('a table the role may not read', async () => {
      assertError(await gpuparser(['export', '-t', 'forbidden', '-o', output(), ...as('reader'), '--quiet']), 1, /forbidden/);
      await assertNoFiles();
    });

    it('a column that is not there', async () => {
      assertError(
        await gpuparser(['export', '-t', 'customer', '--columns', 'id,nmae', '-o', output(), ...connection, '--quiet']),
        1,
        /nmae/,
      );
      await assertNoFiles();
    });

    it('a condition that is more than a condition', async () => {
      const owned = join(folder, 'owned');
      const condition = `true) TO PROGRAM 'touch ${owned}' --`;
      assertError(
        await gpuparser(['export', '-t', 'customer', '--where', condition, '-o', output(), ...connection, '--quiet']),
        2,
        /--where/,
      );
      assert.ok(!existsSync(owned));
      await assertNoFiles();
    });

    it('a file where the output folder should be', async () => {
      const file = join(folder, 'file');
      await writeFile(file, '');
      assertError(await gpuparser(['export', '-t', 'customer', '-o', file, ...connection, '--quiet']), 1, /file/);
    });

    it('a value that a policy forbids, with its column', async () => {
      const outcome = await gpuparser(['export', '-t', 'eternal', '-o', output(), ...connection, '--quiet']);
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /eternal.*until|until.*eternal/);
      assert.match(outcome.stderr, /hint: .*--infinity/);
      assert.deepEqual(
        (await readdir(output())).filter((name) => name.endsWith('.parquet')),
        [],
      );
      await rm(output(), { recursive: true });
    });
  });

  it('shows a plan for people and as JSON, and writes nothing', async () => {
    const text = await gpuparser(['export', '-t', 'customer', '--dry-run', '-o', output(), ...connection]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^public\.customer: table, about 5,000 rows, 3 columns/);
    assert.match(text.stdout, /\n {2}id +integer +INT32 /);
    const json = await gpuparser(['export', '-t', 'customer', '--dry-run', '--json', '-o', output(), ...connection]);
    const plan = JSON.parse(json.stdout) as Plan;
    assert.deepEqual([plan.version, plan.table, plan.stem, plan.estimatedRows], [1, 'public.customer', 'customer', 5000]);
    assert.ok(!existsSync(output()));
  });

  it('examines machine, engine, server and table', async () => {
    const { code, stdout, stderr } = await gpuparser(['doctor', '-t', 'customer', '--json', ...connection]);
    assert.equal(stderr, '');
    const { ok, checks } = JSON.parse(stdout) as Diagnosis;
    assert.deepEqual(
      checks.filter((check) => check.status === 'fail'),
      [],
    );
    assert.deepEqual([ok, code], [true, 0]);
    const found = new Map(checks.map((check) => [check.name, check.message]));
    assert.match(found.get('connection')!, new RegExp(`^postgres at 127\\.0\\.0\\.1:${server.port} as postgres, in \\d+ ms$`));
    assert.match(found.get('PostgreSQL')!, /^17\./);
    assert.match(found.get('connections')!, /^\d+ free under max_connections 100$/);
    assert.match(found.get('table')!, /^public\.customer: about 5,000 rows, 3 columns/);
  });

  it('fails an examination of what is not there', async () => {
    const table = await gpuparser(['doctor', '-t', 'custmer', ...connection]);
    assert.equal(table.code, 1);
    assert.match(table.stdout, /\nfail {2}table .*custmer/);
    const host = await gpuparser(['doctor', '-h', '127.0.0.1', '-P', `${await closedPort()}`]);
    assert.equal(host.code, 1);
    assert.match(host.stdout, /\nfail {2}connection .*127\.0\.0\.1/);
  });

  it('exports with a plan before and a summary after', async () => {
    const { code, stdout, stderr } = await gpuparser(['export', '-t', 'customer', '-o', output(), ...connection]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^cpu: \d+ cores.*\nwarning: Exported as STRING, .*: "balance" \(numeric\)\.\npublic\.customer: table, about 5,000 rows, .*\nto 1 file in .*\n$/,
    );
    assert.match(
      stdout,
      /^public\.customer: 5,000 rows, 1 file, .*\n.* rows\/s, .*\ntime: .*reading [\d.]+ s \(server \d+%, decode \d+%, encode \d+%, write \d+%\);/,
    );
    assert.deepEqual((await readdir(output())).sort(), ['_manifest.json', 'customer_chunk_0.parquet']);
  });

  it('refuses to replace an earlier run, and does with --overwrite, in silence with --quiet', async () => {
    assertError(await gpuparser(['export', '-t', 'customer', '-o', output(), ...connection, '--quiet']), 1, /customer/);
    assert.deepEqual(await gpuparser(['export', '-t', 'customer', '-o', output(), '--overwrite', ...connection, '--quiet']), {
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('prints one JSON object whose keys never change', async () => {
    const { code, stdout } = await gpuparser([
      'export',
      '-t',
      'customer',
      '-r',
      '1000',
      '-g',
      '2',
      '--device',
      'cpu',
      '-o',
      output(),
      '--overwrite',
      '--json',
      ...connection,
    ]);
    const summary = JSON.parse(stdout) as ExportSummary;
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(summary), [
      'table',
      'rows',
      'bytes',
      'seconds',
      'rowsPerSecond',
      'files',
      'failed',
      'warnings',
      'milliseconds',
    ]);
    const { start, connect, lock, plan, read, finish, ...work } = summary.milliseconds;
    assert.deepEqual(Object.keys(work), ['server', 'decode', 'encode', 'write']);
    const sum = start + connect + lock + plan + read + finish;
    assert.ok(Math.abs(sum - summary.seconds * 1000) < 100, `${sum} ms of ${summary.seconds} s`);
    assert.deepEqual(
      summary.files.map((file) => [Object.keys(file).join(), file.rows, file.device]),
      Array(2).fill(['path,rows,bytes,seconds,device', 500, 'cpu']),
    );
    assert.deepEqual([summary.table, summary.rows, summary.failed.length], ['public.customer', 1000, 0]);
  });

  it('prints an error as JSON too', async () => {
    const { code, stdout, stderr } = await gpuparser(['export', '-t', 'custmer', '--json', '-o', output(), ...connection]);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.deepEqual([code, error.code], [1, 'NOT_FOUND']);
    assert.ok(stderr.includes(`gpuparser: ${error.message}\n`));
  });

  it('merges and inspects what it exported', async () => {
    const chunks = [0, 1].map((index) => join(output(), `customer_chunk_${index}.parquet`));
    const merged = join(folder, 'customer.parquet');
    const outcome = await gpuparser(['merge', ...chunks, '-o', merged]);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /customer\.parquet: 1,000 rows, 2 row groups, .* from 2 files in /);
    assertError(await gpuparser(['merge', ...chunks, '-o', merged]), 1, /customer\.parquet exists/);
    const inspected = await gpuparser(['inspect', merged]);
    assert.match(inspected.stdout, /: 1,000 rows, 2 row groups, 3 columns, /);
    assert.match(inspected.stdout, /\n {2}id +INT32 /);
    const { files } = JSON.parse((await gpuparser(['inspect', '--json', merged])).stdout) as { files: FileDescription[] };
    assert.deepEqual(
      files.map((file) => [file.rows, file.rowGroups.length]),
      [[1000, 2]],
    );
  });

  it('names what is wrong with files that are not whole Parquet files', async () => {
    const whole = join(output(), 'customer_chunk_0.parquet');
    const bad: Record<string, (path: string) => Promise<void>> = {
      'text.parquet': (path) => writeFile(path, 'no Parquet at all, whatever its name says'),
      'empty.parquet': (path) => writeFile(path, ''),
      'truncated.parquet': async (path) => writeFile(path, (await bytesOf(whole)).subarray(0, -20)),
      'damaged.parquet': async (path) => {
        const bytes = await bytesOf(whole);
        bytes.fill(0xff, bytes.length - 40, bytes.length - 8);
        await writeFile(path, bytes);
      },
      'absent.parquet': async () => undefined,
    };
    const merged = join(folder, 'never.parquet');
    for (const [name, make] of Object.entries(bad)) {
      const path = join(folder, name);
      await make(path);
      for (const args of [
        ['inspect', path],
        ['merge', whole, path, '-o', merged],
      ])
        assertError(await gpuparser(args), 1, new RegExp(name.replace('.', '\\.')));
    }
    const some = await gpuparser(['inspect', join(folder, 'absent.parquet'), whole]);
    assert.equal(some.code, 1);
    assert.match(some.stdout, /customer_chunk_0\.parquet: 500 rows/);
    assert.ok(!existsSync(merged));
  });

  it("tells how long another session's lock was waited for, and gives no advice on what was not the matter", async () => {
    const other = await server.client();
    try {
      await other.query('BEGIN; LOCK TABLE customer IN ACCESS EXCLUSIVE MODE');
      const exported = gpuparser(['export', '-t', 'customer', '-o', join(folder, 'locked'), ...connection]);
      const waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND clock_timestamp() - query_start > '4 s'";
      await eventually(async () => (await server.value(waits)) !== '0');
      await other.query('COMMIT');
      const { code, stdout, stderr } = await exported;
      assert.equal(code, 0, stderr);
      const [, waited] = /\ntime: .*waiting for a lock ([\d.]+) s, .*reading .* \(server/.exec(stdout) ?? [];
      assert.ok(Number(waited) >= 3.9, stdout);
      assert.doesNotMatch(stdout, /helps|was the limit/);
    } finally {
      await other.end();
    }
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends with ${code} on ${signal}, its query cancelled and no file left`, async () => {
      const target = join(folder, signal);
      const child = start(['export', '--query', 'SELECT id, pg_sleep(1)::text AS nap FROM slow', '-o', target, ...connection]);
      const done = finished(child);
      await eventually(
        async () =>
          (await server.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep%' AND pid <> pg_backend_pid()")) !==
          '0',
      );
      child.kill(signal);
      const outcome = await done;
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, /\nStopping; press Ctrl-C again to stop at once\.\n/);
      assert.deepEqual(await readdir(target), []);
      await eventually(
        async () =>
          (await server.value(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()",
          )) === '0',
      );
    });
  }

  it('leaves a terminal clean whose window becomes narrower and where Ctrl-C is pressed', async () => {
    const steps = ['so far=>columns 60', 'so far=>columns 40', 'so far=>\u0003'];
    const command = ['export', '--query', 'SELECT id, pg_sleep(1)::text AS nap FROM slow', '-o', join(folder, 'terminal'), ...connection];
    const { parts, code, left } = await inTerminal(steps, [process.execPath, program, ...command]);
    assert.deepEqual({ code, left }, { code: 130, left: 0 });
    const screen = new Screen(100);
    for (const { text, columns } of parts) {
      if (columns === undefined) screen.write(text as string);
      else screen.narrow(columns);
    }
    assert.doesNotMatch(screen.text, /so far|rows\/s|\^C/);
    assert.match(screen.text, /\nStopping; press Ctrl-C again to stop at once\.\ngpuparser: The export was interrupted/);
  });
});

async function bytesOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Waits for a state another process brings about; gives up after 10 s. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('it did not come to pass in 10 s');
}
