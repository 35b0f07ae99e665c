import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WorkerEvent } from '../../src/run/protocol.js';
import { Worker } from '../../src/run/worker.js';
import { withFolder } from '../support/exporting.js';
import { until } from '../support/ray.js';

const request = { type: 'reach', marker: 'marker', run: 'a1', probe: 'probe', node: '10.0.0.7', waitMs: 200 } as const;

/** What a worker says when it is told to reach a store. */
async function told(place: string): Promise<WorkerEvent[]> {
  const events: WorkerEvent[] = [];
  const worker = new Worker((event) => events.push(event));
  worker.handle({ ...request, place });
  worker.handle({ type: 'chunk', chunk: { index: 0, file: 'f', scans: [] }, attempt: 1 });
  const left = () =>
    stat(join(place, 'probe')).then(
      (found) => found.isFile() && found.size > 0,
      () => false,
    );
  await until(async () => events.length > 0 || (await left()), 10_000, 'an answer');
  await worker.stop();
  return events;
}

test('a worker that sees the marker leaves its probe', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'marker'), 'a1');
    await told(folder);
    assert.equal(await readFile(join(folder, 'probe'), 'utf8'), 'a1');
  }));

test('a worker that sees another folder of that name says so, names its node, and does nothing else', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'marker'), 'of another run');
    const [failed, ...more] = await told(folder);
    assert.ok(failed?.type === 'failed' && failed.error.code === 'OUTPUT');
    assert.equal(failed.error.message, `The node 10.0.0.7 does not see the output folder ${folder} of the coordinating machine.`);
    assert.match(failed.error.hint as string, /one shared folder that every node sees/);
    assert.deepEqual(more, []);
  }));

test('a worker that cannot write says so and names its node', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'marker'), 'a1');
    await mkdir(join(folder, 'probe'));
    const [failed] = await told(folder);
    assert.ok(failed?.type === 'failed' && failed.error.code === 'OUTPUT');
    assert.match(failed.error.message, /^The node 10\.0\.0\.7 cannot write to the output folder: .*a folder of that name is in the way\.$/);
  }));
