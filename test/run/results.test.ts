import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/plan/plan.js';
import type { ChunkFailure } from '../../src/run/fleet.js';
import { Results } from '../../src/run/results.js';

const chunk = { index: 0, file: 't_chunk_0.parquet', scans: [] };
const planOf = (changes: object) => ({ table: 'public.t', exactRows: true, estimatedRows: 10, request: {}, ...changes }) as unknown as Plan;

function resultsOf(rows: number): Results {
  const results = new Results();
  const times = { server: 0, decode: 0, encode: 0, write: 0 };
  results.add(chunk, 'cpu', { path: 't', rows, bytes: 1, crc32: '00000000', receivedBytes: 1, seconds: 1, times, notes: [] });
  return results;
}

test('files that hold other rows than were counted are an error', () => {
  resultsOf(10).check(planOf({}), []);
  assert.throws(() => resultsOf(9).check(planOf({}), []), {
    code: 'INTERNAL',
    message: 'public.t: the plan has 10 rows, the files 9.',
  });
  assert.throws(() => resultsOf(11).check(planOf({}), []), { code: 'INTERNAL' });
});

test('where a condition chose the rows, it is the one that changed its mind', () => {
  assert.throws(() => resultsOf(9).check(planOf({ request: { where: 'random() < 0.5' } }), []), { code: 'USAGE', message: /public\.t/ });
});

test('estimates need not be met, nor does a count when chunks failed', () => {
  resultsOf(9).check(planOf({ exactRows: false }), []);
  resultsOf(9).check(planOf({}), [{ chunk, error: { code: 'SERVER', message: 'lost' } }] satisfies ChunkFailure[]);
});
