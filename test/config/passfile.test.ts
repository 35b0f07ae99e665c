import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { findPassword, readPassfile } from '../../src/config/passfile.js';

const key = { host: 'db.example.com', port: '5432', database: 'sales', user: 'ann' };
const field = fc.string({ unit: 'grapheme' }).filter((value) => !/[\0\r\n]/.test(value));
const escaped = (value: string) => value.replace(/[\\:]/g, '\\$&');

describe('a passfile', () => {
  it('gives the password of the first line that matches', () => {
    const lines = [
      '# db.example.com:5432:sales:ann:comment',
      'db.example.com:5432:sales:bob:bobs',
      '',
      'nonsense',
      'db.example.com:*:sales:ann:first',
      '*:*:*:*:last',
    ];
    assert.equal(findPassword(lines.join('\n'), key), 'first');
    assert.equal(findPassword(lines.join('\r\n'), { ...key, database: 'other' }), 'last');
    assert.equal(findPassword('db.example.com:5432:sales:ann:x', { ...key, port: '5433' }), undefined);
    assert.equal(findPassword('', key), undefined);
  });

  it('takes a star for everything only where it stands alone', () => {
    assert.equal(findPassword('db*:5432:sales:ann:x', key), undefined);
    assert.equal(findPassword('\\*:*:*:*:x', key), undefined);
    assert.equal(findPassword('\\*:*:*:*:x', { ...key, host: '*' }), 'x');
  });

  it('keeps colons and spaces of a password', () => {
    assert.equal(findPassword('*:*:*:*: a:b ', key), ' a:b ');
  });

  it('gives back every field that was escaped into it', () => {
    fc.assert(
      fc.property(field, field, field, field, field, (host, port, database, user, password) => {
        fc.pre(!host.startsWith('#'));
        const line = [host, port, database, user, password].map(escaped).join(':');
        assert.equal(findPassword(`other:1:2:3:4\n${line}\n`, { host, port, database, user }), password);
        const different = `${database}x`;
        if (database !== '*') assert.equal(findPassword(line, { host, port, database: different, user }), undefined);
      }),
    );
  });

  describe('on disk', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-passfile-'));
    });
    after(() => rm(folder, { recursive: true }));

    it('is read when private, and left with a warning when others can read it', async () => {
      const file = path.join(folder, 'pgpass');
      await writeFile(file, '*:*:*:*:x', { mode: 0o600 });
      assert.deepEqual(await readPassfile(file), { text: '*:*:*:*:x' });
      for (const mode of [0o640, 0o604, 0o644]) {
        await chmod(file, mode);
        const { text, warning } = await readPassfile(file);
        assert.equal(text, '');
        assert.match(warning ?? '', /can be read by others and was not used.*chmod 600/);
      }
    });

    it('gives nothing when missing, and a warning when it is a folder', async () => {
      assert.deepEqual(await readPassfile(path.join(folder, 'missing')), { text: '' });
      await mkdir(path.join(folder, 'folder'), { mode: 0o700 });
      assert.match((await readPassfile(path.join(folder, 'folder'))).warning ?? '', /not a plain file/);
    });
  });
});
