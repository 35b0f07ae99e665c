import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/postgres/connect.js';
import type { Session } from '../../src/postgres/session.js';
import { ByteSink } from '../support/copy-sink.js';
import { startServer, type TestServer } from '../support/server.js';

const copy = (select: string) => `COPY (${select}) TO STDOUT (FORMAT binary)`;
/** Streams at once: a set in FROM would first be written out in full. */
const endless = copy("SELECT repeat('x', 1000), generate_series(1, 100000000)");
const header = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');

describe('copyOut', () => {
  let server: TestServer;
  let session: Session;
  before(async () => {
    server = await startServer();
    ({ session } = await connect(server.config()));
  });
  after(async () => {
    await session.close();
    await server.stop();
  });

  it('delivers the bytes of a small COPY and lends the connection back', async () => {
    const parts: Uint8Array[] = [];
    const sink = new ByteSink({ onData: (bytes) => parts.push(bytes) });
    assert.deepEqual(await session.copyOut(copy('SELECT 7::int4'), sink), { rows: 1 });
    assert.deepEqual(Buffer.concat(parts), Buffer.concat([header, Buffer.from('00010000000400000007ffff', 'hex')]));
    assert.deepEqual(await session.query('SELECT 1::int8 a, 2 b'), [{ a: '1', b: 2 }]);
    assert.equal(sink.outstanding, 0);
  });

  it('delivers no row, and no column', async () => {
    const sink = new ByteSink();
    assert.deepEqual(await session.copyOut(copy('SELECT 1 WHERE false'), sink), { rows: 0 });
    assert.equal(sink.bytes, 21);
    assert.deepEqual(await session.copyOut(copy('SELECT FROM generate_series(1, 3)'), new ByteSink()), { rows: 3 });
  });

  for (const windowBytes of [1, 7, 4096, 64 * 1024, 1 << 20]) {
    it(`loses no byte with windows of ${windowBytes} bytes`, async () => {
      const rows = windowBytes < 100 ? 2000 : 400_000;
      const expected = await server.value(
        `SELECT md5(string_agg(set_byte(set_byte('\\x0001'::bytea, 0, 0), 1, 1) || int4send(32) || convert_to(md5(g::text), 'UTF8'), '' ORDER BY g)) FROM generate_series(1, ${rows}) g`,
      );
      const data: Uint8Array[] = [];
      const sink = new ByteSink({ windowBytes, onData: (bytes) => data.push(bytes) });
      const result = await session.copyOut(copy(`SELECT md5(g::text) FROM generate_series(1, ${rows}) g`), sink);
      const body = Buffer.concat(data).subarray(header.length, -2);
      assert.equal(createHash('md5').update(body).digest('hex'), expected);
      assert.deepEqual(result, { rows });
      assert.equal(sink.maxOutstanding, 1);
    });
  }

  it('carries 128 MB in windows of changing size as the server has them', async () => {
    const rows = 40_000;
    const expected = await server.value(
      `SELECT md5(string_agg('\\x0001'::bytea || int4send(3200) || convert_to(repeat(md5(g::text), 100), 'UTF8'), '' ORDER BY g)) FROM generate_series(1, ${rows}) g`,
    );
    const md5 = createHash('md5');
    let skip = header.length;
    let left = rows * 3206;
    const sink = new ByteSink({
      windowBytes: () => 1 + ((left * 31) % 300_000),
      onData: (bytes) => {
        const part = bytes.subarray(Math.min(skip, bytes.length)).subarray(0, left);
        skip -= Math.min(skip, bytes.length);
        left -= part.length;
        md5.update(part);
      },
    });
    assert.deepEqual(await session.copyOut(copy(`SELECT repeat(md5(g::text), 100) FROM generate_series(1, ${rows}) g`), sink), { rows });
    assert.equal(left, 0);
    assert.equal(md5.digest('hex'), expected);
  });

  it('stops reading while the sink is full', async () => {
    const sink = new ByteSink();
    const received = sink.received.bind(sink);
    let pauses = 0;
    sink.received = (bytes) => {
      if (sink.full) assert.fail('received while full');
      received(bytes);
    };
    const next = sink.next.bind(sink);
    let seen = 0;
    sink.next = () => {
      const message = next();
      if (Math.floor(seen / 1_000_000) !== Math.floor(sink.bytes / 1_000_000)) {
        sink.full = true;
        pauses++;
        setTimeout(() => {
          sink.full = false;
          sink.onDrain?.();
        }, 5);
      }
      seen = sink.bytes;
      return message;
    };
    const { rows } = await session.copyOut(copy(`SELECT repeat('x', 1000) FROM generate_series(1, 20000)`), sink);
    assert.equal(rows, 20_000);
    assert.equal(sink.bytes, 21 + 20_000 * 1006);
    assert.ok(pauses >= 15, `${pauses} pauses`);
  });

  it('keeps notices that come amid the rows', async () => {
    session.takeNotices();
    await session.query(
      `CREATE FUNCTION pg_temp.loud(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'row %', i; RETURN i; END $$`,
    );
    const { rows } = await session.copyOut(copy('SELECT pg_temp.loud(g) FROM generate_series(1, 3) g'), new ByteSink());
    assert.equal(rows, 3);
    assert.deepEqual(session.takeNotices(), ['WARNING: row 1', 'WARNING: row 2', 'WARNING: row 3']);
    assert.deepEqual(session.takeNotices(), []);
  });

  it('reports an error of the server amid the rows and goes on with the next statement', async () => {
    const statement = copy('SELECT 1 / (100000 - g) FROM generate_series(1, 200000) g');
    await assert.rejects(session.copyOut(statement, new ByteSink()), { code: 'SERVER', sqlState: '22012', message: 'Division by zero.' });
    assert.deepEqual(await session.query('SELECT 1 AS one'), [{ one: 1 }]);
    await assert.rejects(session.copyOut(copy('SELECT * FROM nowhere'), new ByteSink()), { code: 'NOT_FOUND', sqlState: '42P01' });
    assert.deepEqual(await session.copyOut(copy('SELECT 1'), new ByteSink()), { rows: 1 });
  });

  it('starts right after a failed statement', async () => {
    const failed = session.query('SELECT 1/0');
    const copied = session.copyOut(copy('SELECT 1'), new ByteSink());
    await assert.rejects(failed, { sqlState: '22012' });
    assert.deepEqual(await copied, { rows: 1 });
  });

  it('refuses what is not a COPY in binary', async () => {
    await assert.rejects(session.copyOut('SELECT 1', new ByteSink()), { code: 'PROTOCOL' });
    ({ session } = await connect(server.config()));
    await assert.rejects(session.copyOut('COPY (SELECT 1) TO STDOUT', new ByteSink()), { code: 'INTERNAL' });
    ({ session } = await connect(server.config()));
    await assert.rejects(session.copyOut('BEGIN', new ByteSink()), { code: 'INTERNAL' });
    await session.query('ROLLBACK');
    await assert.rejects(session.copyOut('COPY (SELECT 1) TO STDOUT\0', new ByteSink()), { code: 'USAGE' });
  });

  it('ends when the statement is cancelled by an administrator', async () => {
    const pid = session.pid;
    let cancelled: Promise<unknown> | undefined;
    const sink = new ByteSink({ onData: () => (cancelled ??= server.sql(`SELECT pg_cancel_backend(${pid})`)) });
    await assert.rejects(session.copyOut(endless, sink), { code: 'SERVER', sqlState: '57014' });
    await cancelled;
    assert.deepEqual(await session.query('SELECT 1 AS one'), [{ one: 1 }]);
  });

  it('is stopped by a signal, and cancels the statement at the server', async () => {
    const pid = session.pid;
    const abort = new AbortController();
    const sink = new ByteSink({ onData: () => abort.abort() });
    await assert.rejects(session.copyOut(endless, sink, abort), { code: 'INTERRUPTED' });
    assert.deepEqual(await session.query('SELECT pg_backend_pid() AS pid'), [{ pid }]);
    await assert.rejects(session.copyOut(copy('SELECT 1'), new ByteSink(), abort), { code: 'INTERRUPTED' });
  });

  it('is stopped by a signal while the sink is full', async () => {
    const abort = new AbortController();
    const sink = new ByteSink({
      onData: () => {
        sink.full = true;
        setImmediate(() => abort.abort());
      },
    });
    const { session: other } = await connect(server.config());
    await assert.rejects(other.copyOut(endless, sink, abort), { code: 'INTERRUPTED' });
    await assert.rejects(other.query('SELECT 1'), { code: 'SERVER' });
    while ((await server.value(`SELECT count(*) FROM pg_stat_activity WHERE pid = ${other.pid}`)) !== '0') await sleep(20);
  });

  it('says that the connection was lost when the backend is terminated or killed', async () => {
    for (const end of ['pg_terminate_backend($1)', undefined]) {
      const victim = await startServer({ major: 17 });
      try {
        const { session: doomed } = await connect(victim.config());
        let ended: Promise<unknown> | undefined;
        const sink = new ByteSink({ onData: () => (ended ??= end ? victim.sql(`SELECT ${end}`, [doomed.pid]) : victim.kill()) });
        // A backend that is blocked while sending ends without a word (ProcessClientWriteInterrupt), so the SQLSTATE is not certain.
        await assert.rejects(doomed.copyOut(endless, sink), { code: 'SERVER', retry: true });
        await ended;
        await assert.rejects(doomed.query('SELECT 1'), { code: 'SERVER' });
        await doomed.close();
      } finally {
        await victim.stop();
      }
    }
  });

  it('cuts the connection when the sink cannot follow the bytes', async () => {
    const { session: other } = await connect(server.config());
    const sink = new ByteSink({
      onData: () => {
        throw new TypeError('not today');
      },
    });
    await assert.rejects(other.copyOut(copy('SELECT g FROM generate_series(1, 1000000) g'), sink), {
      code: 'INTERNAL',
      message: 'not today',
    });
    await assert.rejects(other.query('SELECT 1'), { code: 'SERVER' });
  });
});
