import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { type HttpProxy, startProxy } from '../support/proxy.js';
import { type RayHead, startHead } from '../support/ray.js';
import { startServer, type TestServer } from '../support/server.js';

const program = path.resolve('bin/gpuparser.js');
const PASSWORD = 'Geheim-8d1f0c5e77aa';
const TOKEN = '5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99';

const ENDPOINTS = [
  '/api/jobs/',
  '/api/v0/actors?detail=1',
  '/api/v0/tasks?detail=1',
  '/api/v0/jobs?detail=1',
  '/api/v0/workers?detail=1',
  '/api/v0/objects?detail=1',
  '/api/v0/runtime_envs?detail=1',
  '/api/v0/nodes?detail=1',
  '/api/v0/placement_groups?detail=1',
  '/api/cluster_status',
  '/api/snapshot',
  '/events',
];

describe('the secrets of an export over Ray', { timeout: 300_000 }, () => {
  let folder: string;
  let server: TestServer;
  let head: RayHead;
  /** Between the client and the dashboard. */
  let proxy: HttpProxy;
  let tokenFile: string;
  let lostAnswers = 0;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-secrets-'));
    tokenFile = path.join(folder, 'token');
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    [server, head] = await Promise.all([startServer({ hba: ['host all all all scram-sha-256'] }), startHead({ cpus: 2, token: TOKEN })]);
    await server.sql(`ALTER USER postgres PASSWORD '${PASSWORD}'; CREATE TABLE t AS SELECT generate_series(1, 3000) AS id; ANALYZE t`);
    proxy = await startProxy(head.address, (method, url) => {
      return method === 'POST' && url === '/api/jobs/' && lostAnswers > 0 && lostAnswers-- > 0 ? 'lose' : undefined;
    });
  });
  after(async () => {
    proxy?.close();
    await Promise.all([head?.stop(), server?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const run = (
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    during: () => void = () => undefined,
  ): Promise<{ code: number | null; stderr: string }> => {
    const where = [
      '-t',
      't',
      '-h',
      '127.0.0.1',
      '-P',
      String(server.port),
      '-u',
      'postgres',
      '-d',
      'postgres',
      '--device',
      'cpu',
      '--overwrite',
      '--verbose',
    ];
    const child = spawn(process.execPath, [program, 'export', ...where, '--cluster', 'ray', '--ray-address', proxy.address, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setInterval(during, 100);
    let stderr = '';
    child.stdout.resume();
    child.stderr.on('data', (text) => (stderr += text));
    return new Promise((resolve) =>
      child.on('close', (code) => {
        clearInterval(timer);
        resolve({ code, stderr });
      }),
    );
  };

  /** Where a text is: REST answers and the files of the session. */
  const places = async (text: string): Promise<string[]> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const found: string[] = [];
    const jobs = JSON.parse(await get(`${head.address}/api/jobs/`, headers)) as { submission_id: string }[];
    const logs = jobs.map(({ submission_id: id }) => `/api/jobs/${id}/logs`);
    for (const endpoint of [...ENDPOINTS, ...logs]) {
      const answer = await get(head.address + endpoint, headers);
      if (answer.includes(text)) found.push(endpoint);
    }
    return [...found, ...filesWith(head.folder, text)];
  };

  it('are nowhere: not on the way, in answers, logs, packages, arguments or environments; the slot is sealed, and empty once it was read', async () => {
    const seen = new Set<string>();
    let checked = 0;
    const look = () => {
      for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
        if (!inSession(name, head.folder)) continue;
        checked++;
        for (const part of ['cmdline', 'environ']) {
          if (readOr(`/proc/${name}/${part}`).includes(PASSWORD)) seen.add(`${part} of ${readOr(`/proc/${name}/cmdline`).slice(0, 60)}`);
        }
      }
    };
    const { code, stderr } = await run(['-o', 'out', '--ray-token-file', tokenFile], { PGPASSWORD: PASSWORD }, look);
    assert.equal(code, 0, stderr);
    assert.ok(checked > 0, 'processes of the session were looked at');
    assert.deepEqual([...seen], []);
    assert.ok(!stderr.includes(PASSWORD) && !stderr.includes(TOKEN));
    assert.deepEqual(await places(PASSWORD), []);
    for (const { method, path: url, sent, answered } of proxy.exchanges) {
      for (const bytes of [sent, answered, inflated(sent)]) assert.ok(!bytes.includes(PASSWORD), `${method} ${url}`);
    }
    // Ray's dashboard logs the path of every upload. The slot's says no more than the job's id does, and what it held was sealed.
    const slots = proxy.exchanges.filter(({ method, path: url }) => method === 'PUT' && url.includes('_gpuparser_'));
    const submitted = proxy.exchanges.find(({ method, path: url }) => method === 'POST' && url === '/api/jobs/');
    const runId = /^gpuparser-([0-9a-f]{12})$/.exec(JSON.parse(submitted!.sent.toString()).submission_id)![1] as string;
    assert.deepEqual(
      slots.map(({ path: url }) => url),
      [`/api/packages/gcs/_ray_pkg_gpuparser_${runId}.zip`],
    );
    const { sent, path: url } = slots[0]!;
    assert.ok(sent.length > 500);
    assert.ok(!sent.includes('connection') && !sent.includes(runId));
    // And it has left no trace, but for the one in the name.
    assert.equal((await status('GET', head.address + url, TOKEN)).code, 404);
    assert.deepEqual(filesWith(head.folder, sent.subarray(64, 96)), []);
    // The search finds what is there: the job's id.
    assert.ok((await places(runId)).length > 2);
  });

  it('need not cross Ray: each node finds its own', async () => {
    // The head was started with this folder as its home.
    await writeFile(path.join(head.folder, '.pgpass'), `127.0.0.1:*:*:postgres:${PASSWORD}\n`, { mode: 0o600 });
    const { code, stderr } = await run(['-o', 'node', '--ray-token-file', tokenFile, '--secret-from', 'node'], { PGPASSWORD: PASSWORD });
    assert.equal(code, 0, stderr);
    await rm(path.join(head.folder, '.pgpass'));
    const without = await run(['-o', 'node', '--ray-token-file', tokenFile, '--secret-from', 'node'], { PGPASSWORD: PASSWORD });
    assert.equal(without.code, 3, without.stderr);
    assert.match(without.stderr, /On Ray node/);
  });

  it('are asked for when the cluster wants a token, and a wrong one is named by its place', async () => {
    const missing = await run(['-o', 'x'], { PGPASSWORD: PASSWORD });
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /asks for a token, and none was found[\s\S]*--ray-token-file/);
    const wrong = await run(['-o', 'x'], { PGPASSWORD: PASSWORD, RAY_AUTH_TOKEN: 'f'.repeat(64) });
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /refuses the token from RAY_AUTH_TOKEN/);
    assert.ok(!wrong.stderr.includes('f'.repeat(64)));
  });

  it('do not keep a submission from being repeated when its answer is lost: the job is attached to, not run twice', async () => {
    const before = await jobCount();
    lostAnswers = 1;
    const { code, stderr } = await run(['-o', 'twice', '--ray-token-file', tokenFile], { PGPASSWORD: PASSWORD });
    assert.equal(lostAnswers, 0);
    assert.equal(code, 0, stderr);
    assert.equal(await jobCount(), before + 1);
    assert.equal(JSON.parse(await readFile(path.join(folder, 'twice', '_manifest.json'), 'utf8')).tables.t.rows, 3000);
  });

  const jobCount = async () =>
    (JSON.parse(await get(`${head.address}/api/jobs/`, { authorization: `Bearer ${TOKEN}` })) as unknown[]).length;
});

function get(url: string, headers: Record<string, string>): Promise<string> {
  return status('GET', url, headers.authorization?.slice('Bearer '.length) as string).then(({ text }) => text);
}

/** By node:http: fetch looks like a browser to Ray, which then hides parts of its answers. */
function status(method: string, url: string, token: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ code: response.statusCode as number, text }));
      setTimeout(() => response.destroy(), 5000).unref();
      response.on('error', () => resolve({ code: 0, text }));
    });
    request.on('error', reject);
    request.end();
  });
}

/** Nothing for what has gone, or is not ours to read. */
function bytesOr(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function readOr(file: string): string {
  return bytesOr(file).toString();
}

function inSession(pid: string, folder: string): boolean {
  return readOr(`/proc/${pid}/cmdline`).includes(folder) || readOr(`/proc/${pid}/environ`).includes(folder);
}

/** What a compressed body holds; nothing when it is not one. */
function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}

function filesWith(folder: string, text: string | Buffer): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(file).size < 64 << 20 && bytesOr(file).includes(text)) found.push(file);
  }
  return found;
}
