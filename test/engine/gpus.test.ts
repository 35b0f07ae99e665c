import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { visibleGpus } from '../../src/engine/gpus.js';
import { GpuParserError } from '../../src/errors.js';
import { chooseDevices, type Machine } from '../../src/run/devices.js';

describe('which GPUs CUDA will show', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gpuparser-dev-'));
    mkdirSync(join(folder, 'dev'));
    for (const name of ['nvidia0', 'nvidia1', 'nvidia2', 'nvidiactl', 'nvidia-uvm', 'null']) writeFileSync(join(folder, 'dev', name), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const gpus = (visible?: string, driver = '580.159.04') => {
    const version = join(folder, 'version');
    writeFileSync(version, `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  ${driver}  Release Build  (x@y)\n`);
    return visibleGpus(visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: visible }, join(folder, 'dev'), version);
  };

  for (const [visible, count] of [
    [undefined, 3],
    ['0', 1],
    ['2,0', 2],
    ['0,7,1', 1],
    ['1,1', 0],
    ['', 0],
    ['-1', 0],
    ['GPU-cd341935-e5d9-b2d3-6e63-3c69c1c34c9b', 1],
    ['0, MIG-1', 2],
  ] as const) {
    it(`counts ${count} with CUDA_VISIBLE_DEVICES=${visible ?? '(not set)'}`, () => {
      assert.equal(gpus(visible).count, count);
    });
  }
  it('asks nvidia-smi in WSL, where one device file stands for all', () => {
    const [wsl, bin] = [join(folder, 'wsl'), join(folder, 'bin')];
    for (const made of [wsl, bin]) mkdirSync(made);
    writeFileSync(join(wsl, 'dxg'), '');
    const answer = 'GPU 0: NVIDIA RTX 4090 (UUID: GPU-1)\nGPU 1: NVIDIA RTX 4090 (UUID: GPU-2)\n';
    writeFileSync(join(bin, 'nvidia-smi'), `#!/bin/sh\nprintf '${answer.replaceAll('\n', '\\n')}'\n`, { mode: 0o755 });
    const none = join(folder, 'no version');
    assert.deepEqual(visibleGpus({ PATH: bin }, wsl, none), { count: 2, reason: undefined });
    assert.equal(visibleGpus({ PATH: bin, CUDA_VISIBLE_DEVICES: '1' }, wsl, none).count, 1);
    assert.equal(visibleGpus({ PATH: wsl }, wsl, none).reason, 'no NVIDIA GPU is found');
  });
  it('says why there is none', () => {
    assert.match(gpus('').reason ?? '', /CUDA_VISIBLE_DEVICES= hides all 3 GPUs/);
    assert.equal(gpus(undefined, '535.183.01').count, 0);
    assert.match(gpus(undefined, '535.183.01').reason ?? '', /branch 535, CUDA 13 needs 580/);
    assert.deepEqual(visibleGpus({}, join(folder, 'nothing')), { count: 0, reason: 'no NVIDIA GPU is found' });
  });
});

describe('the devices of an export', () => {
  const missing = new GpuParserError('DEVICE', "cuDF's library (libcudf.so) was not found.", { hint: 'Install it.' });
  const noLibrary = new GpuParserError('DEVICE', 'The CUDA engine is not in this installation.', { hint: 'To add it: npm install it.' });
  const machine = (count: number, cuda: 'there' | 'missing' = 'there'): Machine => ({
    cores: 16,
    gpus: () => ({ count, reason: count === 0 ? 'no NVIDIA GPU is found' : undefined }),
    checkCuda: () => {
      if (cuda === 'missing') throw missing;
    },
    cudaLibrary: () => (cuda === 'missing' ? noLibrary : '/libgpuparser_cuda.so'),
  });
  const names = (...args: Parameters<typeof chooseDevices>) => chooseDevices(...args).names;

  it('are all GPUs where there are some', () => {
    assert.deepEqual(names({}, machine(2)), ['cuda:0', 'cuda:1']);
    assert.deepEqual(names({ device: 'cuda', gpus: 1 }, machine(2)), ['cuda:0']);
  });
  it('are one CPU worker with all cores where there is none, with the reason', () => {
    assert.deepEqual(chooseDevices({}, machine(0)), { names: ['cpu'], reason: '16 cores; no NVIDIA GPU is found', threads: 16 });
    assert.match(chooseDevices({}, machine(1, 'missing')).reason, /1 GPU found, but cuDF's library .* was not found \(Install it\)/);
  });
  it('are as many CPU workers as asked for', () => {
    assert.deepEqual(chooseDevices({ device: 'cpu', gpus: 4 }, machine(2)), {
      names: ['cpu', 'cpu', 'cpu', 'cpu'],
      reason: '16 cores',
      threads: 4,
    });
  });
  it('are refused with both numbers where more GPUs are asked for than there are', () => {
    assert.throws(
      () => chooseDevices({ device: 'cpu', gpus: 65 }, machine(0)),
      /--gpus 65 asks for 65 CPU workers, but a machine of 16 cores runs at most 64/,
    );
    assert.throws(() => chooseDevices({ gpus: 3 }, machine(2)), /--gpus 3 asks for 3 GPUs, but 2 can be used here/);
    assert.throws(() => chooseDevices({ gpus: 1 }, machine(0)), /--gpus 1 asks for 1 GPU, but 0 can be used here: no NVIDIA GPU is found/);
    assert.throws(() => chooseDevices({ gpus: 1 }, machine(1, 'missing')), /but 0 can be used here: 1 GPU found, but cuDF's library/);
  });
  it('are refused where CUDA is asked for and something is missing', () => {
    assert.throws(() => chooseDevices({ device: 'cuda' }, machine(0)), /--device cuda needs a GPU, but no NVIDIA GPU is found/);
    assert.throws(() => chooseDevices({ device: 'cuda' }, machine(1, 'missing')), missing);
    assert.throws(() => chooseDevices({ device: 'cuda' }, machine(0, 'missing')), {
      message: '--device cuda needs a GPU, but no NVIDIA GPU is found. The CUDA engine is not in this installation.',
      hint: 'To add it: npm install it.',
    });
  });
});
