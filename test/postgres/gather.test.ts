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

test('sessions that wait or are refused are given up, and the rest is said to have come', async () => {
  const [good, waiting] = [fake(), fake()];
  const full = Promise.reject(new GpuParserError('CONNECT', 'No room.', { sqlState: '53300' }));
  const begin = (session: Session) => (session === waiting ? new Promise<void>(() => undefined) : Promise.resolve());
  const { sessions, note } = await gather([Promise.resolve(good), Promise.resolve(waiting), full], begin, soon);
  assert.deepEqual(sessions, [good]);
  assert.equal(note, '1 of 3 connections came: No room');
  assert.deepEqual([good.destroyed, waiting.destroyed], [false, true]);
});

test('no session is an error with a remedy, and another failure is itself', async () => {
  const never = () => new Promise<void>(() => undefined);
  await assert.rejects(gather([Promise.resolve(fake())], never, soon), { code: 'CONNECT', hint: /at least two connections/ });
  const failing = () => Promise.reject(new GpuParserError('AUTH', 'Wrong password.'));
  await assert.rejects(gather([Promise.resolve(fake())], failing, soon), { code: 'AUTH' });
});
