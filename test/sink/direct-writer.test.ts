import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { DirectWriter } from '../../src/sink/local/direct-writer.js';
import { PlainWriter } from '../../src/sink/local/file-writer.js';

const PAGE = 4096;
const BLOCK = 4 * PAGE;
const SIZES = [0, 1, PAGE - 1, PAGE, PAGE + 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5, 1_000_003];

describe('writing past the page cache', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpuparser-direct-'));
  after(() => rmSync(folder, { recursive: true }));
  const engine = new Engine('cpu', 1);
  after(() => engine.close());
  const memory = engine.allocate(BLOCK + PAGE, true).bytes;
  const file = join(folder, 'file');
  const there = (await DirectWriter.create(file, memory.subarray(0, BLOCK))) !== undefined;

  async function check(block: Uint8Array, size: number, pieceBytes: number): Promise<void> {
    const writer = (await DirectWriter.create(file, block)) ?? (await PlainWriter.create(file));
    const content = randomBytes(size);
    for (let at = 0; at < size; at += pieceBytes) await writer.write(content.subarray(at, at + pieceBytes));
    await writer.finish();
    await writer.close();
    assert.equal(Buffer.compare(readFileSync(file), content), 0, `${size} bytes in pieces of ${pieceBytes}`);
  }

  test('a file holds exactly the bytes written, whatever their number and pieces', async (context) => {
    if (!there) context.diagnostic(`${folder} is on a file system without direct writes: they went through the page cache`);
    for (const size of SIZES) {
      for (const piece of [1 + (size >> 2), PAGE, BLOCK + 1, 999]) await check(memory.subarray(0, BLOCK), size, piece);
    }
  });

  test('a disk that refuses our alignment gets the bytes through the page cache', async (context) => {
    if (!there) context.diagnostic(`${folder} is on a file system without direct writes: nothing was refused`);
    for (const size of SIZES) await check(memory.subarray(16, 16 + BLOCK), size, 5000);
  });

  test('a file system that is not known for it is left to the page cache', async () => {
    assert.equal(await DirectWriter.create('/proc/self/direct', memory.subarray(0, BLOCK)), undefined);
  });

  test('an older, longer file of that name leaves nothing behind', async () => {
    await check(memory.subarray(0, BLOCK), 3 * BLOCK, BLOCK);
    await check(memory.subarray(0, BLOCK), 10, 10);
  });
});
