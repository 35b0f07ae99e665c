import assert from 'node:assert/strict';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EarlierRun } from '../../src/sink/earlier-run.js';
import { LocalStore } from '../../src/sink/local/local-store.js';
import { type ManifestEntry, readManifest, updateManifest } from '../../src/sink/manifest.js';
import { withFolder } from '../support/exporting.js';

const entry = { table: 'public.t', rows: 1 } as ManifestEntry;
const files = ['t_chunk_0.parquet', 't_chunk_1.parquet'];

/** What an earlier run left in the folder, set aside for a new one. */
async function earlier(folder: string): Promise<EarlierRun> {
  for (const name of files) await writeFile(join(folder, name), 'old');
  await updateManifest(new LocalStore(folder), 't', entry);
  return EarlierRun.setAside(new LocalStore(folder), 't', 'public.t');
}

const left = async (folder: string) => ({
  files: (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort(),
  tables: Object.keys((await readManifest(new LocalStore(folder))).tables),
});

test('an earlier run is as it was where nothing took its place', () =>
  withFolder(async (folder) => {
    assert.deepEqual([...(await (await earlier(folder)).end(false))].sort(), files);
    assert.deepEqual(await left(folder), { files, tables: ['t'] });
  }));

test('an earlier run of which a file is gone does not come back as whole, though no new file stayed', () =>
  withFolder(async (folder) => {
    const run = await earlier(folder);
    run.replace(() => files.slice(0, 1));
    assert.deepEqual(await run.end(false), []);
    assert.deepEqual(await left(folder), { files: [], tables: [] });
  }));

test('no file of an earlier run stays beside new ones', () =>
  withFolder(async (folder) => {
    assert.deepEqual(await (await earlier(folder)).end(true), []);
    assert.deepEqual(await left(folder), { files: [], tables: [] });
  }));

test('a new file that has the name of an earlier one stays', () =>
  withFolder(async (folder) => {
    const run = await earlier(folder);
    await writeFile(join(folder, 'new'), 'new');
    await rename(join(folder, 'new'), join(folder, files[0] as string));
    assert.deepEqual(await run.end(true), []);
    assert.deepEqual((await left(folder)).files, [files[0]]);
    assert.equal(await readFile(join(folder, files[0] as string), 'utf8'), 'new');
  }));

test('what killed attempts left goes, of this table only', () =>
  withFolder(async (folder) => {
    for (const name of ['.t_chunk_0.parquet.1.tmp', '.tt_chunk_0.parquet.1.tmp']) await writeFile(join(folder, name), 'half');
    await earlier(folder);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      ['.tt_chunk_0.parquet.1.tmp'],
    );
  }));

test("files of the earlier name that are another table's stay", () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, '_t_chunk_0.parquet'), 'old');
    await updateManifest(new LocalStore(folder), '_t', { table: 'other._t', rows: 1 } as ManifestEntry);
    const run = await EarlierRun.setAside(new LocalStore(folder), '%5Ft', 'public._t');
    assert.deepEqual(await run.end(true), []);
    assert.deepEqual(await left(folder), { files: ['_t_chunk_0.parquet'], tables: ['_t'] });
  }));

test('files that an earlier version named otherwise are replaced, also by a run after one that was killed', () =>
  withFolder(async (folder) => {
    const former = ['_t_chunk_0.parquet', '_t_chunk_1.parquet'];
    for (const name of former) await writeFile(join(folder, name), 'old');
    await updateManifest(new LocalStore(folder), '_t', { table: 'public._t', rows: 1 } as ManifestEntry);
    const setAside = () => EarlierRun.setAside(new LocalStore(folder), '%5Ft', 'public._t');
    await setAside(); // and killed
    assert.deepEqual([...(await (await setAside()).end(false))].sort(), former);
    assert.deepEqual(await left(folder), { files: former, tables: ['_t'] });
    const run = await setAside();
    await writeFile(join(folder, '%5Ft_chunk_0.parquet'), 'new');
    run.replace(() => ['%5Ft_chunk_0.parquet']);
    assert.deepEqual(await run.end(true), []);
    assert.deepEqual(await left(folder), { files: ['%5Ft_chunk_0.parquet'], tables: [] });
  }));
