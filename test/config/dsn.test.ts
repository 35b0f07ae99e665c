import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isConnectionString, parseConnectionString } from '../../src/config/dsn.js';

const parse = (text: string) => Object.fromEntries(parseConnectionString(text));
/** Any text without what the server would refuse: NUL and lone surrogates. */
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));

describe('a connection URL', () => {
  const cases: [string, Record<string, string>][] = [
    ['postgresql://', {}],
    ['postgres://localhost', { host: 'localhost' }],
    ['postgresql://localhost:5433', { host: 'localhost', port: '5433' }],
    ['postgresql://localhost/mydb', { host: 'localhost', dbname: 'mydb' }],
    ['postgresql://user@localhost', { user: 'user', host: 'localhost' }],
    ['postgresql://user:secret@localhost', { user: 'user', password: 'secret', host: 'localhost' }],
    ['postgresql://user:a:b@h', { user: 'user', password: 'a:b', host: 'h' }],
    ['postgresql://:secret@h/', { password: 'secret', host: 'h' }],
    [
      'postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp',
      { user: 'other', host: 'localhost', dbname: 'otherdb', connect_timeout: '10', application_name: 'myapp' },
    ],
    ['postgresql:///mydb?host=localhost&port=5433', { dbname: 'mydb', host: 'localhost', port: '5433' }],
    ['postgresql://[2001:db8::1234]:5432/database', { host: '2001:db8::1234', port: '5432', dbname: 'database' }],
    ['postgresql://%2Fvar%2Flib%2Fpostgresql/dbname', { host: '/var/lib/postgresql', dbname: 'dbname' }],
    ['postgresql:///dbname?host=/var/lib/postgresql', { dbname: 'dbname', host: '/var/lib/postgresql' }],
    ['postgresql://h?sslmode=require', { host: 'h', sslmode: 'require' }],
    ['postgresql://h/d?ssl=true', { host: 'h', dbname: 'd', sslmode: 'require' }],
    ['postgresql://h/d?options=-c%20geqo%3Doff', { host: 'h', dbname: 'd', options: '-c geqo=off' }],
    ['postgresql://h/d/e', { host: 'h', dbname: 'd/e' }],
    ['postgresql://h/d@e', { host: 'h', dbname: 'd@e' }],
    ['postgresql://host1:123,host2:456/somedb', { host: 'host1,host2', port: '123,456', dbname: 'somedb' }],
  ];
  for (const [url, expected] of cases) {
    it(`is understood: ${url}`, () => assert.deepEqual(parse(url), expected));
  }

  it('gives back every part that was percent-encoded into it', () => {
    fc.assert(
      fc.property(text, text, text, text, text, (user, password, host, dbname, application_name) => {
        fc.pre(user !== '' && host !== '');
        const e = encodeURIComponent;
        const url = `postgresql://${e(user)}:${e(password)}@${e(host)}:5/${e(dbname)}?application_name=${e(application_name)}`;
        assert.deepEqual(parse(url), { user, password, host, port: '5', dbname, application_name });
      }),
    );
  });

  it('is refused when it cannot mean anything, without being repeated', () => {
    for (const url of [
      'postgresql://u:sesame@h/%zz',
      'postgresql://u:sesame%00@h',
      'postgresql://u:sesame@h?a',
      'postgresql://u:sesame@h?host=a=b',
      'postgresql://u:sesame@[::1',
      'postgresql://u:sesame@h?nonsense=1',
      'postgresql://u:sesame%ff@h',
    ]) {
      assert.throws(
        () => parse(url),
        (error: Error) => {
          assert.equal((error as Error & { code: string }).code, 'USAGE');
          assert.doesNotMatch(error.message, /sesame/);
          return true;
        },
      );
    }
  });
});

describe('a connection string of pairs', () => {
  const cases: [string, Record<string, string>][] = [
    ['', {}],
    ['host=localhost port=5432', { host: 'localhost', port: '5432' }],
    ['  host = localhost\n port =5432 ', { host: 'localhost', port: '5432' }],
    ["user='a'password='b c'", { user: 'a', password: 'b c' }],
    ['user=a\\', { user: 'a' }],
    ["password='it\\'s' user=me", { password: "it's", user: 'me' }],
    ["user=o'brien", { user: "o'brien" }],
    ['password=a\\ b\\\\c', { password: 'a b\\c' }],
    ["host='' dbname=d", { host: '', dbname: 'd' }],
    ['host= dbname=d', { host: 'dbname=d' }],
    ['user=a=b', { user: 'a=b' }],
    ['user=a user=b', { user: 'b' }],
  ];
  for (const [pairs, expected] of cases) {
    it(`is understood: ${JSON.stringify(pairs)}`, () => assert.deepEqual(parse(pairs), expected));
  }

  it('gives back every value that was quoted into it', () => {
    const quote = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
    fc.assert(
      fc.property(text, text, fc.constantFrom('', ' ', '\t '), (user, password, space) => {
        assert.deepEqual(parse(`user${space}=${space}${quote(user)} password=${quote(password)}`), { user, password });
      }),
    );
  });

  it('gives back every value whose special characters were escaped', () => {
    const escaped = (value: string) => value.replace(/[\\'\s]/g, '\\$&');
    fc.assert(
      fc.property(text, text, (user, password) =>
        assert.deepEqual(parse(`user=${escaped(user)} password=${escaped(password)}`), { user, password }),
      ),
    );
  });

  it('is refused when it cannot mean anything', () => {
    for (const pairs of ['host', 'host localhost', "password='sesame", "password='sesame\\'", '=x', 'nonsense=1', "password='it''s'"]) {
      assert.throws(() => parse(pairs), { code: 'USAGE' });
    }
  });
});

it('a database name is a connection string when libpq would take it for one', () => {
  assert.deepEqual(['mydb', 'postgres://h', 'postgresql://', 'dbname=x', 'postgres:x'].map(isConnectionString), [
    false,
    true,
    true,
    true,
    false,
  ]);
});
