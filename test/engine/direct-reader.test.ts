// Native threads read the socket and go from slot to slot; JavaScript hears of it later. A server of our own decides what comes when.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Slot } from '../../src/engine/slot.js';
import { SLOT_BYTES, SlotPool } from '../../src/engine/slot-pool.js';
import { GpuParserError } from '../../src/errors.js';
import { copyOut } from '../../src/postgres/copy.js';
import { Transport } from '../../src/postgres/socket.js';
import { CopyReader } from '../../src/source/copy/copy-reader.js';
import { bytea, Collector, copyMessages, writer } from '../support/copy-stream.js';
import { TrackedEngine } from '../support/tracked-engine.js';

/** Knows which reads go on, and may run out of memory. */
class CountingEngine extends TrackedEngine {
  readonly reads = new Set<number>();
  left = Number.POSITIVE_INFINITY;

  override allocate(bytes: number, plain?: boolean): Slot {
    if (this.left-- <= 0) throw new GpuParserError('MEMORY', 'no more memory');
    return super.allocate(bytes, plain);
  }

  override onRead(id: number, done: (failed: boolean) => void): void {
    this.reads.add(id);
    super.onRead(id, (failed) => {
      this.reads.delete(id);
      done(failed);
    });
  }

  override dropRead(id: number): void {
    this.reads.delete(id);
    super.dropRead(id);
  }
}

interface Meeting {
  readonly engine: CountingEngine;
  readonly pool: SlotPool;
  readonly collector: Collector;
  readonly pending: () => number;
  /** Until the COPY ends. */
  readonly copy: (signal?: AbortSignal) => Promise<{ rows: number }>;
  /** Everything that was appended, as an image. */
  readonly image: () => Promise<Buffer>;
}

/** A server that answers any statement by `answer`, and a reader with an engine of `slots`. Afterwards all memory must be back. */
async function meet(slots: number, answer: (to: net.Socket) => void, during: (meeting: Meeting) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpuparser-direct-'));
  const path = join(folder, 'socket');
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined); // the reader may hang up
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const transport = new Transport({ path });
  await new Promise((resolve) => transport.socket.once('connect', resolve));
  const engine = new CountingEngine('cpu', 1);
  const pool = new SlotPool(engine, slots);
  const schema = engine.openSchema([bytea], writer);
  const batch = schema.openBatch();
  const stream = engine.openStream();
  const collector = new Collector(batch);
  const reader = new CopyReader(stream, pool, collector);
  try {
    await during({
      engine,
      pool,
      collector,
      pending: () => reader.pending.rows,
      copy: (signal) => {
        reader.start();
        const context = { cancel: () => Promise.reject(new Error('no cancel')), onNotice: () => undefined };
        return copyOut(transport, 'COPY', reader, signal ? { ...context, signal } : context).finally(() =>
          assert.deepEqual([...engine.reads], [], 'no thread reads any more'),
        );
      },
      image: async () => {
        reader.flush();
        const image = await batch.finish();
        const bytes = Buffer.from(image.bytes);
        image.free();
        return bytes;
      },
    });
  } finally {
    reader.close();
    await collector.home();
    batch.close();
    schema.close();
    pool.close();
    assert.deepEqual([...engine.out], [], 'all memory is given back');
    await engine.close();
    transport.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Sends `bytes` in uneven pieces, at the reader's speed. */
function trickle(to: net.Socket, bytes: Buffer): Readable {
  const pieces = function* () {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const piece = bytes.subarray(at, at + 1 + ((i * 7919) % 200_000));
      at += piece.length;
      yield piece;
    }
  };
  const source = Readable.from(pieces());
  source.pipe(to, { end: false });
  return source;
}

const small = Array.from({ length: 12 << 10 }, (_, i) => Buffer.alloc(1000 + (i % 60), `${i} `));

test('rows larger than a slot between small ones are read by native threads, every one once', async () => {
  const values = small.map((value, i) =>
    i % 2000 === 77 ? Buffer.alloc(SLOT_BYTES - 70_000 + 35_000 * Math.floor(i / 2000), `${i} large `) : value,
  );
  const bytes = copyMessages(values, 500);
  await meet(
    4,
    (socket) => void trickle(socket, bytes),
    async ({ copy, image, collector }) => {
      assert.deepEqual(await copy(), { rows: values.length });
      const file = await image();
      assert.equal(collector.rows, values.length);
      let at = 0;
      for (const value of values) {
        at = file.indexOf(value, at);
        assert.ok(at >= 0, 'every value, in order');
        at += value.length;
      }
    },
  );
});

test('a held pool stops native threads after the slots they have, and letting go has them go on', async () => {
  const bytes = copyMessages(small, 0);
  await meet(
    4,
    (socket) => void trickle(socket, bytes),
    async ({ copy, pool, collector, pending }) => {
      const done = copy();
      pool.hold(true);
      for (let seen = -1; seen !== collector.rows + pending() || seen === 0; ) {
        seen = collector.rows + pending();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok((collector.rows + pending()) * 1000 <= 2 * SLOT_BYTES, 'no more than two slots are read');
      pool.hold(false);
      assert.deepEqual(await done, { rows: small.length });
    },
  );
});

test('an engine that has no memory for the next slot fails the COPY, and not the process', async () => {
  const bytes = copyMessages(small, 0);
  await meet(
    8,
    (socket) => void trickle(socket, bytes),
    async ({ copy, engine }) => {
      engine.left = 2; // those to begin with
      await assert.rejects(copy(), { code: 'MEMORY', message: 'no more memory' });
    },
  );
});

test('a batch that refuses a slot while threads read the next fails the COPY, and not the process', async () => {
  const bytes = copyMessages(small, 0);
  await meet(
    8,
    (socket) => void trickle(socket, bytes),
    async ({ copy, collector }) => {
      const append = collector.append.bind(collector);
      collector.append = (...slot) => {
        if (collector.appends === 2) throw new GpuParserError('MEMORY', 'no room for the slot');
        append(...slot);
      };
      await assert.rejects(copy(), { code: 'MEMORY', message: 'no room for the slot' });
    },
  );
});

test('a stop, a lost connection and nonsense in the middle of a slot end the COPY whatever the pool does meanwhile', async () => {
  const whole = copyMessages(small, 0);
  const nonsense = Buffer.concat([whole.subarray(0, 5 << 20), Buffer.alloc(2 << 20, 0xff)]);
  const cases: [string, (socket: net.Socket) => void][] = [
    ['INTERRUPTED', (socket) => void trickle(socket, whole.subarray(0, whole.length - 100))],
    ['SERVER', (socket) => void trickle(socket, whole.subarray(0, 5 << 20)).on('end', () => socket.destroy())],
    ['PROTOCOL', (socket) => void trickle(socket, nonsense)],
  ];
  for (const [code, answer] of cases)
    for (const slots of [2, 3, 8])
      await meet(slots, answer, async ({ copy, pool, collector }) => {
        const abort = new AbortController();
        const timer = setInterval(() => {
          pool.hold(true);
          pool.hold(false);
          if (code === 'INTERRUPTED' && collector.appends > 3) abort.abort();
        }, 1);
        await assert.rejects(copy(abort.signal), (error: GpuParserError) => error.code === code).finally(() => clearInterval(timer));
      });
});
