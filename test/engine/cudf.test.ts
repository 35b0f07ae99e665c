import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { searchCudf } from '../../src/engine/cudf.js';
import { GpuParserError } from '../../src/errors.js';

describe('where cuDF is found', () => {
  let folder: string;
  const put = (file: string, text = '') => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gpuparser-cudf-'));
    put('venv/lib/python3.12/site-packages/libcudf/lib64/libcudf.so');
    put('venv/lib/python3.12/site-packages/libcudf/VERSION', '26.10.02\n');
    put('venv/lib/python3.12/site-packages/librmm/lib64/librmm.so');
    put('conda/lib/libcudf.so');
    put(
      'conda/include/cudf/version_config.hpp',
      '#define CUDF_VERSION_MAJOR 26\n#define CUDF_VERSION_MINOR 10\n#define CUDF_VERSION_PATCH 2\n',
    );
    put('old/lib/python3.11/site-packages/libcudf/lib64/libcudf.so');
    put('old/lib/python3.11/site-packages/libcudf/VERSION', '25.12.00\n');
    put('plain/libcudf.so');
    put('plain/librmm.so');
  });
  after(() => rmSync(folder, { recursive: true }));
  const found = (env: NodeJS.ProcessEnv) => {
    const cudf = searchCudf(env);
    if (cudf instanceof GpuParserError) throw cudf;
    return cudf;
  };

  it('is a Python environment', () => {
    const { path, version, libraries } = found({ VIRTUAL_ENV: join(folder, 'venv') });
    assert.equal(path, join(folder, 'venv/lib/python3.12/site-packages/libcudf/lib64/libcudf.so'));
    assert.equal(version, '26.10.02');
    assert.equal(libraries.at(-1), path);
    assert.ok(libraries.includes(join(folder, 'venv/lib/python3.12/site-packages/librmm/lib64/librmm.so')));
  });
  it('is a conda environment', () => {
    const { path, version } = found({ CONDA_PREFIX: join(folder, 'conda') });
    assert.equal(path, join(folder, 'conda/lib/libcudf.so'));
    assert.equal(version, '26.10.02');
  });
  it('is a folder of LD_LIBRARY_PATH', () => {
    assert.equal(found({ LD_LIBRARY_PATH: `/nowhere:${join(folder, 'plain')}` }).path, join(folder, 'plain/libcudf.so'));
  });
  it('is an explicit folder, file or site-packages, and nothing else then', () => {
    const plain = join(folder, 'plain');
    assert.equal(found({ GPUPARSER_CUDF: plain }).path, join(plain, 'libcudf.so'));
    assert.equal(found({ GPUPARSER_CUDF: join(plain, 'libcudf.so') }).path, join(plain, 'libcudf.so'));
    assert.equal(found({ GPUPARSER_CUDF: join(folder, 'venv/lib/python3.12/site-packages') }).version, '26.10.02');
    assert.throws(() => found({ GPUPARSER_CUDF: join(folder, 'none'), VIRTUAL_ENV: join(folder, 'venv') }), /is not at GPUPARSER_CUDF/);
  });
  it('is passed over where it is of another release, which the error names', () => {
    const old = join(folder, 'old');
    assert.equal(found({ VIRTUAL_ENV: old, CONDA_PREFIX: join(folder, 'conda') }).path, join(folder, 'conda/lib/libcudf.so'));
    assert.throws(
      () => found({ GPUPARSER_CUDF: join(old, 'lib/python3.11/site-packages') }),
      (error: GpuParserError) => {
        assert.equal(error.reason, 'cudf');
        assert.match(error.message, /needs cuDF 26\.10, but .*libcudf\.so is of release 25\.12\.00/);
        assert.match(error.hint ?? '', /pip install "libcudf-cu13==26\.10\.\*"/);
        return true;
      },
    );
  });
});
