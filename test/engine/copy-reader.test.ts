import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.js';
import type { Slot } from '../../src/engine/slot.js';
import { SLOT_BYTES, SlotPool } from '../../src/engine/slot-pool.js';
import { CopyReader } from '../../src/source/copy/copy-reader.js';
import { bytea, Collector, copyMessages, writer } from '../support/copy-stream.js';
import { TrackedEngine } from '../support/tracked-engine.js';

/** The CPU engine as one whose device starts when it is told. Knows what memory is out. */
class LateEngine extends TrackedEngine {
  #late = true;
  #begin: (() => void) | undefined;
  readonly #begun = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });

  override get running(): boolean {
    return !this.#late;
  }

  override start(): Promise<void> {
    return this.#begun;
  }

  run(): void {
    this.#late = false;
    this.#begin?.();
  }

  override allocate(bytes: number, plain = this.#late): Slot {
    return super.allocate(bytes, plain);
  }
}

/** Feeds `bytes` through a reader as a socket would, in reads of the given sizes, obeying `full`. */
async function feed(bytes: Buffer, reads: readonly number[], slots: number, engine = new Engine('cpu', 1), early = 0) {
  const schema = engine.openSchema([bytea], writer);
  const batch = schema.openBatch();
  const pool = new SlotPool(engine, slots, early);
  const stream = engine.openStream();
  let scans = 0;
  const scan = stream.scan.bind(stream);
  stream.scan = (...slice) => {
    scans++;
    return scan(...slice);
  };
  const collector = new Collector(batch);
  const reader = new CopyReader(stream, pool, collector);
  const types: string[] = [];
  const take = (count: number) => {
    if (count > 0) reader.received(count);
    for (let m = reader.next(); m; m = reader.next()) types.push(String.fromCharCode(m.type));
  };
  reader.start();
  for (let at = 0, i = 0; at < bytes.length; i++) {
    if (reader.full) {
      await new Promise<void>((resolve) => {
        reader.onDrain = resolve;
        if (!reader.full) resolve();
      });
      take(0);
    }
    const window = reader.window();
    assert.ok(window.length > 0);
    const count = Math.min(window.length, reads[i % reads.length] as number, bytes.length - at);
    window.set(bytes.subarray(at, at + count));
    at += count;
    take(count);
  }
  while (types.at(-1) !== 'Z') {
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
    take(0);
  }
  reader.flush();
  const image = await batch.finish();
  const result = {
    rows: collector.rows,
    appends: collector.appends,
    scans,
    imageRows: image.rows,
    types: types.join(''),
    inputBytes: image.inputBytes,
    image: Buffer.from(image.bytes),
  };
  image.free();
  batch.close();
  reader.close();
  schema.close();
  pool.close();
  await engine.close();
  return result;
}

test('rows survive every way of cutting the stream into reads', async () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 0, max: 90_000 }).map((n) => new Uint8Array(n).fill(n & 255)),
  );
  const reads = fc.array(fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 300_000 })), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { maxLength: 60 }),
      reads,
      fc.nat(),
      fc.integer({ min: 2, max: 4 }),
      async (values, sizes, notice, slots) => {
        const buffers = values.map((bytes) => Buffer.from(bytes));
        const total = buffers.reduce((sum, { length }) => sum + length, 0);
        fc.pre(total / Math.max(...sizes) < 20_000);
        const { rows, imageRows, types, image } = await feed(copyMessages(buffers, notice), sizes, slots);
        assert.equal(rows, buffers.length);
        assert.equal(imageRows, buffers.length);
        assert.equal(types, 'HNcCZ');
        // Uncompressed and without a dictionary that reorders: every value stands in the image as it was sent.
        for (const bytes of buffers) assert.ok(bytes.length === 0 || image.includes(bytes));
      },
    ),
    { numRuns: 60 },
  );
});

test('a row larger than any slot passes, and its neighbors too', async () => {
  const values = [
    Buffer.from('before'),
    Buffer.alloc(5 << 20, 'large'),
    Buffer.from('between'),
    Buffer.alloc(3 << 20, 'other'),
    Buffer.from('after'),
  ];
  const { rows, types, image } = await feed(copyMessages(values, 2), [200_000], 2);
  assert.equal(rows, 5);
  assert.equal(types, 'HNcCZ');
  for (const value of values) assert.ok(image.includes(value));
});

