import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { Engine } from '../../src/engine/engine.js';
import type { EngineError } from '../../src/engine/status.js';
import { encode } from './encode.js';
import { skip, skipWithoutEngine } from './machine.js';
import { column, everyKind, randomRows } from './rows.js';

const columns = [column('id', 'int8', { required: true }), column('text', 'text'), ...everyKind.slice(0, 4)];

/** The values of each batch: the same rows may get another dictionary each time. */
async function values(engine: Engine, rows: ReturnType<typeof randomRows>): Promise<unknown[]> {
  const out: unknown[] = [];
  await encode(engine, columns, rows, { codec: 'none', batchRows: 5000, slotBytes: 64 << 10 }, async ({ bytes }) => {
    out.push(await parquetReadObjects({ file: new Uint8Array(bytes).buffer }));
  });
  return out;
}

describe('the CUDA engine takes rows before its device runs', { skip }, () => {
  it('and makes of them what it makes of later ones', async () => {
    const rows = randomRows(columns, 20_000, 5);
    const engine = new Engine('cuda:0');
    assert.equal(engine.running, false);
    const early = await values(engine, rows);
    await engine.start();
    assert.equal(engine.running, true);
    assert.deepEqual(early, await values(engine, rows));
    assert.equal(early.length, 4);
    await engine.close();
  });

  it('and can be closed at once', async () => {
    await new Engine('cuda:0').close();
  });
});

describe('the CUDA engine whose device cannot be used', { skip: skipWithoutEngine }, () => {
  const error = (thrown: unknown) => {
    const { code, message } = thrown as EngineError;
    return { code, message };
  };

  it('says so when it is waited for, in every batch, and gives the slots back', async () => {
    const engine = new Engine('cuda:1023');
    const rows = randomRows(columns, 6000, 6);
    const failures: unknown[] = [];
    // Each of these waits for the slots of its batch too.
    await encode(engine, columns, rows, {}, async () => undefined).catch((thrown: unknown) => failures.push(error(thrown)));
    await engine.start().catch((thrown: unknown) => failures.push(error(thrown)));
    await encode(engine, columns, rows, {}, async () => undefined).catch((thrown: unknown) => failures.push(error(thrown)));
    const [first] = failures as { code: string; message: string }[];
    assert.equal(first?.code, 'DEVICE');
    assert.match(first?.message ?? '', /^CUDA cannot be used: |^device cuda:1023 is not there: CUDA shows \d+ devices?$/);
    assert.deepEqual(failures, [first, first, first]);
    assert.equal(engine.running, false);
    await engine.close();
  });
});
