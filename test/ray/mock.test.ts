import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { GpuParserError } from '../../src/errors.js';
import { openCluster } from '../../src/ray/cluster.js';
import type { DriverEvent } from '../../src/ray/events.js';
import { RayHttp } from '../../src/ray/http.js';
import { stopJob, submitJob } from '../../src/ray/job.js';
import { JobLog } from '../../src/ray/job-log.js';
import { uploadPackage } from '../../src/ray/package.js';
import { until } from '../support/ray.js';

type Answer = (request: http.IncomingMessage, body: Buffer) => { status?: number; text: string } | undefined;

/** Answers as a Ray 2.60 dashboard does, as far as a test says. */
class Dashboard {
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: Buffer;
  }[] = [];
  readonly routes: Record<string, Answer> = {
    'GET /api/version': () => ({ text: '{"version": "4", "ray_version": "2.60.0", "ray_commit": "b7f4", "session_name": "s"}' }),
    'GET /api/v0/nodes': () => ({ text: NODES }),
  };
  server!: http.Server;
  url!: URL;

  async start(): Promise<void> {
    this.server = http.createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        const { method = '', url = '', headers } = request;
        this.requests.push({ method, url, headers, body });
        const route = Object.keys(this.routes).find((key) => `${method} ${url}`.startsWith(key));
        const answer = route === undefined ? { status: 404, text: 'Not found' } : this.routes[route]!(request, body);
        if (answer === undefined) return request.socket.destroy();
        response.writeHead(answer.status ?? 200).end(answer.text);
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = new URL(`http://127.0.0.1:${(this.server.address() as { port: number }).port}`);
  }
}

const NODES = JSON.stringify({
  result: true,
  data: {
    result: {
      result: [
        { node_id: 'a', node_ip: '192.0.2.2', state: 'ALIVE', resources_total: { CPU: 4, memory: 1e10 } },
        { node_id: 'b', node_ip: '192.0.2.3', state: 'DEAD', resources_total: { CPU: 4, GPU: 8 } },
      ],
    },
  },
});

function refusal(code: string, pattern: RegExp) {
  return (error: unknown) => error instanceof GpuParserError && error.code === code && pattern.test(`${error.message} | ${error.hint}`);
}

