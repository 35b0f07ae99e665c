import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes, duration, percent, printable, roughly, short } from '../../src/cli/format.js';
import { table } from '../../src/cli/table.js';
import { fit, painter, width } from '../../src/cli/terminal.js';
import { count, counted } from '../../src/counted.js';
import { editDistance } from '../../src/edit-distance.js';
import { closest } from '../../src/nearest.js';

describe('numbers for people', () => {
  it('have separators, units and three digits', () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(count), ['0', '999', '1,000', '1,234,567']);
    assert.deepEqual([0, 999, 999.6, 1000, 12_345, 999_499, 999_500, 1.5e12].map(short), [
      '0',
      '999',
      '1.00 k',
      '1.00 k',
      '12.3 k',
      '999 k',
      '1.00 M',
      '1.50 T',
    ]);
    assert.deepEqual([0, 1023, 1e6, 1.5e15, 2e18].map(bytes), ['0 B', '1.00 KiB', '977 KiB', '1.33 PiB', '1776 PiB']);
    assert.deepEqual([0.2, 5.13, 59.4, 59.5, 150, 3569, 3570, 3900, 7200].map(roughly), [
      '1 s',
      '5 s',
      '59 s',
      '1 min',
      '3 min',
      '59 min',
      '1 h',
      '1 h 5 min',
      '2 h',
    ]);
    assert.deepEqual([0, 9.994, 9.995, 59.94, 59.95, 3599.4, 3599.5, 7265].map(duration), [
      '0.00 s',
      '9.99 s',
      '10.0 s',
      '59.9 s',
      '1 min 00 s',
      '59 min 59 s',
      '1 h 00 min',
      '2 h 01 min',
    ]);
    assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percent), ['0%', '1%', '50%', '99%', '100%']);
    assert.deepEqual([counted(1, 'row'), counted(0, 'row'), counted(2, 'file')], ['1 row', '0 rows', '2 files']);
  });
});

describe('terminal text', () => {
  it('is never wider than asked for', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, columns) => width(fit(text, columns)) <= columns));
  });

  it('counts wide and combining characters', () => {
    assert.equal(width('顧客'), 4);
    assert.equal(width('é'.normalize('NFD')), 1);
    assert.equal(fit('顧客表', 4), '顧…');
  });

  it('has no colors for a file, for NO_COLOR, or on a dumb terminal', () => {
    const terminal = { write: () => true, isTTY: true };
    assert.equal(painter(terminal, {})('red', 'x'), '\u001b[31mx\u001b[0m');
    assert.equal(painter(terminal, { NO_COLOR: '' })('red', 'x'), '\u001b[31mx\u001b[0m');
    assert.equal(painter(terminal, { NO_COLOR: '1' })('red', 'x'), 'x');
    assert.equal(painter(terminal, { TERM: 'dumb' })('red', 'x'), 'x');
    assert.equal(painter({ write: () => true }, {})('red', 'x'), 'x');
  });

  it('lets no name steer the terminal', () => {
    assert.equal(printable('a\u001b[2Jb\nc\u009bd'), 'a\ufffd[2Jb\ufffdc\ufffdd');
  });
});

describe('tables', () => {
  it('align columns, cut long cells and end no line with spaces', () => {
    const text = table(
      [{ title: 'name', max: 6 }, { title: 'rows', align: 'right' }, { title: 'note' }],
      [
        ['顧客', '1,000', ''],
        ['a-long-name', '5', 'x'],
      ],
      '> ',
    );
    assert.equal(text, '> name     rows  note\n> 顧客    1,000\n> a-lon…      5  x\n');
  });
});

describe('suggestions', () => {
  it('find words one slip away, and starts of words', () => {
    const words = ['table', 'query', 'rows', 'columns', 'overwrite', 'output', 'compression', 'compression-level'];
    assert.equal(closest('tabel', words), 'table');
    assert.equal(closest('row', words), 'rows');
    assert.equal(closest('over', words), 'overwrite');
    assert.equal(closest('compresion', words), 'compression');
    assert.equal(closest('x', words), undefined);
    assert.equal(closest('nothing-like-it', words), undefined);
  });

  it('measure a distance: none to itself, the same both ways, at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        const distance = editDistance(a, b);
        assert.equal(distance === 0, a === b);
        assert.equal(distance, editDistance(b, a));
        assert.ok(distance <= Math.max(a.length, b.length));
      }),
    );
  });
});
