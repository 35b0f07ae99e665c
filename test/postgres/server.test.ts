import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GpuParserError } from '../../src/errors.js';
import { startServer, type TestServer } from '../support/server.js';

describe('the test server', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ settings: { max_connections: 17 } });
  });
  after(() => server.stop());

  it('runs statements and returns text', async () => {
    assert.deepEqual(await server.sql('CREATE TABLE t AS SELECT 1::bigint a, 1.50 b, NULL::int c; SELECT * FROM t'), [
      { a: '1', b: '1.50', c: null },
    ]);
    assert.equal(await server.value('SHOW max_connections'), '17');
  });

  it('is gone with its folder when its process is killed', async () => {
    const module = new URL('../../src/demo/server.js', import.meta.url).href;
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const s = await (await import(${JSON.stringify(module)})).startServer(); console.log(JSON.stringify([s.host, s.pid])); setInterval(() => {}, 1000)`,
    ]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [folder, pid] = JSON.parse(line.toString()) as [string, number];
    assert.ok(existsSync(folder) && existsSync(`/proc/${pid}`));
    child.kill('SIGKILL');
    while (existsSync(folder) || existsSync(`/proc/${pid}`)) await sleep(20);
  });

  it('takes its folder away when it does not start, and says why', async () => {
    let folder = '';
    await assert.rejects(startServer({ settings: { shared_buffers: 'plenty' } }), (error: GpuParserError) => {
      folder = /"([^"]*)\/data\//.exec(error.detail ?? '')?.[1] ?? '';
      assert.equal(error.code, 'SERVER');
      assert.match(error.detail ?? '', /shared_buffers/);
      return true;
    });
    assert.notEqual(folder, '');
    assert.equal(existsSync(folder), false);
  });
});
