import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { visibleGpus } from '../../src/engine/gpus.js';
import { program } from '../cli/program.js';
import { startServer, type TestServer } from '../support/server.js';
import { customer } from '../support/tables.js';

const run = promisify(execFile);
const script = path.resolve('examples/run_ray_multi_gpu.sh');
const combine = path.resolve('examples/combine_with_pandas.py');
const python = path.resolve('.venv/bin/python');

describe('the examples', () => {
  let folder: string;
  let server: TestServer;
  /** No PG* variable and no password file but what a test sets. */
  let bare: NodeJS.ProcessEnv;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-examples-'));
    server = await startServer({ hba: ['host all all all scram-sha-256'] });
    for (const statement of customer(25_000).statements) await server.sql(statement);
    await server.sql(
      `ALTER USER postgres PASSWORD 'postgres'; CREATE ROLE reader LOGIN PASSWORD 'se:cr\\et'; GRANT SELECT ON customer TO reader`,
    );
    bare = { PATH: process.env.PATH, HOME: folder, PGPORT: String(server.port), GPUPARSER_DEVICE: 'cpu' };
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const chunks = async (output: string) => (await readdir(path.join(folder, output))).filter((name) => name.endsWith('.parquet')).sort();
  const ids = async (...files: string[]) => {
    const all: bigint[] = [];
    for (const name of files) {
      const file = await asyncBufferFromFile(path.join(folder, name));
      for (const row of await parquetReadObjects({ file, columns: ['id'] })) all.push(row.id as bigint);
    }
    return all;
  };

  it('exports 10000 rows as user postgres with password postgres from localhost into ./ray_output when told only the table', async () => {
    const { stderr } = await run(script, ['-t', 'customer'], { cwd: folder, env: bare });
    assert.match(stderr, /local launcher/);
    assert.deepEqual(await chunks('ray_output'), ['customer_chunk_0.parquet']);
    const expected = await server.sql('SELECT id FROM customer ORDER BY ctid LIMIT 10000');
    assert.deepEqual(
      (await ids('ray_output/customer_chunk_0.parquet')).map(String),
      expected.map((row) => row.id),
    );
  });

  it("takes the guide's short and long options, and replaces the files of its earlier run", async () => {
    const flags = [
      '--table',
      'customer',
      '--rows=300',
      '-g',
      '3',
      '--output',
      'out',
      '-d',
      'postgres',
      '--user',
      'reader',
      '--password',
      'se:cr\\et',
      '--host',
      '127.0.0.1',
    ];
    await run(script, flags, { cwd: folder, env: bare });
    assert.equal((await chunks('out')).length, 3);
    await run(
      script,
      flags.map((flag) => (flag === '3' ? '2' : flag)),
      { cwd: folder, env: bare },
    );
    assert.deepEqual(await chunks('out'), ['customer_chunk_0.parquet', 'customer_chunk_1.parquet']);
    assert.equal((await ids('out/customer_chunk_0.parquet', 'out/customer_chunk_1.parquet')).length, 300);
  });

  it('lets PG* variables and the password file go before its own defaults', async () => {
    const passfile = path.join(folder, 'passfile');
    await writeFile(passfile, '# comment\nlocalhost:1:*:reader:wrong\nlocalhost:*:postgres:reader:se\\:cr\\\\et\n', { mode: 0o600 });
    await run(script, ['-t', 'customer', '-r', '7', '-o', 'from-passfile'], {
      cwd: folder,
      env: { ...bare, PGUSER: 'reader', PGPASSFILE: passfile },
    });
    assert.equal((await ids('from-passfile/customer_chunk_0.parquet')).length, 7);
    await run(script, ['-t', 'customer', '-r', '8', '-o', 'from-variables'], {
      cwd: folder,
      env: { ...bare, PGUSER: 'reader', PGPASSWORD: 'se:cr\\et' },
    });
    assert.equal((await ids('from-variables/customer_chunk_0.parquet')).length, 8);
  });

  it('falls back to its default password when the password file has no line for the connection', async () => {
    const passfile = path.join(folder, 'other');
    await writeFile(passfile, 'elsewhere:*:*:*:wrong\n', { mode: 0o600 });
    await run(script, ['-t', 'customer', '-r', '9', '-o', 'fallback'], { cwd: folder, env: { ...bare, PGPASSFILE: passfile } });
    assert.equal((await ids('fallback/customer_chunk_0.parquet')).length, 9);
  });

  it('refuses a missing table, a missing value and an unknown option with exit code 2', async () => {
    for (const flags of [[], ['-t'], ['-t', 'customer', '--frobnicate', '1']]) {
      await assert.rejects(run(script, flags, { cwd: folder, env: bare }), (error: { code?: number; stderr?: string }) => {
        assert.equal(error.code, 2);
        return /--help/.test(error.stderr ?? '');
      });
    }
  });

  it('takes values right behind short options, as the program does', async () => {
    const { PGPORT, ...rest } = bare;
    const flags = ['-tcustomer', '-r11', '-g2', '-oattached', '-dpostgres', '-ureader', '-pse:cr\\et', '-h127.0.0.1', `-P${PGPORT}`];
    await run(script, flags, { cwd: folder, env: rest });
    assert.equal((await ids('attached/customer_chunk_0.parquet', 'attached/customer_chunk_1.parquet')).length, 11);
  });

  it('passes options of export on, takes the port, and starts no Ray where there is no GPU', async (context) => {
    const { PGPORT, GPUPARSER_DEVICE: _, ...rest } = bare;
    const given = ['-t', 'customer', '-P', String(PGPORT), '--where=id > 5', '-o', 'passed', '-r', '7'];
    const cpu = await run(script, [...given, '--device', 'cpu', '-g', '2'], { cwd: folder, env: rest });
    assert.match(cpu.stderr, /local launcher/);
    assert.deepEqual(
      (await ids('passed/customer_chunk_0.parquet', 'passed/customer_chunk_1.parquet')).map(Number),
      [6, 7, 8, 9, 10, 11, 12],
    );
    if (visibleGpus().count > 0) return context.diagnostic('the rest is not run: a GPU is here');
    // A ray that would be started says so.
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    await writeFile(path.join(bin, 'ray'), '#!/bin/sh\ntouch "$RAY_WAS_STARTED"\nexit 1\n', { mode: 0o755 });
    const started = path.join(folder, 'started');
    const env = { ...rest, PATH: `${bin}:${rest.PATH}`, RAY_WAS_STARTED: started };
    assert.match((await run(script, given, { cwd: folder, env })).stderr, /no NVIDIA GPU is found: running on this machine/);
    await assert.rejects(run(script, [...given, '-g', '2'], { cwd: folder, env }), (error: { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1, error.stderr);
      return /--device cpu/.test(error.stderr ?? '');
    });
    await assert.rejects(readFile(started), { code: 'ENOENT' });
  });

  it('combines chunk files with pandas, every value and its type kept', async () => {
    await run(script, ['-t', 'customer', '-r', '12000', '-g', '2'], { cwd: folder, env: bare });
    const { stdout } = await run(python, [combine], { cwd: folder });
    assert.match(stdout, /^12000 rows of 2 files/);
    const same = `
import pyarrow, pyarrow.parquet as parquet
parts = pyarrow.concat_tables([parquet.read_table(f"ray_output/customer_chunk_{i}.parquet") for i in (0, 1)])
whole = parquet.read_table("combined/customer.parquet")
for name in parts.column_names:
    left, right = parts[name], whole[name]
    assert left.cast(pyarrow.string() if right.type == pyarrow.string() else right.type).combine_chunks().to_pylist() == right.combine_chunks().to_pylist(), name
    assert str(left.type) == str(right.type) or "extension" in str(left.type), (name, left.type, right.type)
print(parts.num_rows == whole.num_rows == 12000)`;
    assert.equal((await run(python, ['-c', same], { cwd: folder })).stdout.trim(), 'True');
  });

  it("combines chunks with the Japanese guide's own lines: in order, with all digits, and not among the chunks", async () => {
    const guide = await readFile(path.resolve('README.ja.md'), 'utf8');
    const snippet = /```python\n([\s\S]*?)```/.exec(guide)?.[1] ?? assert.fail('the guide has no Python');
    await server.sql(`CREATE SCHEMA big; CREATE TABLE big.customer AS
      SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE 9007199254740993 + i END AS id, i::int AS n FROM generate_series(1, 2600) i`);
    const place = path.join(folder, 'guide');
    await mkdir(place);
    await run(process.execPath, [program, 'export', '-t', 'big.customer', '-r', '2600', '--chunks', '13', '-h', 'localhost', '--quiet'], {
      cwd: place,
      env: { ...bare, PGUSER: 'postgres', PGPASSWORD: 'postgres', PGDATABASE: 'postgres' },
    });
    await run(python, ['-c', snippet], { cwd: place });
    const read =
      'import pyarrow.parquet as p; print([[str(v) for v in c.to_pylist()] for c in p.read_table("combined/customer.parquet").columns])';
    const { stdout } = await run(python, ['-c', read], { cwd: place, maxBuffer: 1 << 26 });
    const rows = await server.sql('SELECT id::text, n::text FROM big.customer ORDER BY ctid');
    assert.deepEqual(JSON.parse(stdout.replaceAll("'", '"')), [rows.map(({ id }) => id ?? 'None'), rows.map(({ n }) => n)]);
    assert.equal((await readdir(path.join(place, 'ray_output'))).filter((name) => name.endsWith('.parquet')).length, 13);
  });

  it('says which pattern matched no file when there is nothing to combine', async () => {
    await assert.rejects(run(python, [combine, 'nothing_*.parquet'], { cwd: folder }), (error: { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1);
      return /No file matches nothing_\*\.parquet/.test(error.stderr ?? '');
    });
  });
});
