import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanPlan } from '../../src/plan/plan.js';
import { lockStatements } from '../../src/source/copy/locks.js';

const scan = (from: string, lock?: string[]) => ({ relation: from, from, ...(lock ? { lock } : {}) }) as unknown as ScanPlan;

test('what chunks share is locked once, and nothing is waited for', () => {
  assert.deepEqual(lockStatements([scan('a', ['ONLY a']), scan('a', ['ONLY a']), scan('b', ['ONLY b', 'ONLY a'])]), {
    statements: ['SET LOCAL lock_timeout = 60000', 'LOCK TABLE ONLY a, ONLY b IN ACCESS SHARE MODE NOWAIT'],
    complete: true,
  });
});

test('what LOCK TABLE does not take is locked by reading nothing of it, with a short time-out, which then grows', () => {
  assert.deepEqual(lockStatements([scan('m'), scan('m'), scan('a', ['ONLY a'])]), {
    statements: [
      'SET LOCAL lock_timeout = 1500',
      'LOCK TABLE ONLY a IN ACCESS SHARE MODE NOWAIT',
      'SELECT FROM m WHERE false',
      'SET LOCAL lock_timeout = 60000',
    ],
    complete: true,
  });
});

test('more relations than a connection may lock are left to the chunks', () => {
  const scans = (count: number) => Array.from({ length: count }, (_, i) => scan(`t${i}`, [`ONLY t${i}`]));
  assert.equal(lockStatements(scans(200)).complete, true);
  assert.deepEqual(lockStatements(scans(201)), { statements: ['SET LOCAL lock_timeout = 60000'], complete: false });
});
