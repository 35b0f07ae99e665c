import assert from 'node:assert/strict';
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Diagnosis } from '../../src/doctor/diagnose.js';
import { visibleGpus } from '../../src/engine/gpus.js';
import { bareEnvironment, emptyHome, packMain } from '../support/packed.js';

const run = promisify(execFile);

const NAME = '@gpuparser/cuda-linux-x64';
const skip = existsSync('prebuilt/linux-x64/libgpuparser_cuda.so') ? false : 'not run: the CUDA engine is not built (npm run setup:gpu)';
const gpu = visibleGpus().count > 0;

interface Manifest {
  version: string;
  peerDependencies: Record<string, string>;
}

const readManifest = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Manifest;

it('gpuparser wants the CUDA package of its own version, if any', async () => {
  const { version, peerDependencies } = await readManifest('package.json');
  assert.deepEqual(peerDependencies, { [NAME]: version });
});

describe('the CUDA package', { skip }, () => {
  let folder: string;
  let home: string;
  let env: NodeJS.ProcessEnv;
  let version: string;
  let tarballs: [main: string, cuda: string];
  const installed = () => path.join(home, 'node_modules', NAME);

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'gpuparser-cuda-package-')));
    env = await bareEnvironment(folder);
    home = await emptyHome(folder);
    ({ version } = await readManifest('package.json'));
    const main = await packMain(folder);
    await run(process.execPath, ['scripts/pack-gpu.mjs', '--built', '--into', folder]);
    tarballs = [path.join(folder, main.filename), path.join(folder, `gpuparser-cuda-linux-x64-${version}.tgz`)];
    await install(tarballs[0]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const install = (...files: string[]) => run('npm', ['install', '--no-audit', '--no-fund', ...files], { cwd: home, env });

  /** What a command of the installed gpuparser prints, however it ends. */
  async function gpuparser(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    try {
      return { ...(await run('npx', ['--no', 'gpuparser', ...args], { cwd: home, env })), code: 0 };
    } catch (error) {
      const { stdout = '', stderr = '', code } = error as ExecFileException;
      return { stdout, stderr, code: Number(code) };
    }
  }

  const cudaEngine = async () => {
    const { checks } = JSON.parse((await gpuparser('doctor', '--json')).stdout) as Diagnosis;
    return checks.find(({ name }) => name === 'CUDA engine');
  };
  // Nothing listens there: what is wrong with the devices is said before the server is asked.
  const exportOnGpu = () => gpuparser('export', '-t', 'lineitem', '--device', 'cuda', '-h', '127.0.0.1', '-P', '1');

  it('is asked for by the command that installs it, where only gpuparser is there', async () => {
    const check = await cudaEngine();
    assert.equal(check?.status, gpu ? 'warn' : 'ok');
    assert.match(`${check?.message} ${check?.advice}`, new RegExp(`To add it: npm install ${NAME}@${version}; or use --device cpu`));
    const { stderr, code } = await exportOnGpu();
    assert.equal(code, 1);
    assert.match(stderr, /The CUDA engine is not in this installation of gpuparser\./);
    assert.match(stderr, new RegExp(`npm install ${NAME}@${version}`));
  });

  it('is found where npm put it, holds our library, its licences and nothing else, and leaves only the GPU to be missed', async () => {
    await install(...tarballs);
    assert.deepEqual((await readdir(installed())).sort(), [
      'CUDA_EULA.txt',
      'LICENSE',
      'README.md',
      'THIRD_PARTY_NOTICES',
      'libgpuparser_cuda.so',
      'package.json',
    ]);
    const { os, cpu, libc } = JSON.parse(await readFile(path.join(installed(), 'package.json'), 'utf8')) as Record<string, string[]>;
    assert.deepEqual({ os, cpu, libc }, { os: ['linux'], cpu: ['x64'], libc: ['glibc'] });

    const check = await cudaEngine();
    assert.equal(check?.status, 'ok');
    assert.match(check?.message ?? '', new RegExp(`^built for cuDF [0-9.]+; ${installed()}/libgpuparser_cuda.so$`));
    const { stderr } = await exportOnGpu();
    assert.doesNotMatch(stderr, /CUDA engine/);
    if (!gpu) assert.match(stderr, /--device cuda needs a GPU, but no NVIDIA GPU is found\.\n/);
  });

  it('goes with gpuparser to the workers of a Ray cluster, as if a clone had built it', async () => {
    const script = `import { buildPackage } from './node_modules/gpuparser/dist/src/ray/package.js';
      const entry = (await buildPackage()).entries.find(({ name }) => name === 'prebuilt/linux-x64/libgpuparser_cuda.so');
      process.stdout.write(entry.bytes);`;
    const { stdout } = await run('node', ['--input-type=module', '-e', script], { cwd: home, env, encoding: 'buffer', maxBuffer: 1 << 26 });
    assert.ok(stdout.equals(await readFile(path.join(installed(), 'libgpuparser_cuda.so'))));
  });

  it('is refused in one sentence where its version is not gpuparser’s', async () => {
    const file = path.join(installed(), 'package.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(`"version": "${version}"`, '"version": "0.0.1"'));
    const { stderr, code } = await exportOnGpu();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${NAME} in ${installed()} is of version 0\\.0\\.1, but gpuparser of ${version}\\.\n`));
    assert.match(stderr, new RegExp(`Install the same version: npm install ${NAME}@${version}`));
  });
});
