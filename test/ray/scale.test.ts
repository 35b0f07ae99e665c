import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ChunkPlan } from '../../src/plan/plan.js';
import { openCluster } from '../../src/ray/cluster.js';
import { RayFleet } from '../../src/ray/fleet.js';
import type { FleetHooks } from '../../src/run/fleet.js';
import type { WorkerRequest } from '../../src/run/protocol.js';

const modules = path.resolve('src/ray');
const simulated = path.resolve('test/ray/simulated');

/** A dashboard whose job is the real driver over simulated lanes. */
class SimulatedCluster {
  readonly folder: string;
  readonly settings: { chunkMs: number; progressPerChunk: number };
  readonly server: http.Server;
  driver: ChildProcess | undefined;
  sentBytes = 0;

  constructor(folder: string, settings: { chunkMs: number; progressPerChunk: number }) {
    this.folder = folder;
    this.settings = settings;
    this.server = http.createServer((request, response) => this.#answer(request, response));
  }

  get log(): string {
    return path.join(this.folder, 'log');
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method, url = '' } = request;
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const send = (value: object | string) => {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        this.sentBytes += text.length;
        response.end(text);
      };
      if (url === '/api/version') send({ ray_version: '2.60.0' });
      else if (url.startsWith('/api/v0/nodes'))
        send({ data: { result: { result: [{ node_id: 'a', node_ip: 'x', state: 'ALIVE', resources_total: { CPU: 64 } }] } } });
      else if (method === 'PUT') {
        // Whole at once under its name, as in Ray's store.
        writeFileSync(path.join(this.folder, 'put'), Buffer.concat(parts));
        renameSync(path.join(this.folder, 'put'), path.join(this.folder, 'store', path.basename(url)));
        send('');
      } else if (url.startsWith('/api/packages/')) send('');
      else if (method === 'POST' && url === '/api/jobs/') {
        const [run, placing] = JSON.parse(Buffer.concat(parts).toString()).entrypoint.split(' ').slice(-2);
        this.#start(run, placing.slice(1, -1));
        send({});
      } else if (url.endsWith('/logs')) send({ logs: existsSync(this.log) ? readFileSync(this.log, 'utf8') : '' });
      else if (url.startsWith('/api/v0/logs/file')) {
        const lines = Number(new URL(url, 'http://x').searchParams.get('lines'));
        send(
          readFileSync(this.log, 'utf8')
            .split(/(?<=\n)/)
            .slice(-lines)
            .join(''),
        );
      } else send({ status: this.driver?.exitCode === null ? 'RUNNING' : 'SUCCEEDED', message: '' });
    });
  }

  #start(run: string, placing: string): void {
    const out = openSync(this.log, 'a');
    this.driver = spawn('python3', ['-m', 'gpuparser_driver', run, placing], {
      cwd: modules,
      env: {
        ...process.env,
        PYTHONPATH: simulated,
        PYTHONDONTWRITEBYTECODE: '1',
        SIMULATED: JSON.stringify(this.settings),
        SIMULATED_STORE: path.join(this.folder, 'store'),
      },
      stdio: ['ignore', out, 'inherit'],
    });
    closeSync(out);
  }
}

describe('a large export over Ray, with simulated lanes', { timeout: 120_000 }, () => {
  let folder: string;
  let cluster: SimulatedCluster;
  let fleet: RayFleet | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-scale-'));
    await mkdir(path.join(folder, 'store'));
  });
  afterEach(async () => {
    await fleet?.stop();
    cluster.driver?.kill('SIGKILL');
    cluster.server.close();
    cluster.server.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });

  const exportChunks = async (count: number, lanes: number, settings: SimulatedCluster['settings']) => {
    cluster = new SimulatedCluster(folder, settings);
    await new Promise<void>((resolve) => cluster.server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(cluster.server.address() as { port: number }).port}`;
    const done = new Set<number>();
    const columns = Array.from({ length: 16 }, (_, at) => ({
      name: `column_${at}`,
      expression: `"column_${at}"`,
      postgresType: 'numeric(15,2)',
      parquetType: 'DECIMAL(15,2)',
    }));
    const plan = { stem: 't', jobs: lanes, writer: {}, snapshot: {}, columns };
    const hooks: FleetHooks = {
      prologue: () =>
        [
          { type: 'prepare' },
          { type: 'plan', plan, place: folder, connection: { host: 'db', ssl: {} }, connections: 1 },
        ] as unknown as WorkerRequest[],
      onDone: ({ index }) => {
        assert.ok(!done.has(index), `chunk ${index} was done twice`);
        done.add(index);
      },
      onRetry: () => assert.fail('nothing fails'),
      onNotice: () => undefined,
      onWarning: (text) => assert.fail(text),
    };
    const opened = await openCluster({ rayAddress: address }, { HOME: folder });
    const names = Array<string>(lanes).fill('cpu');
    fleet = new RayFleet({
      cluster: opened,
      lanes: { names, reason: '', threads: 1, resources: { cpus: 1 } },
      options: {},
      hooks,
      package: async () => ({ uri: 'gcs://_ray_pkg_x.zip', entries: [] }),
    });
    const scan = {
      relation: '"public"."lineitem"',
      select: columns.map(({ expression }) => expression).join(', '),
      from: 'ONLY "public"."lineitem"',
      range: { from: { page: 1, line: 0 }, pages: 100 },
    };
    const chunks: ChunkPlan[] = Array.from({ length: count }, (_, index) => ({
      index,
      file: `lineitem_chunk_${index}.parquet`,
      scans: [scan],
    }));
    fleet.start();
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const started = performance.now();
    const failures = await fleet.run(chunks).finally(() => clearInterval(timer));
    assert.deepEqual(failures, []);
    assert.equal(done.size, count);
    return {
      peakMiB: peak / 2 ** 20,
      logBytes: statSync(cluster.log).size,
      sentBytes: cluster.sentBytes,
      seconds: (performance.now() - started) / 1000,
    };
  };

  it('of 1,000 chunks on 64 lanes keeps the client under 200 MB, its traffic bounded, and one chunk per lane in flight', async () => {
    const { peakMiB, logBytes, sentBytes, seconds } = await exportChunks(1000, 64, { chunkMs: 500, progressPerChunk: 4 });
    console.log(
      `# 1,000 chunks, 64 lanes: ${seconds.toFixed(1)} s, client ${peakMiB.toFixed(0)} MiB, log ${(logBytes / 1e3).toFixed(0)} kB, sent ${(sentBytes / 1e6).toFixed(1)} MB`,
    );
    assert.ok(peakMiB < 200);
    // An event of 400 bytes for each chunk, and progress of 64 lanes twice a second.
    assert.ok(logBytes < 1000 * 400 + seconds * 2 * 64 * 30 + 64 * 400, `${logBytes} bytes of log`);
    assert.ok(sentBytes < 20e6);
  });

  it('handles a plan of 10,000 chunks', async () => {
    const { peakMiB, logBytes, sentBytes, seconds } = await exportChunks(10_000, 64, { chunkMs: 20, progressPerChunk: 0 });
    console.log(
      `# 10,000 chunks, 64 lanes: ${seconds.toFixed(1)} s, client ${peakMiB.toFixed(0)} MiB, log ${(logBytes / 1e3).toFixed(0)} kB, sent ${(sentBytes / 1e6).toFixed(1)} MB`,
    );
    assert.ok(peakMiB < 200);
    assert.ok(logBytes < 10_000 * 400);
  });
});