describe('the client of the dashboard', () => {
  let dashboard: Dashboard;
  let client: RayHttp;

  beforeEach(async () => {
    dashboard = new Dashboard();
    await dashboard.start();
    client = new RayHttp(dashboard.url, undefined);
  });
  afterEach(() => {
    client.close();
    dashboard.server.close();
    dashboard.server.closeAllConnections();
  });

  const open = (environment: NodeJS.ProcessEnv = {}) =>
    openCluster({ rayAddress: dashboard.url.href }, { HOME: '/nowhere', ...environment });

  it('reads what lives in the cluster, and sends nothing that a browser would', async () => {
    const { nodes, rayVersion } = await open({ RAY_AUTH_TOKEN: 'abc' });
    assert.equal(rayVersion, '2.60.0');
    assert.deepEqual(nodes, [{ id: 'a', address: '192.0.2.2', cpus: 4, gpus: 0, memoryBytes: 1e10 }]);
    for (const { headers } of dashboard.requests)
      assert.deepEqual(Object.keys(headers).sort(), ['authorization', 'connection', 'host', 'user-agent']);
  });

  it('turns each refusal into what to do about it', async () => {
    const version = (status: number, text: string) => (dashboard.routes['GET /api/version'] = () => ({ status, text }));
    version(401, 'Unauthorized: Missing authentication token');
    await assert.rejects(open(), refusal('AUTH', /none was found.*--ray-token-file/));
    version(403, 'Forbidden: Invalid authentication token');
    await assert.rejects(
      open({ RAY_AUTH_TOKEN: 'wrong-one' }),
      (error: GpuParserError) => refusal('AUTH', /RAY_AUTH_TOKEN/)(error) && !error.message.includes('wrong-one'),
    );
    version(405, "'POST' method not allowed for browser traffic.");
    await assert.rejects(open(), refusal('CONNECT', /browser.*proxy/));
    version(200, '{"version": "4", "ray_version": "2.9.3"}');
    await assert.rejects(open(), refusal('DEVICE', /runs Ray 2\.9\.3; version 2\.\d+ or newer is needed.*pip install -U/));
    version(200, '<html>');
    await assert.rejects(open(), refusal('CONNECT', /not JSON.*--ray-address/));
    version(200, '{}');
    await assert.rejects(open(), refusal('CONNECT', /not Ray's dashboard/));
    dashboard.routes['GET /api/version'] = () => undefined;
    await assert.rejects(open(), refusal('CONNECT', /cannot be reached/));
  });

  it('warns when secrets would cross a network in the clear', async () => {
    const warnings = async (options: object, environment = {}) => {
      return (await openCluster({ rayAddress: dashboard.url.href, ...options }, { HOME: '/nowhere', ...environment })).warnings;
    };
    assert.deepEqual(await warnings({}), []);
    // Leads to this machine, but does not look so.
    dashboard.url.hostname = '0.0.0.0';
    assert.match((await warnings({}))[0] as string, /not encrypted: whoever can change what passes can take the database's password/);
    assert.match(
      (await warnings({}, { RAY_AUTH_TOKEN: 'abc' }))[0] as string,
      /Ray's token can be read on the way, and whoever .* password/,
    );
    assert.match(
      (await warnings({ raySecretFrom: 'node' }, { RAY_AUTH_TOKEN: 'abc' }))[0] as string,
      /Ray's token can be read on the way\./,
    );
    assert.deepEqual(await warnings({ raySecretFrom: 'node' }), []);
  });

  it('uploads a package once', async () => {
    let there = false;
    dashboard.routes['GET /api/packages/gcs/_ray_pkg_x.zip'] = () => ({ status: there ? 200 : 404, text: '' });
    dashboard.routes['PUT /api/packages/gcs/_ray_pkg_x.zip'] = () => {
      there = true;
      return { text: '' };
    };
    const made = { uri: 'gcs://_ray_pkg_x.zip', entries: [{ name: 'a', bytes: Buffer.from('a') }] };
    await uploadPackage(client, made);
    await uploadPackage(client, made);
    const puts = dashboard.requests.filter(({ method }) => method === 'PUT');
    assert.equal(puts.length, 1);
    assert.equal(puts[0]!.headers['content-type'], 'application/octet-stream');
    assert.equal(puts[0]!.body.subarray(0, 2).toString(), 'PK');
  });

  it('repeats a submission whose answer was lost, and attaches when the job is there', async () => {
    let posts = 0;
    dashboard.routes['POST /api/jobs/'] = () =>
      ++posts === 1
        ? undefined
        : {
            status: 500,
            text: 'Traceback ...\nValueError: Job with submission_id gpuparser-1 already exists. Please use a different submission_id.',
          };
    await submitJob(client, { submissionId: 'gpuparser-1', entrypoint: 'python driver.py', workingDir: 'gcs://x' });
    assert.equal(posts, 2);
    assert.deepEqual(JSON.parse(dashboard.requests.at(-1)!.body.toString()), {
      entrypoint: 'python driver.py',
      submission_id: 'gpuparser-1',
      runtime_env: { working_dir: 'gcs://x' },
    });
    dashboard.routes['POST /api/jobs/'] = () => ({ status: 400, text: 'Traceback\nTypeError: unexpected key' });
    await assert.rejects(
      submitJob(client, { submissionId: 'gpuparser-2', entrypoint: '', workingDir: '' }),
      refusal('SERVER', /400: TypeError: unexpected key/),
    );
  });

  it('repeats a stop that changed nothing because the job was still pending', async () => {
    let [stops, reads] = [0, 0];
    dashboard.routes['POST /api/jobs/gpuparser-1/stop'] = () => ({ text: `{"stopped": ${++stops > 0}}` });
    dashboard.routes['GET /api/jobs/gpuparser-1'] = () => ({
      text: JSON.stringify({ status: stops < 2 ? (reads++ < 1 ? 'PENDING' : 'PENDING') : 'STOPPED', message: null }),
    });
    assert.equal(await stopJob(client, 'gpuparser-1'), true);
    assert.equal(stops, 2);
  });

  const line = (event: object) => `\u001e${JSON.stringify(event)}\n`;
  const notice = (n: number) => ({ n, ev: 'notice', text: `notice ${n}` });
  const started = { n: 0, ev: 'started', ray: '2.60.0', python: '3.12', node: 'cafe' };
  const follow = (log: { text: string }, end?: (lines: number) => { status?: number; text: string }) => {
    const heard: DriverEvent[] = [];
    dashboard.routes['GET /api/jobs/gpuparser-1/logs'] = () => ({ text: JSON.stringify({ logs: log.text }) });
    if (end) {
      dashboard.routes['GET /api/v0/logs/file?node_id=cafe&filename=job-driver-gpuparser-1.log&lines='] = ({ url }) =>
        end(Number(/lines=(\d+)$/.exec(url as string)?.[1]));
    }
    const job = new JobLog(client, 'gpuparser-1', (event) => heard.push(event));
    const ended = job.follow();
    return { heard, job, ended };
  };
  const lastLines = (text: string, lines: number) => ({
    text: text
      .split(/(?<=\n)/)
      .slice(-lines)
      .join(''),
  });

  it("tells each line of the log once, in order, past text that is not the driver's", async () => {
    const log = {
      text: `2026-11-23 INFO Runtime env is setting up.\nRunning entrypoint for job gpuparser-1: python driver.py\n${line(notice(0))}`,
    };
    const { heard, job, ended } = follow(log);
    await until(() => heard.length === 1, 5000, 'the first line');
    log.text += `(raylet) a node died\n*** stack ***\n${line(notice(1))}\u001e{"n":2,"ev":"no`;
    await until(() => heard.length === 2, 5000, 'the second line');
    log.text += `tice","text":"notice 2"}\n`;
    await until(() => heard.length === 3, 5000, 'the third line');
    job.close();
    await ended;
    assert.deepEqual(heard, [notice(0), notice(1), notice(2)]);
  });

  it("reads only the log's end once it knows where the driver runs, and further back when that misses lines", async () => {
    const log = { text: line(started) };
    const asked: number[] = [];
    const { heard, job, ended } = follow(log, (lines) => {
      asked.push(lines);
      return lastLines(log.text, lines);
    });
    await until(() => asked.length >= 2, 5000, "the log's end");
    const wholes = () => dashboard.requests.filter(({ url }) => url.endsWith('/gpuparser-1/logs')).length;
    const before = wholes();
    for (let n = 1; n < 1000; n++) log.text += line(notice(n));
    await until(() => heard.length === 1000, 5000, 'all lines');
    log.text += line(notice(1000));
    await until(() => heard.length === 1001, 5000, 'one more');
    job.close();
    await ended;
    assert.deepEqual(heard, [started, ...Array.from({ length: 1000 }, (_, n) => notice(n + 1))]);
    assert.deepEqual([...new Set(asked)].sort((a, b) => a - b).slice(0, 3), [100, 400, 1600]);
    assert.equal(wholes(), before);
  });

  it('goes on with the whole log where its end is refused or arrives damaged', async () => {
    for (const [status, damage] of [
      [500, ''],
      [200, '1'],
    ] as const) {
      const log = { text: line(started) };
      let asked = 0;
      const { heard, job, ended } = follow(log, (lines) => {
        asked++;
        // As older Rays put a byte before each piece that they sent.
        return { status, text: lastLines(log.text, lines).text.replace('"notice', `${damage}"notice`) };
      });
      await until(() => asked > 0, 5000, "the request for the log's end");
      for (let n = 1; n < 10; n++) log.text += line(notice(n));
      await until(() => heard.length === 10, 8000, 'all lines');
      job.close();
      await ended;
      assert.deepEqual(heard, [started, ...Array.from({ length: 9 }, (_, n) => notice(n + 1))]);
    }
  });
});

describe('the folder of a failed start', () => {
  it('is not made', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-mock-'));
    const { exportTable } = await import('../../src/index.js');
    const options = { table: 't', cluster: 'ray' as const, rayAddress: 'http://127.0.0.1:9', output: path.join(folder, 'out') };
    await assert.rejects(exportTable(options), refusal('CONNECT', /cannot be reached/));
    assert.deepEqual(await readdir(folder), []);
    await rm(folder, { recursive: true });
  });
});
