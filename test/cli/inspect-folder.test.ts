import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FolderDescription } from '../../src/index.js';
import { exportInto } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';
import { gpuparser } from './program.js';

describe("inspect of an export's folder", { concurrency: false }, () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-inspect-'));
    server = await startServer();
    await server.sql(
      `CREATE TABLE many AS SELECT i AS id, i % 7 AS n FROM generate_series(1, 1100) i; CREATE TABLE few AS SELECT 'a' AS t`,
    );
    await exportInto(server, folder, { table: 'many', chunks: 11 });
    await exportInto(server, folder, { table: 'few' });
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function described(): Promise<{ code: number | null; folder: FolderDescription; stderr: string }> {
    const { code, stdout, stderr } = await gpuparser(['inspect', '--json', folder]);
    const { folders } = JSON.parse(stdout) as { folders: FolderDescription[] };
    return { code, folder: folders[0] as FolderDescription, stderr };
  }

  it('shows the tables of the manifest and every file, chunks in their order', async () => {
    const { code, stdout, stderr } = await gpuparser(['inspect', folder]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /: 12 files, 1,101 rows, /);
    assert.match(stdout, /\npublic\.many: 1,100 rows, 11 files, .* as of \d{4}-.*\n {2}by gpuparser version /);
    assert.match(stdout, /\n {2}many_chunk_2\.parquet +public\.many +100 +1 +2 .*\n(.*\n){7} {2}many_chunk_10\.parquet /);
    const { folder: found } = await described();
    assert.deepEqual(
      found.tables.map(({ table, rows, files, missing, failures }) => [table, rows, files.length, missing, failures]),
      [
        ['public.many', 1100, 11, [], 0],
        ['public.few', 1, 1, [], 0],
      ],
    );
    assert.deepEqual(
      found.files.map(({ rows, rowGroups, columns, table }) => [rows, rowGroups, columns, table]),
      [[1, 1, 1, 'public.few'], ...Array(11).fill([100, 1, 2, 'public.many'])],
    );
  });

  it('prints the definition of each of its tables once', async () => {
    const { code, stdout } = await gpuparser(['inspect', '--ddl', folder]);
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/^CREATE TABLE .*$/gm), ['CREATE TABLE "public"."few" (', 'CREATE TABLE "public"."many" (']);
  });

  it('names what is missing, damaged, or of no table', async () => {
    await rm(join(folder, 'many_chunk_3.parquet'));
    await writeFile(join(folder, 'many_chunk_4.parquet'), 'PAR1 and no more');
    await writeFile(join(folder, '.hidden.parquet'), '');
    const { code, stdout, stderr } = await gpuparser(['inspect', folder]);
    assert.equal(code, 1);
    assert.match(stdout, /\n {2}missing: many_chunk_3\.parquet\n/);
    assert.match(stderr, /^gpuparser: \S*many_chunk_4\.parquet is a cut-off Parquet file.*\nhint: .*\n$/);
    const { folder: found } = await described();
    assert.deepEqual([found.files.length, found.failed.map(({ path }) => path)], [10, [join(folder, 'many_chunk_4.parquet')]]);
  });

  it('is refused where there is nothing of an export, or a manifest that is none', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const nothing = await gpuparser(['inspect', empty]);
    assert.deepEqual([nothing.code, nothing.stdout], [1, '']);
    assert.match(nothing.stderr, /holds no Parquet file and no manifest\.\nhint: /);
    for (const text of ['{', '{"version":1,"tables":{"a":{}}}']) {
      await writeFile(join(empty, '_manifest.json'), text);
      assert.match((await gpuparser(['inspect', empty])).stderr, /_manifest\.json is not a manifest that an export wrote\.\nhint: /);
    }
  });
});
