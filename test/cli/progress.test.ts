import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newProgress } from '../../src/cli/progress.js';
import { plan, progress } from './samples.js';
import { Screen } from './screen.js';

function onScreen(columns?: number, rows?: number, environment = {}) {
  const screen = new Screen(columns, rows);
  const clock = { now: 100 };
  return { screen, clock, shown: newProgress({ output: screen, environment, now: () => clock.now }) };
}

function offScreen() {
  const output = { written: '', write: (text: string) => (output.written += text) };
  const clock = { now: 100 };
  return { output, clock, shown: newProgress({ output, environment: {}, now: () => clock.now }) };
}

describe('progress on a terminal', () => {
  it('redraws one line for one worker: bar, percent, rows, rates, time left', () => {
    const { screen, clock, shown } = onScreen();
    shown.planned(plan);
    shown.update(progress([0], 0));
    clock.now += 2;
    shown.update(progress([250_000], 2));
    assert.equal(screen.text, 'cpu  [###-----------]  25%   250 k rows   125 k rows/s  23.8 MiB/s  6 s left');
    shown.end();
    assert.equal(screen.text, '');
  });

  it('draws a line per worker and one for all, each with its chunk and its own bar', () => {
    const { screen, clock, shown } = onScreen(100);
    shown.planned(plan);
    shown.update(progress([0, 0], 0));
    clock.now += 1;
    shown.update(progress([100_000, 400_000], 1));
    assert.deepEqual(screen.text.split('\n'), [
      'cpu #0 chunk 0        [###--------------]  20%   100 k rows   100 k rows/s  19.1 MiB/s  4 s left',
      'cpu #1 chunk 1        [#############----]  80%   400 k rows   400 k rows/s  76.3 MiB/s  1 s left',
      'all                   [########---------]  50%   500 k rows   500 k rows/s  95.4 MiB/s  1 s left',
    ]);
  });

  it('counts a chunk from its own first row when a worker takes the next one', () => {
    const { screen, clock, shown } = onScreen(120);
    shown.planned(plan);
    const later = (chunk: number, rows: number) => {
      const event = progress([rows, 0], 1);
      return { ...event, workers: event.workers.map((worker) => (worker.worker === 0 ? { ...worker, chunk } : worker)) };
    };
    shown.update(later(0, 500_000));
    clock.now += 1;
    shown.update(later(1, 500_000));
    clock.now += 1;
    shown.update(later(1, 625_000));
    assert.match(screen.text, /^cpu #0 chunk 1 .* 25% {3}125 k rows/);
  });

  it('keeps what is printed above what is redrawn', () => {
    const { screen, clock, shown } = onScreen();
    shown.print('first\n');
    shown.update(progress([0], 0));
    clock.now += 1;
    shown.print('second\n');
    shown.update(progress([10], 1));
    assert.match(screen.text, /^first\nsecond\ncpu /);
    shown.end();
    assert.equal(screen.text, 'first\nsecond');
    shown.end();
    assert.equal(screen.text, 'first\nsecond');
  });

  it('leaves nothing torn where the terminal becomes narrower', () => {
    for (const workers of [1, 2, 3]) {
      const { screen, clock, shown } = onScreen(100);
      shown.print('above\n');
      shown.planned(plan);
      const rows = Array.from({ length: workers }, () => 1000);
      for (const columns of [100, 60, 40, 33]) {
        if (columns < 100) screen.narrow(columns);
        clock.now += 1;
        shown.update(progress(rows, clock.now - 100));
        assert.equal(screen.text.split('\n').length, 1 + (workers > 1 ? workers + 1 : 1), `${columns} columns: ${screen.text}`);
        assert.match(screen.text, /^above\ncpu/);
      }
      shown.end();
      assert.equal(screen.text, 'above');
    }
  });

  it('shows the time left whole at any width that has room for it, and shortens what else there is', () => {
    const lines = [100, 80, 70, 60, 50, 40, 30, 20, 14].map((columns) => {
      const { screen, clock, shown } = onScreen(columns);
      shown.planned(plan);
      shown.update(progress([0], 0));
      clock.now += 2;
      shown.update(progress([250_000], 2));
      return screen.text;
    });
    assert.deepEqual(lines, [
      'cpu  [#######-----------------------]  25%   250 k rows   125 k rows/s  23.8 MiB/s  6 s left',
      'cpu  [###-----------]  25%   250 k rows   125 k rows/s  23.8 MiB/s  6 s left',
      'cpu   25%   250 k rows   125 k rows/s  23.8 MiB/s  6 s left',
      'cpu   25%   250 k rows   125 k rows/s  6 s left',
      'cpu  [##---------]  25%   250 k rows  6 s left',
      'cpu   25%   250 k rows  6 s left',
      'cpu   25%  6 s left',
      ' 25%  6 s left',
      '6 s left',
    ]);
    const { screen, clock, shown } = onScreen(40);
    shown.planned(plan);
    shown.update(progress([0, 0], 0));
    clock.now += 1;
    shown.update(progress([100, 400], 1));
    assert.match(screen.text, /^cpu #0 chunk 0 {4}1% {2}1 h 23 min left\ncpu #1 .* left\nall .* left$/);
  });

  it('draws nothing any more once it has ended, whatever still happens', () => {
    const { screen, clock, shown } = onScreen();
    shown.update(progress([0], 0));
    shown.end();
    shown.print('Stopping\n');
    clock.now += 1;
    shown.update(progress([10], 1));
    shown.tick();
    assert.equal(screen.text, 'Stopping');
  });

  it('fits into any width and height', () => {
    for (const columns of [1, 2, 10, 20, 40, 60, 79, 80, 200]) {
      const { screen, clock, shown } = onScreen(columns, 6);
      shown.planned(plan);
      const rows = Array.from({ length: 9 }, (_, i) => i * 1000);
      shown.update(progress(rows, 0));
      clock.now += 1;
      shown.update(progress(rows, 1));
      assert.ok(screen.widest < Math.max(columns, 1) || columns === 1, `${columns} columns: ${screen.widest}`);
      assert.equal(screen.text.split('\n').length, columns === 1 ? 1 : 5);
      if (columns === 80) assert.match(screen.text, /and 6 more workers/);
    }
  });

  it('redraws at most ten times a second', () => {
    const { screen, clock, shown } = onScreen();
    let writes = 0;
    const write = screen.write.bind(screen);
    screen.write = (text) => {
      writes++;
      write(text);
    };
    for (let i = 0; i < 1000; i++) {
      clock.now += 0.001;
      shown.update(progress([i], i / 1000));
    }
    assert.ok(writes >= 9 && writes <= 11, `${writes}`);
  });

  it('shows a stalled run as one', () => {
    const { screen, clock, shown } = onScreen();
    shown.update(progress([0], 0));
    clock.now += 1;
    shown.update(progress([1000], 1));
    for (let i = 0; i < 40; i++) {
      clock.now += 0.25;
      shown.tick();
    }
    assert.match(screen.text, / 0 rows\/s {7}0 B\/s/);
  });

  it('shows no negative rate when a chunk is tried again', () => {
    const { screen, clock, shown } = onScreen(120);
    shown.planned(plan);
    for (const rows of [0, 400_000, 0, 100_000]) {
      shown.update(progress([rows, rows], clock.now));
      assert.doesNotMatch(screen.text, /-\d/);
      clock.now += 1;
    }
    assert.match(screen.text, /^cpu #0 chunk 0 .* 20% {3}100 k rows {3}100 k rows\/s/);
  });

  it('shows no bar and no percent when the number of rows is not known', () => {
    const { screen, clock, shown } = onScreen();
    const unknown = (rows: number, seconds: number) => ({ ...progress([rows], seconds), estimatedRows: undefined });
    shown.update(unknown(0, 0));
    clock.now += 3;
    shown.update(unknown(300, 3));
    assert.equal(screen.text, 'cpu     300 rows     100 rows/s  19.5 KiB/s  3 s so far');
  });

  it('never says 100% before the end of an estimate that was too low', () => {
    const { screen, shown } = onScreen();
    shown.update(progress([999_999], 1));
    assert.match(screen.text, / 99% /);
  });
});

describe('progress off a terminal', () => {
  it('prints a plain line every five seconds', () => {
    const { output, clock, shown } = offScreen();
    for (let second = 0; second <= 11; second++) {
      shown.update(progress([second * 50_000, 0], second));
      clock.now += 1;
    }
    shown.end();
    assert.equal(
      output.written,
      '250,000 of about 1,000,000 rows (25%), 50.0 k rows/s, 9.54 MiB/s, about 15 s left\n' +
        '500,000 of about 1,000,000 rows (50%), 50.0 k rows/s, 9.54 MiB/s, about 10 s left\n',
    );
  });

  it('prints nothing of a run that is over before', () => {
    const { output, shown } = offScreen();
    shown.update(progress([10], 0.1));
    shown.tick();
    shown.end();
    assert.equal(output.written, '');
  });

  it('takes a terminal that calls itself dumb for none', () => {
    const screen = new Screen();
    const shown = newProgress({ output: screen, environment: { TERM: 'dumb' }, now: () => 0 });
    shown.update(progress([10], 0.1));
    assert.equal(screen.text, '');
  });
});
