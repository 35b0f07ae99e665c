import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { locateRow } from '../../src/source/copy/locate.js';
import { startServer, type TestServer } from '../support/server.js';
import { Planner, scansOf, selectOf } from './planner.js';

describe('rights and policies', () => {
  let server: TestServer;
  let planner: Planner;
  const user = 'reader';
  before(async () => {
    server = await startServer();
    planner = new Planner(server);
    await server.sql(`
      CREATE ROLE reader LOGIN;
      CREATE TABLE secret (id int);
      CREATE SCHEMA closed; CREATE TABLE closed.t (id int); GRANT SELECT ON closed.t TO reader;
      CREATE TABLE partly (id int PRIMARY KEY, open text, hidden text); GRANT SELECT (id, open) ON partly TO reader;
      INSERT INTO partly SELECT i, 'o', 'h' FROM generate_series(1, 50) i;
      CREATE TABLE policed (id int); INSERT INTO policed SELECT generate_series(1, 1000);
      ALTER TABLE policed ENABLE ROW LEVEL SECURITY; CREATE POLICY even ON policed USING (id % 2 = 0); GRANT SELECT ON policed TO reader;
      CREATE TABLE tree (k int, id int) PARTITION BY LIST (k);
      CREATE TABLE tree_1 PARTITION OF tree FOR VALUES IN (1); CREATE TABLE tree_2 PARTITION OF tree FOR VALUES IN (2);
      INSERT INTO tree SELECT 1 + (i % 5) / 4, i FROM generate_series(1, 60000) i; GRANT SELECT ON tree TO reader;
      CREATE TABLE guarded (k int, id int) PARTITION BY LIST (k);
      CREATE TABLE guarded_1 PARTITION OF guarded FOR VALUES IN (1); CREATE TABLE guarded_2 PARTITION OF guarded FOR VALUES IN (2);
      INSERT INTO guarded SELECT 1 + i % 2, i FROM generate_series(1, 1000) i;
      CREATE VIEW own_rights WITH (security_invoker) AS SELECT id FROM policed; GRANT SELECT ON own_rights TO reader;
      ALTER TABLE guarded_2 ENABLE ROW LEVEL SECURITY; GRANT SELECT ON guarded, guarded_1, guarded_2 TO reader;
      CREATE MATERIALIZED VIEW kept AS SELECT * FROM secret;
      CREATE VIEW lent AS SELECT id FROM secret; INSERT INTO secret VALUES (1); GRANT SELECT ON lent TO reader;
      ANALYZE;`);
  });
  after(async () => {
    await planner.close();
    await server.stop();
  });

  it('are asked for in words when they are missing', async () => {
    for (const [options, message] of [
      [{ table: 'secret' }, /The role has no SELECT right on public\.secret/],
      [{ table: 'kept' }, /The role has no SELECT right on public\.kept/],
      [{ table: 'closed.t' }, /may not use schema "closed"/],
      [{ table: 'partly' }, /no SELECT right on column "hidden" of public\.partly/],
      [{ query: 'SELECT * FROM secret' }, /permission denied for table secret/i],
    ] as const) {
      const error = await planner.refusal(options, { user });
      assert.equal(error.code, 'PERMISSION');
      assert.match(error.message, message);
      assert.ok(error.hint);
    }
  });

  it('to some columns are enough for those, as one stream', async () => {
    const { plan, read } = await planner.plan({ table: 'partly', columns: ['open', 'id'] }, { user, devices: 2 });
    assert.equal(plan.unsplittable, 'the role has rights on columns only, and ctid is not one of them');
    assert.equal((await read()).flat().length, 50);
    assert.equal((await (await planner.plan({ table: 'partly', columns: ['id'], rows: 7 }, { user })).read()).flat().length, 7);
  });

  it('to a view do not need rights to what is below it', async () => {
    assert.equal((await (await planner.plan({ table: 'lent' }, { user })).read()).flat().length, 1);
    assert.equal((await (await planner.plan({ query: 'SELECT * FROM lent' }, { user })).read()).flat().length, 1);
  });

  it('of a policy that hides rows stop the export, unless the visible rows are asked for', async () => {
    for (const options of [{ table: 'policed' }, { query: 'SELECT * FROM policed' }]) {
      const error = await planner.refusal(options, { user });
      assert.equal(error.code, 'PERMISSION');
      assert.match(`${error.message} ${error.hint}`, /row-level security/i);
      assert.match(error.hint ?? '', /--allow-row-security/);
      const { plan, read } = await planner.plan({ ...options, allowRowSecurity: true }, { user, devices: 2 });
      assert.equal((await read()).flat().length, 500);
      assert.ok(plan.writer.rowSecurity);
      assert.match(plan.warnings.join(), /Row-level security is active on public\.policed/);
    }
    // The policy is on what a view or a condition reads, with the rights of the role.
    for (const options of [{ table: 'own_rights' }, { table: 'tree', where: 'id IN (SELECT id FROM policed)' }]) {
      const { plan } = await planner.plan({ ...options, allowRowSecurity: true }, { user });
      assert.match(plan.warnings.join(), /Row-level security is active on public\.policed/);
    }
    const counted = await planner.plan({ table: 'policed', allowRowSecurity: true, rows: 333, chunks: 2 }, { user });
    assert.deepEqual(
      (await counted.read()).map(({ length }) => length),
      [166, 167],
    );
    assert.equal((await (await planner.plan({ table: 'policed' })).read()).flat().length, 1000, 'the owner sees all');
  });

  it("that bind a view's owner hide rows from everybody: the hint says whose right would help, and the warning that rows may lack", async () => {
    await server.sql(`CREATE ROLE holder; CREATE ROLE mighty LOGIN BYPASSRLS; GRANT SELECT ON policed TO holder; GRANT CREATE ON SCHEMA public TO holder;
      SET ROLE holder; CREATE VIEW held AS SELECT id FROM policed; GRANT SELECT ON held TO mighty; RESET ROLE`);
    for (const options of [{ table: 'held' }, { query: 'SELECT * FROM held' }]) {
      const error = await planner.refusal(options, { user: 'mighty' });
      assert.equal(error.code, 'PERMISSION');
      assert.match(error.hint ?? '', /Behind a view, it is the view's owner that needs BYPASSRLS/);
      const { plan, read } = await planner.plan({ ...options, allowRowSecurity: true }, { user: 'mighty' });
      assert.match(plan.warnings.join(), /Row-level security binds the owner of a view that is read \(.*"policed"\)/);
      assert.equal((await read()).flat().length, 500);
    }
    const { plan } = await planner.plan({ table: 'lent', allowRowSecurity: true }, { user });
    assert.deepEqual(plan.warnings, []);
  });

  it('to a parent alone are enough: its leaves are read through it, each row once', async () => {
    const { plan, read, reader } = await planner.plan({ table: 'tree', chunks: 3 }, { user });
    assert.equal(plan.unsplittable, undefined);
    assert.equal(plan.chunks.length, 3);
    assert.ok(scansOf(plan).every(({ relation, several }) => relation === '"public"."tree"' && several));
    const ids = (await read()).flat().map(({ id }) => id);
    assert.equal(ids.length, 60000);
    assert.equal(new Set(ids).size, 60000);

    const session = await reader();
    const scan = scansOf(plan)[0]!;
    const piece = { scan, from: { page: 10, line: 0 }, to: { page: 12, line: 0 } };
    const rows = await session.query<{ k: number; id: number }>(selectOf(piece));
    const last = rows.at(-1)!;
    assert.equal(last.k, 2);
    const ctid = await server.value('SELECT ctid FROM tree WHERE id = $1', [last.id]);
    assert.equal((await locateRow(session, piece, rows.length - 1)).place, `row ${ctid} of tree_2`);
  });

  it('to a parent alone do not bring in a partition that is attached while its leaves are read', async () => {
    await server.sql(`CREATE TABLE growing (k int, id int) PARTITION BY LIST (k); CREATE TABLE growing_1 PARTITION OF growing FOR VALUES IN (1);
      CREATE TABLE growing_2 PARTITION OF growing FOR VALUES IN (2); INSERT INTO growing SELECT 1 + i % 2, i FROM generate_series(1, 5000) i; GRANT SELECT ON growing TO reader;
      CREATE TABLE late (k int, id int); INSERT INTO late SELECT 3, -i FROM generate_series(1, 5000) i`);
    const plans = [
      await planner.plan({ table: 'growing', chunks: 2 }, { user }),
      await planner.plan({ table: 'growing', chunks: 2, where: 'true OR id > 0 -- all' }, { user }),
    ];
    await server.sql('ALTER TABLE growing ATTACH PARTITION late FOR VALUES IN (3)');
    assert.equal(await server.value('SELECT count(*) FROM growing'), '10000');
    for (const { plan, read } of plans) {
      assert.ok(scansOf(plan).every(({ several }) => several));
      assert.equal((await read()).flat().length, 5000);
    }
  });

  it('to a parent alone make an exact number of rows one stream', async () => {
    const { plan, read } = await planner.plan({ table: 'tree', rows: 1234, chunks: 3 }, { user });
    assert.match(plan.unsplittable ?? '', /share their ctids/);
    assert.equal((await read()).flat().length, 1234);
  });

  it("do not bow to a leaf's own policy, for reading the parent would not", async () => {
    const { plan, read } = await planner.plan({ table: 'guarded' }, { user });
    assert.deepEqual([...new Set(scansOf(plan).map(({ relation }) => relation))], ['"public"."guarded"']);
    assert.equal((await read()).flat().length, 1000);
  });
});
