import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { processes } from '../support/ray.js';
import { startServer, type TestServer } from '../support/server.js';

const run = promisify(execFile);
const script = path.resolve('examples/run_ray_multi_gpu.sh');
const withRay = `${path.resolve('.venv/bin')}:${process.env.PATH}`;

describe("the guide's script", { timeout: 120_000 }, () => {
  let folder: string;
  let server: TestServer;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-script-'));
    server = await startServer();
    await server.sql('CREATE TABLE customer AS SELECT generate_series(1, 12000) AS id; ANALYZE customer');
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const export10000 = (environment: NodeJS.ProcessEnv) =>
    run(script, ['-t', 'customer'], {
      cwd: folder,
      env: { HOME: folder, PGPORT: String(server.port), GPUPARSER_DEVICE: 'cpu', ...environment },
    });

  it('starts Ray where it is installed, runs a CPU lane where there is no GPU and says so, and leaves no Ray behind', async () => {
    const { stdout, stderr } = await export10000({ PATH: withRay });
    assert.match(stderr, /starting Ray on this machine for this run/);
    assert.match(stderr, /cpu: 1 Ray worker with \d+ CPUs? on 1 node/);
    assert.match(stdout, /10,000 rows, 1 file/);
    assert.deepEqual((await readdir(path.join(folder, 'ray_output'))).sort(), ['_manifest.json', 'customer_chunk_0.parquet']);
    assert.deepEqual(
      processes()
        .filter(({ command }) => command.includes('/gpuparser-ray-'))
        .map(({ command }) => command),
      [],
    );
  });

  it('uses the cluster that RAY_ADDRESS names, and no other', async () => {
    await assert.rejects(export10000({ PATH: withRay, RAY_ADDRESS: 'http://127.0.0.1:9' }), (error: { code?: number; stderr?: string }) => {
      assert.equal(error.code, 3);
      return /dashboard at http:\/\/127\.0\.0\.1:9 cannot be reached/.test(error.stderr ?? '');
    });
  });

  it('tells how to get Ray where there is none, and runs all the same', async () => {
    const { stdout, stderr } = await export10000({
      PATH: process.env.PATH?.split(':')
        .filter((entry) => !entry.includes('.venv'))
        .join(':'),
    });
    assert.match(stderr, /Ray is not installed \(pip install "ray\[default\]"\)/);
    assert.match(stdout, /10,000 rows, 1 file/);
  });
});
