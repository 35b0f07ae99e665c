import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { diagnosisText } from '../../src/cli/commands/doctor.js';
import { describe as describeEngine } from '../../src/doctor/engine.js';
import { gpuCheck, parseGpus } from '../../src/doctor/gpu.js';
import { nodeCheck, outputCheck, parseCpuQuota } from '../../src/doctor/machine.js';
import { connectionsCheck, versionCheck } from '../../src/doctor/server.js';

describe('doctor', () => {
  it('asks for Node.js 20.19', () => {
    assert.deepEqual(
      ['18.20.0', '20.18.9', '20.19.0', '22.0.0'].map((version) => nodeCheck(version).status),
      ['fail', 'fail', 'ok', 'ok'],
    );
  });

  it('asks for PostgreSQL 12, and 14 for ranges', () => {
    assert.deepEqual(
      [110_022, 120_000, 130_014, 140_000, 180_001].map((number) => versionCheck(number, '').status),
      ['fail', 'warn', 'warn', 'ok', 'ok'],
    );
  });

  it("reads a control group's share of cores", () => {
    assert.equal(parseCpuQuota('150000 100000\n'), 1.5);
    assert.equal(parseCpuQuota('max 100000\n'), undefined);
    assert.equal(parseCpuQuota(''), undefined);
  });

  it('reads what nvidia-smi lists, and knows which cards and drivers are too old', () => {
    const gpus = parseGpus(
      'NVIDIA H100 80GB HBM3, 81559, 580.65.06, 9.0\nTesla P100, 16384, 580.65.06, 6.0\nNVIDIA T4, 15360, 535.1, 7.5\n',
    );
    assert.deepEqual(gpus[0], { name: 'NVIDIA H100 80GB HBM3', memoryBytes: 81_559 * 2 ** 20, driver: '580.65.06', capability: 9 });
    assert.deepEqual(
      gpus.map((gpu, index) => gpuCheck(gpu, index).status),
      ['ok', 'warn', 'warn'],
    );
    assert.equal(gpuCheck(gpus[0]!, 0).message, 'NVIDIA H100 80GB HBM3, 79.6 GiB, compute capability 9.0, driver 580.65.06');
    assert.deepEqual(parseGpus('No devices were found\n'), []);
  });

  it('names the limit that leaves the fewest connections', () => {
    const budget = { maxConnections: 100, reserved: 3, inUse: 10, roleLimit: -1, roleInUse: 1, databaseLimit: -1, databaseInUse: 5 };
    assert.deepEqual(connectionsCheck(budget), {
      area: 'server',
      name: 'connections',
      message: '87 free under max_connections 100',
      status: 'ok',
    });
    assert.equal(connectionsCheck({ ...budget, roleLimit: 5 }).message, "4 free under the role's limit 5");
    assert.equal(connectionsCheck({ ...budget, roleLimit: 5 }).status, 'warn');
    assert.equal(connectionsCheck({ ...budget, databaseLimit: 5 }).status, 'fail');
    assert.equal(connectionsCheck({ ...budget, inUse: 120 }).message, '0 free under max_connections 100');
  });

  it('looks at the output folder, or at the parent it would be made in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gpuparser-doctor-'));
    try {
      const deep = join(folder, 'a', 'b');
      assert.match((await outputCheck(deep)).message, new RegExp(`^[0-9.]+ [GM]iB free for ${deep} \\(to be made\\)$`));
      assert.deepEqual(
        [await outputCheck('s3://bucket/orders')].map(({ status, message }) => [status, message]),
        [['fail', 's3://... is a URL, not a folder']],
      );
      await writeFile(join(folder, 'file'), '');
      assert.deepEqual(await outputCheck(join(folder, 'file')), {
        area: 'machine',
        name: 'output',
        status: 'fail',
        message: `${join(folder, 'file')} is not a folder`,
        advice: 'Choose another folder with --output.',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells what the engine says of itself', () => {
    const description = {
      abi: 1,
      path: '/lib/x.so',
      version: '0.1.0',
      codecs: { snappy: '1.2.2', zstd: '1.5.7' },
      cpu: { avx2: true, avx512: false },
    };
    assert.equal(describeEngine(description), '0.1.0 (interface 1); cpu avx2; codecs snappy 1.2.2, zstd 1.5.7; /lib/x.so');
  });

  it('prints a line per check, advice under what is not ok, and a verdict', () => {
    const checks = [
      { area: 'machine', name: 'cores', status: 'ok', message: '2 usable' },
      { area: 'machine', name: 'memory', status: 'warn', message: '100 MiB', advice: 'Free some.' },
      { area: 'server', name: 'connection', status: 'fail', message: 'No.\u001b[2J', advice: 'Start it.' },
    ] as const;
    const plain = (_: string, text: string): string => text;
    assert.equal(
      diagnosisText({ version: '1.0.0', ok: false, checks }, plain),
      'gpuparser 1.0.0\nok    cores       2 usable\nwarn  memory      100 MiB\n                  Free some.\nfail  connection  No.\ufffd[2J\n                  Start it.\n\nNot ready: 1 of 3 checks failed.\n',
    );
    assert.match(
      diagnosisText({ version: '1.0.0', ok: true, checks: checks.slice(0, 2) }, plain),
      /\nReady to export, with 1 warning\.\n$/,
    );
  });
});
