import assert from 'node:assert/strict';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Verification } from '../../src/index.js';
import { exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';
import { gpuparser } from './program.js';

describe('gpuparser verify', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql("CREATE TABLE orders AS SELECT i AS id, 'item ' || i AS item FROM generate_series(1, 500) i");
  });
  after(() => server.stop());
  const connection = () => ['-h', server.host, '-P', String(server.port), '-u', server.user, '-d', server.database];
  const exported = (use: (folder: string) => Promise<void>) =>
    withFolder(async (folder) => {
      await exportInto(server, folder, { table: 'orders', chunks: 2 });
      await use(folder);
    });

  it('prints a table and ends with 0 when all is right, and prints nothing with --quiet', () =>
    exported(async (folder) => {
      const { code, stdout, stderr } = await gpuparser(['verify', folder, '--deep', ...connection()]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^public\.orders: 500 rows, 2 files/);
      assert.match(stdout, /orders_chunk_1\.parquet +size footer rows schema origin checksum pages statistics indexes +ok\n/);
      assert.match(stdout, /id +integer +500 +[0-9a-f]{16} +500 +[0-9a-f]{16} +same\n/);
      assert.match(stdout, /\(whole rows\) .* same\n/);
      assert.match(stdout, /: ok \(1 table, .*\)\n$/);
      assert.deepEqual(await gpuparser(['verify', folder, '--quiet']), { code: 0, stdout: '', stderr: '' });
    }));

  it('ends with 1, says file, check, message and hint, and --json prints it as one object of fixed keys', () =>
    exported(async (folder) => {
      await rm(join(folder, 'orders_chunk_0.parquet'));
      await appendFile(join(folder, 'orders_chunk_1.parquet'), 'x');
      const { code, stdout } = await gpuparser(['verify', folder]);
      assert.equal(code, 1);
      assert.match(stdout, /\n {2}missing {2}orders_chunk_0\.parquet: There is no file /);
      assert.match(stdout, /\n {2}size {2}orders_chunk_1\.parquet: It has [\d,]+ bytes, the manifest says [\d,]+\.\n/);
      assert.match(stdout, /: 3 problems \(1 table/);
      const quiet = await gpuparser(['verify', folder, '--quiet']);
      assert.deepEqual([quiet.code, quiet.stdout], [1, '']);
      assert.match(quiet.stderr, /3 problems/);
      const json = await gpuparser(['verify', folder, '--json', '-t', 'orders']);
      assert.equal(json.code, 1);
      const found = JSON.parse(json.stdout) as Verification;
      assert.deepEqual(Object.keys(found), ['folder', 'ok', 'deep', 'server', 'seconds', 'tables', 'problems']);
      assert.deepEqual(Object.keys(found.tables[0] ?? {}), ['table', 'ok', 'rows', 'bytes', 'files', 'problems', 'notes', 'columns']);
      assert.deepEqual(Object.keys(found.tables[0]?.files[0] ?? {}), ['file', 'ok', 'checked', 'problems']);
    }));

  it('asks a server that an option names, or with --server the one of the environment, and no other', () =>
    exported(async (folder) => {
      const environment = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGDATABASE: server.database };
      const asked = async (args: readonly string[], variables: Readonly<Record<string, string>>) => {
        const { code, stdout } = await gpuparser(['verify', folder, '--json', ...args], { environment: variables });
        return [code, (JSON.parse(stdout) as Verification).server];
      };
      assert.deepEqual(await asked([], environment), [0, false]);
      assert.deepEqual(await asked(['--server'], environment), [0, true]);
      assert.deepEqual(await asked(connection(), {}), [0, true]);
      const nobody = await gpuparser(['verify', folder, '-h', '127.0.0.1', '-P', '1']);
      assert.equal(nobody.code, 3);
      assert.match(nobody.stderr, /^gpuparser: No server listens at 127\.0\.0\.1:1\.\nhint: /);
    }));

  it('ends with 2 for wrong options and with 1 for a folder that is none', async () => {
    assert.equal((await gpuparser(['verify'])).code, 2);
    assert.equal((await gpuparser(['verify', '.', '--where', 'x'])).code, 2);
    const { code, stderr } = await gpuparser(['verify', '/nowhere']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^gpuparser: There is no folder \/nowhere\.\nhint: Name the folder that an export wrote into \(its --output\)\.\n$/,
    );
  });
});
