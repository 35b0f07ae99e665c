import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { GpuParserError } from '../../src/errors.js';

test('running out of file descriptors is said as what it is', () => {
  const open: number[] = [];
  let thrown: unknown;
  try {
    for (;;) open.push(openSync('/dev/null', 'r'));
  } catch (error) {
    thrown = error;
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
  const { code, message, hint } = GpuParserError.from(thrown);
  assert.equal(code, 'MEMORY');
  assert.match(message, /^A limit is reached: this process may have no more files and connections open \(EMFILE: .*\)\.$/);
  assert.match(hint ?? '', /ulimit -n/);
});
