import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SerializedError } from '../../src/errors.js';
import type { ChunkPlan } from '../../src/plan/plan.js';
import { Dispatcher, type DispatchHooks } from '../../src/run/dispatch.js';
import type { WorkerHandle, WorkerListener } from '../../src/run/launcher.js';
import type { ChunkResult, WorkerEvent, WorkerRequest } from '../../src/run/protocol.js';
import { retryPolicy } from '../../src/run/retry-policy.js';

const times = { server: 0, decode: 0, encode: 0, write: 0 };

function chunkPlans(count: number): ChunkPlan[] {
  return Array.from({ length: count }, (_, index) => ({ index, file: `t_chunk_${index}.parquet`, scans: [] }));
}

/** What a fake worker does with an attempt at a chunk. */
type Behavior = 'done' | 'fail' | 'snapshot lost' | 'fail for good' | 'die' | 'unfit';

interface Fake {
  readonly done: number[];
  readonly retries: number[];
  readonly attempts: { chunk: number; attempt: number; worker: number }[];
  readonly hooks: DispatchHooks;
}

/** Workers that answer in the next ticks, as their behaviors say, attempt by attempt; what is not said is done. */
function fakeWorkers(behavior: (chunk: number, attempt: number, worker: number) => Behavior): Fake {
  const done: number[] = [];
  const retries: number[] = [];
  const attempts: Fake['attempts'] = [];
  const launch = (index: number, listener: WorkerListener): WorkerHandle => {
    let dead = false;
    const say = (event: WorkerEvent) => setImmediate(() => dead || listener.event(handle, event));
    const handle: WorkerHandle = {
      index,
      device: 'cpu',
      stop: async () => {
        dead = true;
      },
      send: (request: WorkerRequest) => {
        if (request.type === 'plan') say({ type: 'ready', device: 'cpu', pids: [index] });
        if (request.type !== 'chunk') return;
        const chunk = request.chunk.index;
        const { attempt } = request;
        attempts.push({ chunk, attempt, worker: index });
        const act = behavior(chunk, attempt, index);
        const error: SerializedError =
          act === 'snapshot lost'
            ? { code: 'SNAPSHOT', message: 'no such snapshot' }
            : { code: 'SERVER', message: 'lost', retry: act !== 'fail for good' };
        const result: ChunkResult = { path: '', rows: 1, bytes: 1, crc32: '00000000', receivedBytes: 1, seconds: 0, times, notes: [] };
        if (act === 'done') say({ type: 'done', chunk, attempt, result });
        else if (act === 'unfit') say({ type: 'failed', chunk: undefined, attempt, error: { ...error, message: 'no GPU', retry: false } });
        else if (act !== 'die') say({ type: 'failed', chunk, attempt, error });
        else
          setImmediate(() => {
            dead = true;
            listener.ended(handle, 'was killed by SIGKILL');
          });
      },
    };
    return handle;
  };
  const plan = { type: 'plan' } as WorkerRequest;
  let planned = false;
  const hooks: DispatchHooks = {
    launch,
    prologue: () => {
      const requests = [{ type: 'prepare' } as WorkerRequest, ...(planned ? [plan] : [])];
      planned = true;
      return requests;
    },
    onDone: (chunk) => done.push(chunk.index),
    onRetry: (chunk) => retries.push(chunk.index),
  };
  return { done, retries, attempts, hooks };
}

async function dispatch(fake: Fake, workers: number, chunks: number, retries = 2) {
  const dispatcher = new Dispatcher(fake.hooks, retryPolicy(retries), workers);
  dispatcher.start();
  const failures = await dispatcher.run(chunkPlans(chunks));
  await dispatcher.stop(0);
  return failures;
}

