import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GpuParserError } from '../../src/errors.js';
import { gather } from '../../src/postgres/gather.js';
import type { Session } from '../../src/postgres/session.js';

interface Fake extends Session {
  destroyed: boolean;
}

function fake(): Fake {
  const session = { destroyed: false, destroy: () => (session.destroyed = true) } as unknown as Fake;
  return session;
}

const soon = { waitMs: 20, firstMs: 40 };
const never = () => new Promise<never>(() => undefined);
const full = () => Promise.reject(new GpuParserError('CONNECT', 'No room.', { sqlState: '53300' }));

/** Opens one after the other what is given. */
function opening(...attempts: ((signal: AbortSignal) => Promise<Session>)[]) {
  let next = 0;
  return (signal: AbortSignal) => (attempts[next++] as (typeof attempts)[number])(signal);
}

test('sessions that are refused are said not to have come', async () => {
  const good = fake();
  const { sessions, shortage } = await gather(
    3,
    opening(async () => good, full, full),
    async () => {},
    soon,
  );
  assert.deepEqual(sessions, [good]);
  assert.deepEqual(shortage, { asked: 3, came: 1, why: 'No room', left: false });
  assert.equal(good.destroyed, false);
});

test('sessions that wait are given up, and one of those that came is left to others', async () => {
  const [first, second, waiting] = [fake(), fake(), fake()];
  let ended = false;
  const connecting = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        ended = true;
        reject(new Error('ended'));
      });
    });
  const open = opening(
    async () => first,
    async () => second,
    async () => waiting,
    connecting,
  );
  const { sessions, shortage } = await gather(4, open, (session) => (session === waiting ? never() : Promise.resolve()), soon);
  assert.deepEqual(shortage, { asked: 4, came: 2, why: 'the pool or the server has no more', left: true });
  assert.deepEqual(sessions, [second]);
  assert.deepEqual([first.destroyed, second.destroyed, waiting.destroyed, ended], [true, false, true, true]);
});

test('the last one is left to others only where one can do without', async () => {
  const open = () =>
    opening(
      async () => fake(),
      async () => fake(),
    );
  const begin = () => {
    let begun = 0;
    return () => (begun++ === 0 ? Promise.resolve() : never());
  };
  assert.equal((await gather(2, open(), begin(), soon)).sessions.length, 1);
  await assert.rejects(gather(2, open(), begin(), { ...soon, least: 0 }), {
    code: 'CONNECT',
    sqlState: '53300',
    message: '1 of 2 connections came: the pool or the server has no more.',
  });
});

test('one that waits longer than the rest is waited for where none has come', async () => {
  const late = fake();
  const open = opening(full, () => new Promise<Session>((resolve) => setTimeout(resolve, 40, late)));
  const { sessions } = await gather(2, open, async () => {}, { waitMs: 1, firstMs: 10_000 });
  assert.deepEqual(sessions, [late]);
});

test('no session is an error with a remedy, and another failure is itself and leaves none open', async () => {
  const open = async () => fake();
  await assert.rejects(gather(1, open, never, soon), { code: 'CONNECT', hint: /at least two connections/ });
  const good = fake();
  const failing = (session: Session) =>
    session === good ? Promise.resolve() : Promise.reject(new GpuParserError('AUTH', 'Wrong password.'));
  const both = opening(
    async () => good,
    async () => fake(),
  );
  await assert.rejects(gather(2, both, failing, soon), { code: 'AUTH' });
  assert.ok(good.destroyed);
});
