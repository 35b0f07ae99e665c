import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { readQueryFile } from '../../src/cli/query-file.js';
import type { Plan } from '../../src/index.js';
import { startServer, type TestServer } from '../support/server.js';
import { finished, gpuparser, start } from './program.js';

describe('a query from a file', () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-query-'));
    server = await startServer();
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }

  it('is exported, comments, semicolon and byte order mark included', async () => {
    const path = await file('q.sql', '\ufeff-- ten rows\nSELECT i AS id\nFROM generate_series(1, 10) i;\n');
    const connection = ['-h', '127.0.0.1', '-P', String(server.port), '-d', 'postgres', '-u', 'postgres'];
    const { code, stdout, stderr } = await gpuparser([
      'export',
      '--query-file',
      path,
      '-o',
      join(folder, 'out'),
      '--device',
      'cpu',
      '--json',
      ...connection,
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rows, 10);
  });

  it('comes from standard input for -', async () => {
    const connection = ['-h', '127.0.0.1', '-P', String(server.port), '-d', 'postgres', '-u', 'postgres'];
    const child = start(['export', '--query-file', '-', '--dry-run', '--json', '--device', 'cpu', ...connection], { input: true });
    child.stdin?.end("SELECT 'ü' AS a");
    const { code, stdout, stderr } = await finished(child);
    assert.equal(code, 0, stderr);
    const plan = JSON.parse(stdout) as Plan;
    assert.deepEqual([plan.request.query, plan.columns.map(({ name }) => name)], ["SELECT 'ü' AS a", ['a']]);
  });

  it('is refused where there is none, with one sentence and code 2', async () => {
    const cases: readonly [string, RegExp][] = [
      [join(folder, 'missing.sql'), /^gpuparser: --query-file cannot read .*: it is not there\.\nhint: .+\n$/],
      [folder, /^gpuparser: --query-file cannot read .*: it is a folder\.\nhint: .+\n$/],
      [await file('empty.sql', ' \n\ufeff'), /^gpuparser: --query-file: .* is empty\.\nhint: .+\n$/],
      [await file('latin1.sql', Buffer.from("SELECT '\xe4'", 'latin1')), /^gpuparser: --query-file: .* is not UTF-8\.\nhint: .+\n$/],
    ];
    for (const [path, expected] of cases) {
      const { code, stdout, stderr } = await gpuparser(['export', '--query-file', path]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, expected);
    }
    await assert.rejects(readQueryFile('-', Readable.from([])), { code: 'USAGE', message: '--query-file: standard input is empty.' });
  });
});