test('every chunk ends exactly once, done or failed, whatever workers do', async () => {
  const behaviors = fc.constantFrom<Behavior>('done', 'done', 'done', 'fail', 'fail for good', 'die', 'unfit');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 12 }),
      fc.array(behaviors, { maxLength: 40 }),
      async (workers, chunks, script) => {
        const fake = fakeWorkers((chunk, attempt) => script[chunk * 3 + attempt] ?? 'done');
        const failures = await dispatch(fake, workers, chunks);
        const ended = [...fake.done, ...failures.map(({ chunk }) => chunk.index)].sort((a, b) => a - b);
        assert.deepEqual(
          ended,
          Array.from({ length: chunks }, (_, i) => i),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('no more workers take part than there are connections for', async () => {
  const fake = fakeWorkers((chunk, attempt) => (chunk % 3 === 0 && attempt === 1 ? 'die' : 'done'));
  const dispatcher = new Dispatcher(fake.hooks, retryPolicy(2), 5);
  dispatcher.start();
  assert.deepEqual(await dispatcher.run(chunkPlans(20), 2), []);
  await dispatcher.stop(0);
  assert.deepEqual([...new Set(fake.attempts.map(({ worker }) => worker))].sort(), [0, 1]);
});

test('a chunk that fails once is tried again, on another worker where there is one', async () => {
  const fake = fakeWorkers((chunk, attempt) => (chunk === 0 && attempt === 1 ? 'fail' : 'done'));
  assert.deepEqual(await dispatch(fake, 2, 1), []);
  const [first, second] = fake.attempts;
  assert.equal(second?.attempt, 2);
  assert.notEqual(first?.worker, second?.worker);
});

test('a worker whose device turns out to be of no use hands its chunk back, and another exports it', async () => {
  const fake = fakeWorkers((chunk, attempt) => (chunk === 0 && attempt === 1 && fake.attempts.length === 1 ? 'unfit' : 'done'));
  assert.deepEqual(await dispatch(fake, 2, 3), []);
  assert.deepEqual([...fake.done].sort(), [0, 1, 2]);
  assert.deepEqual(fake.retries, []);
  const first = fake.attempts.filter(({ chunk }) => chunk === 0);
  assert.deepEqual(
    first.map(({ attempt }) => attempt),
    [1, 1],
  );
  assert.notEqual(first[0]?.worker, first[1]?.worker);
});

test('when no worker is of any use, every chunk fails with the reason', async () => {
  const fake = fakeWorkers(() => 'unfit');
  const failures = await dispatch(fake, 2, 3);
  assert.deepEqual(
    failures.map(({ chunk, error }) => [chunk.index, error.message]).sort(),
    [0, 1, 2].map((index) => [index, 'no GPU']),
  );
});

test('a chunk that always fails ends after the retries, the others are done', async () => {
  const fake = fakeWorkers((chunk) => (chunk === 1 ? 'fail' : 'done'));
  const failures = await dispatch(fake, 2, 4, 2);
  assert.deepEqual(
    failures.map(({ chunk }) => chunk.index),
    [1],
  );
  assert.equal(fake.attempts.filter(({ chunk }) => chunk === 1).length, 3);
  assert.deepEqual([...fake.done].sort(), [0, 2, 3]);
});

test('an error that no retry can mend fails the chunk at once', async () => {
  const fake = fakeWorkers(() => 'fail for good');
  assert.equal((await dispatch(fake, 1, 2)).length, 2);
  assert.equal(fake.attempts.length, 2);
});

test('a worker that dies is replaced and its chunk tried again', async () => {
  const fake = fakeWorkers((chunk, attempt) => (chunk === 0 && attempt === 1 ? 'die' : 'done'));
  assert.deepEqual(await dispatch(fake, 1, 3), []);
  assert.deepEqual([...fake.done].sort(), [0, 1, 2]);
  assert.deepEqual(fake.retries, [0]);
});

test('workers that always die end the run with their error', async () => {
  const fake = fakeWorkers(() => 'die');
  const failures = await dispatch(fake, 2, 8);
  assert.equal(failures.length, 8);
  assert.match(failures[0]?.error.message ?? '', /was killed by SIGKILL/);
});

test('a worker that dies again and again is not started for ever, however often a chunk may be tried', async () => {
  const fake = fakeWorkers(() => 'die');
  const failures = await dispatch(fake, 1, 2, 50);
  assert.equal(failures.length, 2);
  assert.equal(fake.attempts.length, 3);
});

test('a chunk goes to another worker again while there is one, whichever is asked first', async () => {
  const fake = fakeWorkers((_chunk, _attempt, worker) => (worker === 0 ? 'fail' : 'done'));
  assert.deepEqual(await dispatch(fake, 2, 6), []);
  const tried = fake.attempts.filter(({ worker }) => worker === 0).map(({ chunk }) => chunk);
  assert.ok(tried.length > 0);
  assert.equal(new Set(tried).size, tried.length, 'no chunk came back to the worker that had failed it');
});

test('what a chunk failed of first is its error, not the snapshot that is gone afterwards', async () => {
  const fake = fakeWorkers((_chunk, attempt) => (attempt === 1 ? 'fail' : 'snapshot lost'));
  const failures = await dispatch(fake, 1, 1);
  assert.deepEqual(
    failures.map(({ error }) => error.message),
    ['lost'],
  );
});

test('a chunk that finds no snapshot any more fails of what ended the snapshot', async () => {
  const fake = fakeWorkers((chunk) => (chunk === 0 ? 'fail for good' : 'snapshot lost'));
  const failures = await dispatch(fake, 1, 3);
  assert.deepEqual(
    failures.map(({ error }) => error.message),
    ['lost', 'lost', 'lost'],
  );
});

/** Workers of which the first `able` have a connection, and one that stands in for them. */
function workersWithout(able: number, standIn: boolean): Fake & { readonly stoodIn: SerializedError[] } {
  const stoodIn: SerializedError[] = [];
  const fake = fakeWorkers((_chunk, _attempt, worker) => (worker < able || stoodIn.length > 0 ? 'done' : 'unfit'));
  const hooks: DispatchHooks = {
    ...fake.hooks,
    standIn: (error, index, listener) => {
      stoodIn.push(error);
      return standIn ? fake.hooks.launch(index, listener) : undefined;
    },
  };
  return Object.assign(fake, { hooks, stoodIn });
}

test('one who stands in exports what is left when no worker is of any use, and is asked once', async () => {
  const fake = workersWithout(0, true);
  assert.deepEqual(await dispatch(fake, 3, 5), []);
  assert.deepEqual([...fake.done].sort(), [0, 1, 2, 3, 4]);
  assert.deepEqual(
    fake.stoodIn.map(({ message }) => message),
    ['no GPU'],
  );
  assert.deepEqual(fake.retries, []);
});

test('nobody stands in while a worker is of use, and where nobody does every chunk fails with the reason', async () => {
  const fit = workersWithout(1, true);
  assert.deepEqual(await dispatch(fit, 3, 5), []);
  assert.deepEqual(fit.stoodIn, []);
  const none = workersWithout(0, false);
  const failures = await dispatch(none, 2, 3);
  assert.deepEqual(
    failures.map(({ error }) => error.message),
    ['no GPU', 'no GPU', 'no GPU'],
  );
  assert.equal(none.stoodIn.length, 1);
});
