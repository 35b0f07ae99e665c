import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fileStem } from '../../src/file-stem.js';
import { exportTable, verify } from '../../src/index.js';
import { LocalStore } from '../../src/sink/local/local-store.js';
import { readManifest } from '../../src/sink/manifest.js';
import { runPython } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';

const script = fileURLToPath(new URL('../../../test/readers/read_folder.py', import.meta.url));
const names = [
  '_events',
  '.hidden',
  'a/b',
  'a%2Fb',
  'k=v',
  'c:d',
  'star*',
  'what?',
  'x[1]',
  '{a,b}',
  'back\\slash',
  'h#sh',
  'q"q',
  'ends.',
  'ends ',
  'a&b',
  'x<y>z',
  'p|q',
  'tab\there',
  'two\nlines',
  'bell\u0007',
  'c1\u0085',
  'ü 東京',
];

describe('tables of odd names', () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    server = await startServer();
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-names-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
    await server.stop();
  });

  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const connection = () => ({ host: server.host, port: server.port, user: server.user, database: server.database });

  it('become files that pyarrow, pandas, polars, DuckDB and Spark all read, alone and as a folder', async () => {
    for (const [index, name] of names.entries()) {
      await server.sql(`CREATE TABLE ${quote(name)} AS SELECT ${index} * 100 + i AS id FROM generate_series(1, 3) i`);
      await exportTable({ table: quote(name), output: folder, connection: connection(), chunks: 1, jobs: 1 });
    }
    const found = JSON.parse((await runPython([script, folder, ...names.map(fileStem)])).trim().split('\n').at(-1) as string);
    const ids = (index: number) => [1, 2, 3].map((i) => index * 100 + i);
    for (const [reader, values] of Object.entries(found['whole folder']))
      assert.deepEqual(
        values,
        names.flatMap((_, index) => ids(index)),
        `${reader} of the folder`,
      );
    for (const [index, name] of names.entries())
      for (const [reader, values] of Object.entries(found[fileStem(name)])) assert.deepEqual(values, ids(index), `${reader} of ${name}`);
    assert.equal((await verify(folder)).ok, true);
    // The file names of a/b were once those that a%2Fb would have had.
    for (const name of ['a/b', 'a%2Fb'])
      assert.deepEqual(
        (await verify(folder, { table: quote(name) })).tables.map(({ table }) => table),
        [`public.${quote(name)}`],
      );
  });

  it('are found and replaced under the names that earlier versions gave their files, which verify names', async () => {
    // As 0.1.0 left it: `_events_chunk_0.parquet` under the key `_events`.
    const manifest = JSON.parse(JSON.stringify(await readManifest(new LocalStore(folder))));
    const { [fileStem('_events')]: entry, ...others } = manifest.tables;
    entry.chunks[0].file = '_events_chunk_0.parquet';
    await rename(join(folder, '%5Fevents_chunk_0.parquet'), join(folder, '_events_chunk_0.parquet'));
    await writeFile(join(folder, '_manifest.json'), JSON.stringify({ version: 1, tables: { ...others, _events: entry } }));
    const found = await verify(folder);
    assert.equal(found.ok, false);
    const problems = found.tables.flatMap(({ problems }) => problems);
    assert.deepEqual(
      problems.map(({ check, file }) => [check, file]),
      [['name', '_events_chunk_0.parquet']],
    );
    const again = { table: '_events', output: folder, connection: connection(), chunks: 1, jobs: 1 };
    await assert.rejects(exportTable(again), /earlier export/);
    await exportTable({ ...again, overwrite: true });
    const tables = Object.keys((await readManifest(new LocalStore(folder))).tables);
    assert.ok(tables.includes('%5Fevents') && !tables.includes('_events'));
    assert.equal((await verify(folder)).ok, true);
  });

  it('are found under the earlier names also where no manifest speaks of them, by what the files say themselves', async () => {
    const [old, other] = ['_events_chunk_0.parquet', '_events_chunk_1.parquet'];
    await rename(join(folder, '%5Fevents_chunk_0.parquet'), join(folder, old));
    // Somebody else's of such a name.
    await copyFile(join(folder, 'x%3Cy%3Ez_chunk_0.parquet'), join(folder, other));
    await rm(join(folder, '_manifest.json'));
    const again = { table: '_events', output: folder, connection: connection(), chunks: 1, jobs: 1 };
    await assert.rejects(exportTable(again), { code: 'OUTPUT', message: /holds 1 file \(_events_chunk_0\.parquet\) of an earlier export/ });
    await exportTable({ ...again, overwrite: true });
    const files = await readdir(folder);
    assert.deepEqual(
      files.filter((name) => name.includes('events')),
      ['%5Fevents_chunk_0.parquet', other],
    );
  });
});
