import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { startProxy } from '../support/proxy.js';
import { kill, type RayHead, startHead, until } from '../support/ray.js';
import { startServer, type TestServer } from '../support/server.js';

const program = path.resolve('bin/gpuparser.js');
const PASSWORD = 'ray-Geheim-4711';
/** Each row takes half a millisecond, or two: chunks that are long enough to be disturbed. */
const SLOW = ['--where', 'pg_sleep(0.0005) IS NOT NULL'];
const SLOWER = ['--where', 'pg_sleep(0.002) IS NOT NULL'];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('an export over a Ray cluster', { timeout: 600_000 }, () => {
  let folder: string;
  let server: TestServer;
  let head: RayHead;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-cluster-'));
    [server, head] = await Promise.all([startServer({ hba: ['host all all all scram-sha-256'] }), startHead({ cpus: 2 })]);
    await server.sql(`ALTER USER postgres PASSWORD '${PASSWORD}'`);
    await server.sql("CREATE TABLE t AS SELECT i AS id, 'row ' || i AS name FROM generate_series(1, 20000) i");
    await server.sql(
      "CREATE TABLE bad AS SELECT i AS id, (CASE WHEN i = 9000 THEN 'NaN' ELSE '1.5' END)::numeric(9,2) AS n FROM generate_series(1, 9000) i",
    );
    await server.sql('ANALYZE');
  });
  after(async () => {
    await Promise.all([head?.stop(), server?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const start = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): { child: ChildProcess; ended: Promise<Ended> } => {
    const usual = { '-h': '127.0.0.1', '-P': String(server.port), '--device': 'cpu', '--cluster': 'ray' };
    const more = Object.entries(usual).filter(([flag]) => !args.includes(flag));
    const child = spawn(process.execPath, [program, 'export', '-u', 'postgres', '-d', 'postgres', '--overwrite', ...more.flat(), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, PGPASSWORD: PASSWORD, RAY_API_SERVER_ADDRESS: head.address, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (text) => (stdout += text));
    child.stderr?.on('data', (text) => (stderr += text));
    return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))) };
  };
  const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => start(args, environment).ended;

  const files = async (output: string) => (await readdir(path.join(folder, output))).sort();
  const ids = async (output: string) => {
    const all: number[] = [];
    for (const name of (await files(output)).filter((file) => file.endsWith('.parquet'))) {
      const file = await asyncBufferFromFile(path.join(folder, output, name));
      for (const row of await parquetReadObjects({ file, columns: ['id'] })) all.push(Number(row.id));
    }
    return all.sort((a, b) => a - b);
  };
  const everyId = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
  const jobs = async () => (await head.get('/api/jobs/')) as { submission_id: string; status: string }[];
  /** Connections of exports that the server still has. */
  const connections = () =>
    server.value(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'gpuparser%' AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );

  const busyWorkers = async (count: number) => {
    await until(() => head.workers().length >= count, 60_000, `${count} workers`);
    await until(
      async () =>
        Number(await server.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'")) >= count,
      60_000,
      'their COPY',
    );
  };
  const quiet = async () => {
    await until(() => head.workers().length === 0, 20_000, 'the workers to end');
    await until(async () => (await connections()) === '0', 20_000, 'the connections to close');
  };

  it('gives the files, manifest and summary of a local run', async () => {
    const ray = await run(['-t', 't', '-o', 'ray', '-g', '3', '--json']);
    assert.equal(ray.code, 0, ray.stderr);
    const local = await run(['-t', 't', '-o', 'local', '-g', '3', '--json', '--cluster', 'local']);
    assert.equal(local.code, 0, local.stderr);
    assert.deepEqual(await files('ray'), ['_manifest.json', 't_chunk_0.parquet', 't_chunk_1.parquet', 't_chunk_2.parquet']);
    assert.deepEqual(await files('ray'), await files('local'));
    assert.deepEqual(await ids('ray'), everyId(20_000));
    const [one, other] = [JSON.parse(ray.stdout), JSON.parse(local.stdout)];
    assert.deepEqual(Object.keys(one), Object.keys(other));
    const facts = ({ table, rows, bytes, files: list, failed, warnings }: typeof one) => {
      const chunks = list.map(
        ({ path: file, rows: count, bytes: size, device }: { path: string; rows: number; bytes: number; device: string }) => [
          path.basename(file),
          count,
          size,
          device,
        ],
      );
      return { table, rows, bytes, chunks, failed, warnings };
    };
    assert.deepEqual(facts(one), facts(other));
    // Each run has a snapshot of its own, which its files name: so their checksums differ too.
    const own = new Set(['finishedAt', 'snapshot', 'crc32']);
    const entry = async (output: string) =>
      JSON.parse(await readFile(path.join(folder, output, '_manifest.json'), 'utf8'), (key, value) => (own.has(key) ? undefined : value));
    assert.deepEqual(await entry('ray'), await entry('local'));
    await quiet();
  });

  it('says of a small table that Ray took the time, not the disk nor the server', async () => {
    const { code, stdout, stderr } = await run(['-t', 't', '-r', '1000', '-o', 'few']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\ntime: Ray's start [\d.]+ s, .*reading [\d.]+ s \(server/);
    assert.doesNotMatch(stdout, /faster disk|more --jobs|more cores/);
    await quiet();
  });

  it('keeps the other chunks when one always fails, names it, and ends with 1', async () => {
    const { code, stderr, stdout } = await run(['-t', 'bad', '-o', 'bad', '--chunks', '3', '--ray-workers', '1', '--json']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /bad_chunk_2\.parquet\) failed: .*"?n"?/);
    assert.deepEqual(await files('bad'), ['_manifest.json', 'bad_chunk_0.parquet', 'bad_chunk_1.parquet']);
    assert.deepEqual(
      JSON.parse(stdout).failed.map(({ chunk }: { chunk: number }) => chunk),
      [2],
    );
    await quiet();
  });

  it('survives a killed worker and a killed Ray worker', async () => {
    const { ended } = start(['-t', 't', '-o', 'killed', '-g', '2', '--jobs', '2', ...SLOW]);
    await busyWorkers(2);
    const [first, second] = head.workers();
    kill(first!.pid, 'SIGKILL');
    kill(second!.parent, 'SIGKILL');
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /retry 2 of chunk/);
    assert.match(stderr, /was lost \(/);
    assert.deepEqual(await ids('killed'), everyId(20_000));
    assert.deepEqual(await files('killed'), ['_manifest.json', 't_chunk_0.parquet', 't_chunk_1.parquet']);
    await quiet();
  });

  it('survives the loss of a node in the middle of a chunk', async () => {
    const node = await head.addNode({ cpus: 2 });
    const { ended } = start(['-t', 't', '-o', 'lost', '-g', '2', '--ray-workers', '2', '--jobs', '2', ...SLOW]);
    await busyWorkers(2);
    node.lose();
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /was lost \(/);
    assert.deepEqual(await ids('lost'), everyId(20_000));
    assert.equal((await files('lost')).length, 3);
    await node.stop();
    await quiet();
  });

  it('says so when its job is stopped from outside', async () => {
    const { ended } = start(['-t', 't', '-o', 'stopped', '-g', '2', ...SLOW]);
    await busyWorkers(2);
    const running = (await jobs()).find(({ status }) => status === 'RUNNING');
    await fetchPost(`${head.address}/api/jobs/${running?.submission_id}/stop`);
    const { code, stderr } = await ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /was stopped from outside/);
    assert.deepEqual(await files('stopped'), []);
    await quiet();
  });

  it('stops the job, removes unfinished files and closes the snapshot on Ctrl-C', async () => {
    const { child, ended } = start(['-t', 't', '-o', 'interrupted', '-g', '2', ...SLOW]);
    await busyWorkers(2);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.deepEqual(await files('interrupted'), []);
    assert.ok((await jobs()).every(({ status }) => status !== 'RUNNING' && status !== 'PENDING'));
    await quiet();
  });

  it('ends its lanes by itself when the client is killed, and leaves nothing partial under a final name', async () => {
    const { child, ended } = start(['-t', 't', '-o', 'orphaned', '-g', '2', ...SLOWER]);
    await busyWorkers(2);
    child.kill('SIGKILL');
    await ended;
    await until(async () => (await jobs()).every(({ status }) => status !== 'RUNNING'), 60_000, 'the job to end');
    await quiet();
    assert.deepEqual(
      (await files('orphaned')).filter((name) => name.endsWith('.parquet')),
      [],
    );
  });

  it('refuses a cluster without GPUs before anything starts', async () => {
    const before = (await jobs()).length;
    const { code, stderr } = await run(['-t', 't', '-o', 'gpu', '--device', 'cuda']);
    assert.equal(code, 1);
    assert.match(stderr, /has no GPU \(nodes: .*: 2 CPU, 0 GPU\)/);
    assert.equal((await jobs()).length, before);
  });

  it('names the nodes when the server cannot be reached from them', async () => {
    // Lets the coordinator through and nobody else, as "localhost" does when the nodes are other machines.
    let admitted = 0;
    const gate = createServer((socket) => {
      socket.on('error', () => undefined);
      if (admitted++ > 0) return socket.destroy();
      const onward = connect(server.port, '127.0.0.1').on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(gate, 'listening');
    try {
      const { code, stderr } = await run(['-t', 't', '-o', 'unreachable', '-P', String((gate.address() as { port: number }).port)]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /On Ray node \d+\.\d+\.\d+\.\d+: .*closed the connection/);
      assert.match(stderr, /hint: The workers connect from their own nodes.* give --host a name or address that all nodes reach/);
      assert.deepEqual(await files('unreachable'), []);
    } finally {
      gate.close();
    }
  });

  it("follows the job all the same where the log's end cannot be asked for", async () => {
    const proxy = await startProxy(head.address, (_, url) => (url.startsWith('/api/v0/logs/') ? 403 : undefined));
    try {
      const { code, stderr } = await run(['-t', 't', '-o', 'whole', '-g', '2', '--ray-address', proxy.address, '--verbose', ...SLOW]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /worker 0: node \d/);
      assert.deepEqual(await ids('whole'), everyId(20_000));
      const of = (start: string) => proxy.exchanges.filter(({ path: url }) => url.startsWith(start)).length;
      // Refused a few times, then not asked for again.
      assert.equal(of('/api/v0/logs/file'), 3);
      assert.ok(proxy.exchanges.filter(({ path: url }) => url.endsWith('/logs')).length > 5);
    } finally {
      proxy.close();
    }
    await quiet();
  });

  it('says clearly what is wrong with an address', async () => {
    const { code, stderr } = await run(['-t', 't', '--ray-address', 'http://127.0.0.1:9']);
    assert.equal(code, 3);
    assert.match(stderr, /dashboard at http:\/\/127\.0\.0\.1:9 cannot be reached/);
    assert.ok(!existsSync(path.join(folder, 'ray_output')));
  });
});

async function fetchPost(url: string): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    request(url, { method: 'POST' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end('{}');
  });
}
