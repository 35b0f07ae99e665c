import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cancelBackend } from '../../src/postgres/cancel.js';
import { connect } from '../../src/postgres/connect.js';
import type { Session } from '../../src/postgres/session.js';
import { beginLocked, beginRead, exportSnapshot, keepAlive } from '../../src/postgres/snapshot.js';
import { ByteSink } from '../support/copy-sink.js';
import { startServer, type TestServer } from '../support/server.js';

describe('one consistent view', () => {
  let server: TestServer;
  const open: Session[] = [];
  async function session(user = 'postgres'): Promise<Session> {
    const made = (await connect(server.config({ user }))).session;
    open.push(made);
    return made;
  }
  before(async () => {
    server = await startServer();
    await server.sql('CREATE TABLE t AS SELECT generate_series(1, 1000) AS n');
  });
  after(async () => {
    await Promise.all(open.map((one) => one.close()));
    await server.stop();
  });

  it('is shared with every session that imports the snapshot', async () => {
    const [coordinator, reader, late] = [await session(), await session(), await session()];
    await beginLocked(coordinator, ['public.t'], 1000);
    const snapshot = await exportSnapshot(coordinator, false);
    assert.match(snapshot.lsn, /^[0-9A-F]+\/[0-9A-F]+$/);
    assert.ok(Math.abs(Date.parse(snapshot.takenAt) - Date.now()) < 60_000);
    assert.deepEqual([snapshot.standby, snapshot.serverVersion.split('.')[0]], [false, '17']);
    await server.sql('DELETE FROM t WHERE n > 400');
    for (const one of [reader, late]) {
      await beginRead(one, { snapshotId: snapshot.id, rowSecurity: false });
      assert.deepEqual(await one.copyOut('COPY t TO STDOUT (FORMAT binary)', new ByteSink()), { rows: 1000 });
    }
    const other = await server.client();
    await other.query("SET lock_timeout = '50ms'");
    await assert.rejects(other.query('TRUNCATE t'), { code: '55P03' });
    for (const one of [coordinator, reader, late]) await one.query('ROLLBACK');
    await other.query('TRUNCATE t');
    await other.query('INSERT INTO t SELECT generate_series(1, 1000)');
    await other.end();
  });

  it('cannot be joined when the snapshot is unknown there', async () => {
    const reader = await session();
    await assert.rejects(beginRead(reader, { snapshotId: '00000003-0000001B-1', rowSecurity: false }), {
      code: 'SNAPSHOT',
      hint: /different server/,
    });
    await reader.query('ROLLBACK');
    await assert.rejects(beginRead(reader, { snapshotId: "x'; DROP TABLE t; --", rowSecurity: false }), { code: 'SNAPSHOT' });

    const coordinator = await session();
    await beginLocked(coordinator, [], 1000);
    const { id } = await exportSnapshot(coordinator, false);
    const elsewhere = (await connect(server.config({ database: 'template1' }))).session;
    await assert.rejects(beginRead(elsewhere, { snapshotId: id, rowSecurity: false }), { code: 'SNAPSHOT', hint: /different server/ });
    await elsewhere.close();
    await coordinator.query('ROLLBACK');
  });

  it('waits no longer for a lock than it may', async () => {
    const other = await server.client();
    await other.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    const coordinator = await session();
    await assert.rejects(beginLocked(coordinator, ['public.t'], 100), {
      sqlState: '55P03',
    });
    await other.end();
  });

  it('pins what would change the bytes, whatever the role has set, and nothing after the transaction', async () => {
    const settings = [
      "TimeZone = 'Asia/Tokyo'",
      "DateStyle = 'SQL, DMY'",
      "IntervalStyle = 'postgres'",
      'extra_float_digits = -15',
      "statement_timeout = '1s'",
      "lock_timeout = '1s'",
      'row_security = on',
      'enable_tidscan = off',
    ];
    await server.sql(`CREATE ROLE odd LOGIN; ${settings.map((setting) => `ALTER ROLE odd SET ${setting};`).join(' ')}`);
    const reader = await session('odd');
    const probe = `SELECT '2024-02-03 04:05:06+00'::timestamptz::text AS at, '1 mon 2 days'::interval::text AS span, point(0.1, 0.30000000000000004)::text AS point,
      current_setting('statement_timeout') AS timeout, current_setting('row_security') AS policies, current_setting('synchronize_seqscans') AS sync`;
    await beginRead(reader, { rowSecurity: false });
    assert.deepEqual(await reader.query(probe), [
      { at: '2024-02-03 04:05:06+00', span: 'P1M2D', point: '(0.1,0.30000000000000004)', timeout: '0', policies: 'off', sync: 'off' },
    ]);
    const [plan] = await reader.query("EXPLAIN SELECT FROM pg_catalog.pg_class WHERE ctid >= '(1,0)' AND ctid < '(2,0)'");
    assert.match(JSON.stringify(plan), /Tid Range Scan/);
    await reader.query('COMMIT');
    await beginRead(reader, { rowSecurity: true });
    assert.deepEqual(await reader.query('SHOW row_security'), [{ row_security: 'on' }]);
    await reader.query('COMMIT');
    assert.deepEqual(await reader.query(probe), [
      { at: '03/02/2024 13:05:06 JST', span: '1 mon 2 days', point: '(0.1,0.3)', timeout: '1s', policies: 'on', sync: 'on' },
    ]);
  });

  it('turns a policy that would hide rows into an error, unless it is allowed', async () => {
    await server.sql(
      'CREATE ROLE watched LOGIN; CREATE TABLE secret AS SELECT generate_series(1, 10) AS n; GRANT SELECT ON secret TO watched; ALTER TABLE secret ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON secret USING (n <= 3)',
    );
    const reader = await session('watched');
    await beginRead(reader, { rowSecurity: false });
    await assert.rejects(reader.copyOut('COPY (SELECT * FROM secret) TO STDOUT (FORMAT binary)', new ByteSink()), {
      code: 'PERMISSION',
      message: /row-level security/,
      hint: /--allow-row-security/,
    });
    await reader.query('ROLLBACK');
    await beginRead(reader, { rowSecurity: true });
    assert.deepEqual(await reader.copyOut('COPY (SELECT * FROM secret) TO STDOUT (FORMAT binary)', new ByteSink()), { rows: 3 });
  });

  it('is kept by a statement every half minute until it is no longer needed', async (context) => {
    const coordinator = await session();
    const answers: Promise<unknown>[] = [];
    const watched = {
      query: (sql: string) => {
        const answer = coordinator.query(sql);
        answers.push(answer);
        return answer;
      },
    } as unknown as Session;
    context.mock.timers.enable({ apis: ['setInterval'] });
    const stop = keepAlive(watched);
    context.mock.timers.tick(29_000);
    assert.equal(answers.length, 0);
    context.mock.timers.tick(61_000);
    assert.equal(answers.length, 1, 'one at a time');
    await Promise.all(answers);
    await new Promise(setImmediate);
    context.mock.timers.tick(30_000);
    assert.equal((await Promise.all(answers)).length, 2);
    stop();
    context.mock.timers.tick(300_000);
    assert.equal(answers.length, 2);
  });

  it('is left by a statement that the coordinator cancels', async () => {
    const [coordinator, reader] = [await session(), await session()];
    const [{ pid } = { pid: 0 }] = await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    assert.equal(pid, reader.pid);
    const sleeping = reader.query('SELECT pg_sleep(600)');
    const cancel = async () => {
      while ((await server.value(`SELECT wait_event FROM pg_stat_activity WHERE pid = ${pid}`)) !== 'PgSleep');
      assert.equal(await cancelBackend(coordinator, pid), true);
    };
    await Promise.all([assert.rejects(sleeping, { code: 'SERVER', sqlState: '57014' }), cancel()]);
  });
});
