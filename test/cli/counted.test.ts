import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { counted } from '../../src/counted.js';

const NOUNS =
  'batch byte check chunk column connection core device error file GPU job lane node page problem row server session table time value warning worker';

describe('a number and its noun', () => {
  it('agree', () => {
    const said = [0, 1, 2, 1234].map((value) => counted(value, 'connection'));
    assert.deepEqual(said, ['0 connections', '1 connection', '2 connections', '1,234 connections']);
    assert.deepEqual([counted(2, 'batch'), counted(1, 'batch'), counted(3, 'index entry')], ['2 batches', '1 batch', '3 index entries']);
  });

  it('are written by counted() wherever a message holds them', () => {
    // `${n} rows`, `${n} more rows`; not `${x} rows/s`, not a constant, not where one has words of its own.
    const plurals = new RegExp(`\\$\\{([^{}]*)\\} (?:[a-z]+ )?(?:${NOUNS.replaceAll(' ', '|')})(?:s|es)\\b(?!/)`);
    const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        readFileSync(join('src', file), 'utf8')
          .split('\n')
          .map((line) => ({ file, line })),
      )
      .filter(({ line }) => {
        const [, value] = plurals.exec(line) ?? [];
        return value !== undefined && !/^[A-Z_]+$|join|\?/.test(value) && !line.includes('=== 1 ?') && !/^\s*(\/\/|\/?\*)/.test(line);
      });
    assert.deepEqual(
      found.map(({ file, line }) => `${file}: ${line.trim()}`),
      [],
    );
  });
});
