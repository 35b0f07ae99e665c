import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ExportOptions, verify } from '../../src/index.js';
import { connectionTo, exportInto, fileRows, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

/** Each type of names and a value of the test's own schema, as the server writes it while nothing is on the search path. */
const named = [
  ['regclass', 'near.things'],
  ['regtype', 'near.pair'],
  ['regproc', 'near.twice'],
  ['regprocedure', 'near.twice(integer)'],
  ['regoper', 'near.#@#'],
  ['regoperator', 'near.#@#(integer,integer)'],
  ['regconfig', 'near.words'],
  ['regdictionary', 'near.lexemes'],
  ['regcollation', 'near."order"'],
] as const;

describe('names of objects as text', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`
      CREATE SCHEMA near; CREATE TYPE near.pair AS (n int, c regclass); CREATE TABLE near.things (id int);
      CREATE FUNCTION near.twice(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * i';
      CREATE FUNCTION near.plus(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
      CREATE OPERATOR near.#@# (FUNCTION = near.plus, LEFTARG = int, RIGHTARG = int);
      CREATE TEXT SEARCH CONFIGURATION near.words (COPY = pg_catalog.simple);
      CREATE TEXT SEARCH DICTIONARY near.lexemes (TEMPLATE = pg_catalog.simple);
      CREATE COLLATION near."order" FROM "C";
      CREATE DOMAIN near.relation AS regclass; CREATE TYPE near.stretch AS RANGE (SUBTYPE = regclass, SUBTYPE_OPCLASS = oid_ops);
      CREATE TABLE names (id int, ${named.map(([type]) => `a_${type} ${type}, s_${type} ${type}[]`).join(', ')},
        d near.relation, ds near.relation[], p near.pair, ps near.pair[], r near.stretch, nothing regclass, gone regclass);
      INSERT INTO names SELECT i, ${named.map(([type, text]) => `'${text}', ARRAY['${text}', NULL]::${type}[]`).join(', ')},
        'near.things', '{near.things,pg_class}', ROW(1, 'near.things')::near.pair, ARRAY[ROW(2, 'near.things')]::near.pair[],
        near.stretch('near.things', NULL), 0, 4000000000 FROM generate_series(1, 3) i;
      CREATE TABLE near.reached AS SELECT 'near.things'::regclass AS c; CREATE SCHEMA far; CREATE TABLE far.reached AS SELECT 'pg_class'::regclass AS c;
      CREATE FUNCTION public.reach(i int) RETURNS regclass LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT c FROM reached); END';
      CREATE VIEW found AS SELECT id, reach(id) AS c, reach(id)::oid::int8 AS n FROM names;
      CREATE ROLE one LOGIN; CREATE ROLE other LOGIN; ALTER ROLE one SET search_path = near, public; ALTER ROLE other SET search_path = far, public;
      GRANT USAGE ON SCHEMA near, far TO one, other; GRANT SELECT ON ALL TABLES IN SCHEMA public, near, far TO one, other`);
  });
  after(() => server.stop());
  const as = (user: string): ExportOptions['connection'] => ({ ...connectionTo(server), user });

  /** Exports as a role; the files' rows, and what verify finds as every role that is named. */
  const check = (user: string, verifiers: readonly string[], options: ExportOptions) =>
    withFolder(async (folder) => {
      const summary = await exportInto(server, folder, { connection: as(user), ...options });
      for (const verifier of verifiers) {
        const found = await verify(folder, { connection: as(verifier) as NonNullable<ExportOptions['connection']> });
        assert.deepEqual(
          found.tables.flatMap(({ problems }) => problems),
          [],
          `as ${verifier}`,
        );
      }
      return (await fileRows('hyparquet', summary)).rows;
    });

  it('are qualified whoever asks and whatever the search path: alone, in arrays, composites, ranges and domains', async () => {
    const row = [
      ...named.flatMap(([, text]) => [text, JSON.stringify([text, null])]),
      'near.things',
      '["near.things","pg_class"]',
      '(1,near.things)',
      '["(2,near.things)"]',
      '[near.things,)',
      '-',
      '4000000000',
    ];
    for (const user of ['one', 'other', 'postgres']) {
      const rows = await check(user, ['one', 'other', 'postgres'], { table: 'public.names' });
      assert.deepEqual(
        rows.map((values) => values.slice(1)),
        [row, row, row],
        user,
      );
    }
  });

  it('are so under --where, in queries, and as --type and --arrays text', async () => {
    const nearThings = (rows: readonly (readonly (string | null)[])[]) => assert.deepEqual(rows, [['near.things']]);
    nearThings(await check('one', ['other', 'one'], { table: 'public.names', columns: ['d'], where: 'id = 2', types: { d: 'text' } }));
    nearThings(await check('one', ['other'], { query: 'SELECT a_regclass FROM public.names WHERE id = 2' }));
    const arrays = await check('one', ['other'], { table: 'public.names', columns: ['s_regclass'], rows: 1, arrays: 'text' });
    assert.deepEqual(arrays, [['{near.things,NULL}']]);
  });

  it("leave what a view's functions look for to the role's search path", async () => {
    const oid = await server.value("SELECT 'near.things'::regclass::oid");
    assert.deepEqual((await check('one', ['one'], { table: 'public.found' }))[0], ['1', 'near.things', oid]);
    assert.deepEqual((await check('other', ['other'], { table: 'public.found' }))[0], ['1', 'pg_class', '1259']);
    const query = 'SELECT c, reach(1)::oid::int8 AS n FROM (SELECT reach(id) AS c FROM public.names) AS q LIMIT 1';
    assert.deepEqual(await check('one', ['one'], { query }), [['near.things', oid]]);
  });

  it('and other texts within texts are as docs/types.md says: ISO 8601 intervals, and masks of inet', async () => {
    await server.sql(`CREATE TYPE visit AS (span interval, at inet, gone regclass); CREATE TABLE visits AS
      SELECT '10.0.0.1'::inet AS at, ARRAY['10.0.0.1'::inet] AS list, ARRAY[interval '1 day 2 hours'] AS spans, ROW('1 day 2 hours', '10.0.0.1', 0)::visit AS v;
      GRANT SELECT ON visits TO one, other; ALTER ROLE one SET IntervalStyle = sql_standard`);
    const lists = await check('one', ['other'], { table: 'public.visits' });
    assert.deepEqual(
      lists[0]?.filter((_, i) => i !== 2),
      ['10.0.0.1/32', '["10.0.0.1/32"]', '(P1DT2H,10.0.0.1,-)'],
    );
    const texts = await check('one', ['other'], { table: 'public.visits', columns: ['list', 'spans'], arrays: 'text' });
    assert.deepEqual(texts, [['{10.0.0.1}', '{P1DT2H}']]);
  });
});
