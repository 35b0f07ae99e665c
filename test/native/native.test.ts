import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { it } from 'node:test';

it('passes the unit tests of the native library', async () => {
  const child = spawn(process.execPath, ['scripts/test-native.mjs'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  assert.equal(code, 0, output);
  assert.match(output, /100% tests passed, 0 tests failed out of \d+/);
});
