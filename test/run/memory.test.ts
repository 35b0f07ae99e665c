import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { usableMemory } from '../../src/run/memory.js';

test("a container's limit counts where it is below the machine's memory", (context) => {
  for (const [granted, usable] of [
    [1 << 30, 1 << 30],
    [2 ** 63, totalmem()],
    [0, totalmem()],
  ] as const) {
    context.mock.method(process, 'constrainedMemory', () => granted);
    assert.equal(usableMemory(), usable);
  }
});
