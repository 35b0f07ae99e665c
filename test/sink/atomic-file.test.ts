import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { AtomicFile, writeAtomically } from '../../src/sink/local/atomic-file.js';
import { DirectWriter } from '../../src/sink/local/direct-writer.js';
import { withFolder } from '../support/exporting.js';

/** Which files and folders were synced while `write` ran, and whether `final` was there by then. */
async function syncs(final: string, write: () => Promise<void>): Promise<[string, boolean][]> {
  const found: [string, boolean][] = [];
  const probe = await open('/', 'r');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { sync } = handles;
  handles.sync = function (this: FileHandle) {
    found.push([readlinkSync(`/proc/self/fd/${this.fd}`), existsSync(final)]);
    return sync.call(this);
  };
  try {
    await write();
  } finally {
    handles.sync = sync;
  }
  return found;
}

test('a file is on the disk before it has its name, and its name before the file counts as written', () =>
  withFolder(async (folder) => {
    const [final, temporary] = [join(folder, 'file'), join(folder, 'file.tmp')];
    const found = await syncs(final, async () => {
      const file = await AtomicFile.create(final, temporary);
      await file.write(Buffer.from('content'));
      await file.commit();
    });
    assert.deepEqual(found, [
      [temporary, false],
      [folder, true],
    ]);
    assert.equal(await readFile(final, 'utf8'), 'content');
  }));

test('so is one that is written past the page cache', (context) =>
  withFolder(async (folder) => {
    const [final, temporary] = [join(folder, 'file'), join(folder, 'file.tmp')];
    const engine = new Engine('cpu', 1);
    const block = engine.allocate(4096, true).bytes;
    const direct = await DirectWriter.create(temporary, block);
    await direct?.close();
    if (direct === undefined) context.diagnostic(`${folder} is on a file system without direct writes: they went through the page cache`);
    const found = await syncs(final, async () => {
      const file = await AtomicFile.create(final, temporary, block);
      await file.write(Buffer.alloc(5000, 'x'));
      await file.commit();
    });
    assert.deepEqual(found, [
      [temporary, false],
      [folder, true],
    ]);
    assert.equal((await readFile(final)).length, 5000);
    engine.close();
  }));

test('small files, as the manifest is one, are synced too', () =>
  withFolder(async (folder) => {
    const final = join(folder, 'list.json');
    const found = await syncs(final, () => writeAtomically(final, '{}'));
    assert.deepEqual(found, [
      [join(folder, `.list.json.${process.pid}.tmp`), false],
      [folder, true],
    ]);
  }));