test('a fixed stream crosses into native code once a read, once a slot and once a message that is not a row', async () => {
  const values = Array.from({ length: 40_000 }, (_, i) => Buffer.from(`row number ${i} of a stream that is cut into equal reads`));
  const bytes = copyMessages(values, 0);
  const { scans, appends, types } = await feed(bytes, [64 << 10], 4);
  const reads = Math.ceil(bytes.length / (64 << 10));
  const slots = Math.ceil(bytes.length / SLOT_BYTES);
  assert.ok(scans <= reads + types.length + slots, `${scans} scans for ${reads} reads, ${types.length} messages, ${slots} slots`);
  assert.ok(appends <= slots + 1, `${appends} appends for ${slots} slots`);
});

test('rows that come while the device starts are read into early slots, which are given back when it runs', async () => {
  const values = Array.from({ length: 20 << 10 }, (_, i) => Buffer.alloc(1000 + (i % 60), `${i} `));
  values.splice(100, 0, Buffer.alloc(3 << 20, 'larger than a slot'));
  const bytes = copyMessages(values, 0);
  for (const [early, startAfter] of [
    [2, 0], // too few: reading pauses until the device runs
    [4, 3],
    [12, 5],
  ] as const) {
    const engine = new LateEngine('cpu', 1);
    const sizes: number[] = [];
    const { see } = Collector.prototype;
    const reads = [150_000];
    let appended = 0;
    Collector.prototype.see = ({ plain }) => {
      sizes.push(plain ? 1 : 0);
      if (++appended > startAfter) engine.run();
    };
    if (startAfter === 0) setTimeout(() => engine.run(), 50);
    try {
      const { rows, types, image } = await feed(bytes, reads, 3, engine, early);
      assert.equal(rows, values.length);
      assert.equal(types, 'HNcCZ');
      for (const value of values.filter(({ length }, i) => i % 211 < 2 || length > SLOT_BYTES)) assert.ok(image.includes(value));
    } finally {
      Collector.prototype.see = see;
    }
    assert.ok(sizes[0] === 1 && sizes.at(-1) === 0, 'the first slots are plain, the last are not');
    assert.deepEqual([...engine.out], [], 'all memory is given back');
  }
});

test('a held pool stops the reader, and letting go starts it again', async () => {
  const engine = new Engine('cpu', 1);
  const schema = engine.openSchema([bytea], writer);
  const pool = new SlotPool(engine, 4);
  const stream = engine.openStream();
  const batch = schema.openBatch();
  const reader = new CopyReader(stream, pool, new Collector(batch));
  let drained = 0;
  reader.onDrain = () => drained++;
  reader.start();
  assert.equal(reader.full, false);
  pool.hold(true);
  const bytes = copyMessages(
    Array.from({ length: 4096 }, () => Buffer.alloc(1024)),
    0,
  );
  let at = 0;
  while (!reader.full) {
    const window = reader.window();
    const count = Math.min(window.length, 64 << 10, bytes.length - at);
    window.set(bytes.subarray(at, at + count));
    at += count;
    reader.received(count);
    while (reader.next());
  }
  assert.ok(at <= 2 * SLOT_BYTES, `${at} bytes were read into a held pool`);
  assert.equal(drained, 0);
  pool.hold(false);
  assert.equal(reader.full, false);
  assert.equal(drained, 1);
  reader.flush();
  await batch.finish().then((image) => image.free());
  reader.close();
  batch.close();
  schema.close();
  pool.close();
  await engine.close();
});

test('a pool is home when the last of its slots, of whatever size, has come back', async () => {
  const engine = new Engine('cpu', 1);
  const pool = new SlotPool(engine, 2);
  const out = [pool.take() as Slot, pool.take() as Slot, pool.takeLarge(2 * SLOT_BYTES)];
  let home = false;
  const coming = pool.home().then(() => {
    home = true;
  });
  for (const slot of out) {
    await new Promise(setImmediate);
    assert.equal(home, false);
    pool.give(slot);
  }
  await coming;
  pool.close();
  await engine.close();
});
