import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refusalOf } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('SQL that the server takes and cannot compute', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`
      CREATE TABLE t AS SELECT i AS id, 'n' || i AS name FROM generate_series(1, 100) i; CREATE SEQUENCE counter;
      CREATE VIEW failing AS SELECT id, 1 / (id - 50) AS q FROM t; ANALYZE`);
  });
  after(() => server.stop());

  // Of these the server's planner meets some, and others only who reads the rows.
  const expressions: readonly [string, RegExp][] = [
    ['id = 1 / 0', /Division by zero/],
    ['1 / (id - 50) = 1', /Division by zero/],
    ['name::int = 1', /Invalid input syntax for type integer/],
    ['(SELECT id FROM t) = 1', /More than one row/],
    ["nextval('counter') > 0", /read-only transaction/],
    ["name ~ '('", /regular expression/],
  ];
  for (const [expression, reason] of expressions) {
    for (const [flag, options] of [
      ['--where', { table: 't', where: expression }],
      ['--where', { table: 't', where: expression, rows: 90 }],
      ['--query', { query: `SELECT id FROM t WHERE ${expression}` }],
    ] as const) {
      it(`is wrong usage: ${JSON.stringify(options)}`, async () => {
        const error = await refusalOf(server, options);
        assert.equal(error.code, 'USAGE', error.message);
        assert.match(error.message, new RegExp(`^The server cannot compute ${flag}: `));
        assert.match(error.message, reason);
        assert.ok(error.hint);
      });
    }
  }

  it("is not the condition's fault where a view is what fails", async () => {
    const error = await refusalOf(server, { table: 'failing', where: 'id > 0' });
    assert.equal(error.code, 'SERVER');
    assert.match(error.message, /Division by zero/);
  });
});
