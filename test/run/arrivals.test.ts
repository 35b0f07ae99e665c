import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../src/run/arrivals.js';

const short = (asked: number, came: number, left = false) => ({ asked, came, why: 'no more', left });

function hear(workers: number, asked: number, happens: (arrivals: Arrivals) => void): string[] {
  const said: string[] = [];
  happens(new Arrivals(workers, asked, (sentence) => said.push(sentence)));
  return said;
}

test('connections that all came are no news', () => {
  const all = hear(2, 4, (arrivals) => {
    arrivals.ready(0, 2, undefined);
    arrivals.ready(1, 2, undefined);
    arrivals.end();
  });
  assert.deepEqual(all, []);
});

test('those of all workers are counted together and said once, when the last is ready', () => {
  const said = hear(2, 5, (arrivals) => {
    arrivals.ready(0, 1, short(3, 2, true));
    arrivals.ready(1, 2, undefined);
    arrivals.ready(0, 1, short(3, 1));
    arrivals.end();
  });
  assert.deepEqual(said, ['4 of 5 connections came: no more, and 1 of them is left to others.']);
});

test('a worker that never is ready does not keep the rest from being said at the end', () => {
  const said = hear(2, 4, (arrivals) => {
    arrivals.ready(0, 1, short(2, 1));
    arrivals.end();
  });
  assert.deepEqual(said, ['1 of 4 connections came: no more.']);
});
