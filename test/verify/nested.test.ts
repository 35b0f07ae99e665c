import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verify } from '../../src/index.js';
import { connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('verify, of nested values', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(
      'CREATE EXTENSION hstore; CREATE TYPE pair AS (a int, b text); CREATE TYPE deep AS (pairs pair[], tags hstore, since interval)',
    );
  });
  after(() => server.stop());

  const make = `CREATE TABLE nested (id int, i int[], m int[][], t text[], p pair, ps pair[], d deep, r int4range, mr datemultirange, h hstore, v interval[], f float8[]);
    INSERT INTO nested SELECT n, ARRAY[n, NULL, n + 1], ARRAY[[n, 2], [3, NULL]], ARRAY['a' || n, '', NULL, 'é"\\'], (n, 'x')::pair, ARRAY[(n, NULL), NULL, (NULL, NULL)]::pair[],
      (ARRAY[(1, 'y')]::pair[], 'a=>1, "b c"=>NULL', '1 month')::deep, int4range(n, n + 5), '{[2020-01-01,2020-02-01),[2021-01-01,)}', hstore('k' || n, NULL) || 'q=>"\\\\z"',
      ARRAY['1 day'::interval, NULL], ARRAY[n::float8, 'NaN', '-0', 'Infinity'] FROM generate_series(1, 300) n;
    INSERT INTO nested (id) VALUES (301); INSERT INTO nested VALUES (302, '{}', '{}', '{}', (NULL, NULL), '{}', (NULL, NULL, NULL), 'empty', '{}', '', '{}', '{}')`;

  it('names the column of any change inside one', async () => {
    const changes: [column: string | undefined, change: string][] = [
      [undefined, 'id = id'],
      ['i', 'i[2] = 0'],
      ['i', 'i = i || 5'],
      ['i', "i = ('[0:2]=' || i::text)::int[]"],
      ['i', 'i = NULL'],
      ['i', "i = '{}'"],
      ['m', 'm[2][2] = 9'],
      ['m', 'm = ARRAY[7, 2, 3, NULL]'],
      ['m', 'm = ARRAY[[7], [2], [3], [NULL::int]]'],
      ['t', "t = ARRAY['a7', '', NULL, 'NULL']"],
      ['t', "t = ARRAY['a', '7', NULL, 'é\"\\']"],
      ['p', "p = ROW(7, 'X')"],
      ['p', 'p = NULL'],
      ['p', 'p = ROW(NULL, NULL)'],
      ['ps', 'ps[2] = ROW(NULL, NULL)'],
      ['ps', 'ps = ps || NULL::pair'],
      ['d', "d.pairs = ARRAY[(1, 'z')]::pair[]"],
      ['d', 'd.tags = \'a=>1, "b c"=>""\''],
      ['d', "d.since = '30 days'"],
      ['r', 'r = int4range(7, 12)'],
      ['r', 'r = int4range(7, 13)'],
      ['r', 'r = int4range(7, NULL)'],
      ['mr', "mr = '{[2020-01-01,2020-02-01),[2021-01-01,2030-01-01)}'"],
      ['h', "h = h || 'k7=>x'"],
      ['v', "v[1] = '24 hours'"],
      ['f', "f[3] = '0'"],
    ];
    await withFolder(async (folder) => {
      await server.sql(make);
      await exportInto(server, folder, { table: 'nested', arrays: { columns: { m: 'nested' } }, ranges: 'struct' });
      const at = 'WHERE id = 7';
      for (const [column, change] of changes) {
        await server.sql(`CREATE TABLE kept AS TABLE nested; UPDATE nested SET ${change} ${at}`);
        const { ok, tables } = await verify(folder, { connection: connectionTo(server) });
        const found = tables.flatMap(({ columns }) => columns.filter(({ status }) => status === 'different').map((each) => each.column));
        // The range that is written anew as it was differs in nothing.
        const expected = column === undefined || change === 'r = int4range(7, 12)' ? [] : [column, null];
        assert.deepEqual([ok, found], [expected.length === 0, expected], change);
        await server.sql('TRUNCATE nested; INSERT INTO nested TABLE kept; DROP TABLE kept');
      }
    });
  });
});
