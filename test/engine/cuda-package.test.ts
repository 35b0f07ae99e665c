import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CUDA_PACKAGE, cudaInstallCommand, installedCudaPackage } from '../../src/engine/cuda-package.js';
import { findCudaLibrary } from '../../src/engine/library-file.js';
import { packageVersion } from '../../src/package.js';

describe('the CUDA package', () => {
  let root: string;
  const make = (path: string, text = '{}') => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'gpuparser-cuda-'));
    make('project/package.json');
    make('lib/package.json');
    for (const folder of ['clone', 'project/node_modules/gpuparser', 'prefix/lib/node_modules/gpuparser', 'lib/node_modules/gpuparser'])
      make(`${folder}/package.json`);
    make('clone/scripts/build-cuda.mjs', '');
  });
  after(() => rmSync(root, { recursive: true }));

  const wanted = `${CUDA_PACKAGE}@${packageVersion}`;
  for (const [where, folder, command] of [
    ['a clone', 'clone', 'npm run setup:gpu'],
    ['a project', 'project/node_modules/gpuparser', `npm install ${wanted}`],
    ['a project in a folder called lib', 'lib/node_modules/gpuparser', `npm install ${wanted}`],
    ['npm’s global folder', 'prefix/lib/node_modules/gpuparser', `npm install -g ${wanted}`],
    ['npx’s cache', '.npm/_npx/0123/node_modules/gpuparser', `npx -p gpuparser@${packageVersion} -p ${wanted} gpuparser`],
  ] as const) {
    it(`comes into ${where} by "${command}"`, () => {
      assert.equal(cudaInstallCommand(join(root, folder)), command);
    });
  }

  it('is found beside gpuparser and above it, as Node finds modules; what a clone built comes first', () => {
    const main = join(root, 'project/node_modules/gpuparser');
    assert.equal(installedCudaPackage(main), undefined);
    const folder = `project/node_modules/${CUDA_PACKAGE}`;
    make(`${folder}/package.json`, JSON.stringify({ version: packageVersion }));
    assert.deepEqual(installedCudaPackage(main), { folder: join(root, folder), version: packageVersion });
    assert.equal(findCudaLibrary(main), join(root, folder, 'libgpuparser_cuda.so'));
    // pnpm's folder for a package of its own, below the project's.
    const deep = 'project/node_modules/.pnpm/gpuparser@0.1.0/node_modules/gpuparser';
    make(`${deep}/package.json`);
    assert.equal(findCudaLibrary(join(root, deep)), join(root, folder, 'libgpuparser_cuda.so'));
    const own = `project/node_modules/gpuparser/prebuilt/${process.platform}-${process.arch}/libgpuparser_cuda.so`;
    make(own, '');
    assert.equal(findCudaLibrary(main), join(root, own));
  });

  it('is no absent one where its package.json cannot be read', () => {
    make(`broken/node_modules/${CUDA_PACKAGE}/package.json`, '{');
    assert.throws(() => installedCudaPackage(join(root, 'broken')), /JSON|package config/i);
  });
});
