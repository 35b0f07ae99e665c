import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { refuseEarlierRun } from '../../src/sink/earlier-files.js';
import { LocalStore } from '../../src/sink/local/local-store.js';
import type { ManifestEntry } from '../../src/sink/manifest.js';
import { readManifest, updateManifest } from '../../src/sink/manifest.js';
import { MANIFEST_FILE } from '../../src/sink/names.js';
import { withFolder } from '../support/exporting.js';

const MANIFEST_MODULE = fileURLToPath(new URL('../../src/sink/manifest.js', import.meta.url));
const STORE_MODULE = fileURLToPath(new URL('../../src/sink/local/local-store.js', import.meta.url));
const entry = { table: 'public.t', rows: 1 } as ManifestEntry;

test('entries that many processes write at once all arrive', () =>
  withFolder(async (folder) => {
    const program = `import { updateManifest } from ${JSON.stringify(MANIFEST_MODULE)};
      import { LocalStore } from ${JSON.stringify(STORE_MODULE)};
      const [folder, name] = process.argv.slice(1);
      for (let i = 0; i < 5; i++) await updateManifest(new LocalStore(folder), name + i, { table: name });`;
    const writers = ['a', 'b', 'c', 'd'].map(
      (name) =>
        new Promise<number | null>((resolve) => {
          spawn(process.execPath, ['--input-type=module', '-e', program, folder, name], { stdio: 'inherit' }).on('close', resolve);
        }),
    );
    assert.deepEqual(await Promise.all(writers), [0, 0, 0, 0]);
    assert.equal(Object.keys((await readManifest(new LocalStore(folder))).tables).length, 20);
    assert.deepEqual(await readdir(folder), [MANIFEST_FILE]);
  }));

test('removing the last entry keeps a readable manifest, and a missing one needs no file', () =>
  withFolder(async (folder) => {
    await updateManifest(new LocalStore(folder), 't', undefined);
    assert.deepEqual(await readdir(folder), []);
    await updateManifest(new LocalStore(folder), 't', entry);
    await updateManifest(new LocalStore(folder), 'u', entry);
    await updateManifest(new LocalStore(folder), 't', undefined);
    assert.deepEqual(Object.keys((await readManifest(new LocalStore(folder))).tables), ['u']);
  }));

test('a table may be named like a property of every object', () =>
  withFolder(async (folder) => {
    await refuseEarlierRun(new LocalStore(folder), 'constructor', 'public.constructor', false);
    await updateManifest(new LocalStore(folder), 'constructor', entry);
    await updateManifest(new LocalStore(folder), '__proto__', entry);
    assert.deepEqual(Object.keys((await readManifest(new LocalStore(folder))).tables), ['constructor', '__proto__']);
    await assert.rejects(refuseEarlierRun(new LocalStore(folder), '__proto__', 'public.__proto__', false), /an earlier export/);
  }));

test('a manifest that is none is named, not replaced', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, MANIFEST_FILE), '{"version": 2, "tables": {}}');
    await assert.rejects(updateManifest(new LocalStore(folder), 't', entry), /_manifest\.json is not a manifest this version can read/);
    await writeFile(join(folder, MANIFEST_FILE), '{"version": 1, "tables": null}');
    await assert.rejects(
      updateManifest(new LocalStore(folder), 't', entry),
      /is not a manifest this version can read: not a version 1 manifest/,
    );
    await writeFile(join(folder, MANIFEST_FILE), 'no JSON');
    await assert.rejects(updateManifest(new LocalStore(folder), 't', entry), /is not a manifest this version can read/);
    assert.deepEqual(await readdir(folder), [MANIFEST_FILE]);
  }));
