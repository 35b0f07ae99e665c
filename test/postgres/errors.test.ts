import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { serverError, statementError } from '../../src/postgres/server-errors.js';
import { cancelRequest, parseReport, queryMessage, sslRequest, taggedRows } from '../../src/postgres/wire.js';

const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));

describe('a message of the protocol', () => {
  it('holds a statement whole, whatever its characters', () => {
    fc.assert(
      fc.property(text, (sql) => {
        const message = queryMessage(sql);
        assert.equal(message[0], 'Q'.charCodeAt(0));
        assert.equal(message.readInt32BE(1), message.length - 1);
        assert.equal(message.subarray(5, -1).toString(), sql);
        assert.equal(message.at(-1), 0);
      }),
    );
  });

  it('asks for TLS and for a cancellation as the manual has it', () => {
    assert.equal(sslRequest().toString('hex'), '0000000804d2162f');
    assert.equal(cancelRequest(1, 0xfffffffe).toString('hex'), '0000001004d2162e00000001fffffffe');
    assert.equal(cancelRequest(1, -2).toString('hex'), '0000001004d2162e00000001fffffffe');
  });

  it('gives back the fields of an error report', () => {
    fc.assert(
      fc.property(text, text, text, (message, detail, hint) => {
        const body = Buffer.from(`SFEHLER\0VERROR\0C42P01\0M${message}\0D${detail}\0H${hint}\0\0`);
        assert.deepEqual(parseReport(body), { severity: 'ERROR', sqlState: '42P01', message, detail, hint, where: undefined });
      }),
    );
  });

  it('counts rows in a command tag', () => {
    assert.deepEqual(
      ['COPY 0\0', 'COPY 12345678901\0', 'BEGIN\0'].map((tag) => taggedRows(Buffer.from(tag))),
      [0, 12345678901, 0],
    );
  });
});

describe("the server's errors", () => {
  const report = (sqlState: string, message = 'it failed') => serverError({ severity: 'ERROR', sqlState, message });

  it('keep their words and get our class', () => {
    const codes = {
      '28P01': 'AUTH',
      '3D000': 'AUTH',
      '28000': 'AUTH',
      '42501': 'PERMISSION',
      '42P01': 'NOT_FOUND',
      '53300': 'CONNECT',
      '57014': 'SERVER',
      '08006': 'CONNECT',
      XX000: 'SERVER',
    };
    for (const [sqlState, code] of Object.entries(codes)) {
      const error = report(sqlState);
      assert.deepEqual([error.code, error.sqlState, error.message], [code, sqlState, 'It failed.']);
    }
  });

  it('say whether trying again may help', () => {
    for (const sqlState of ['57P01', '57P03', '53300', '55P03', '08006']) assert.equal(report(sqlState).retry, true, sqlState);
    for (const sqlState of ['57014', '42501', '28P01', '22012', '53200', '40001']) assert.equal(report(sqlState).retry, false, sqlState);
    assert.match(report('40001').hint ?? '', /hot_standby_feedback.*max_standby_streaming_delay.*primary/);
  });

  it('tell a policy from a missing right, and name the pooler mode', () => {
    assert.match(report('42501', 'query would be affected by row-level security policy for table "t"').hint ?? '', /--allow-row-security/);
    assert.match(report('42501', 'permission denied for table t').hint ?? '', /SELECT/);
    assert.match(report('08P01', 'transaction blocks not allowed in statement pooling mode').hint ?? '', /transaction mode/);
  });

  it('are a lost connection when nobody reported them', () => {
    const error = statementError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    assert.deepEqual([error.code, error.retry, error.detail], ['SERVER', true, 'ECONNRESET']);
  });
});
