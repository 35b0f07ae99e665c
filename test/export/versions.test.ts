import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExportOptions } from '../../src/index.js';
import { assertSameAsQuery, assertSameAsServer, exportInto, fileRows, withFolder } from '../support/exporting.js';
import { availableMajors, startServer } from '../support/server.js';
import { limits } from '../support/tables.js';

describe('a server of every major', { concurrency: false }, () => {
  for (const major of availableMajors) {
    it(`gives its types, partitions and exact rows: ${major}`, async () => {
      const server = await startServer({ major, settings: { lc_monetary: 'C' } });
      try {
        for (const statement of limits(major).statements) await server.sql(statement);
        await server.sql(`CREATE TABLE tree (k int, id int, v text) PARTITION BY LIST (k);
          CREATE TABLE tree_b PARTITION OF tree FOR VALUES IN (1); CREATE TABLE tree_a PARTITION OF tree FOR VALUES IN (2);
          INSERT INTO tree SELECT 1 + i % 2, i, repeat('v', i % 100) FROM generate_series(1, 20000) i; DELETE FROM tree WHERE id % 5 = 0; ANALYZE tree`);
        await server.sql(`CREATE TYPE pair AS (a int, b numeric(9,2)[]); CREATE DOMAIN pairs AS pair[];
          CREATE TABLE nested AS SELECT i AS id, ARRAY[i, NULL, -i] AS a, CASE WHEN i % 7 > 0 THEN ROW(i, ARRAY[i * 0.5])::pair END AS p,
            CASE WHEN i % 5 > 0 THEN ARRAY[ROW(NULL, '{}')::pair, NULL, ROW(i, NULL)::pair]::pairs ELSE '{}' END AS ps,
            ARRAY[inet '10.0.0.1/8'] AS odd, int4range(i, i + 2) AS r FROM generate_series(1, 3000) i`);
        await withFolder(async (folder) => {
          const nested = await exportInto(server, folder, { table: 'nested' });
          await assertSameAsServer(server, nested, 'nested', { from: 'nested ORDER BY id' });
          if (major < 16) {
            // A rule that makes a view of a table leaves it the number of the table's file.
            await server.sql(`CREATE TABLE turned (id int, label text);
              CREATE RULE "_RETURN" AS ON SELECT TO turned DO INSTEAD SELECT i AS id, 'label ' || i AS label FROM generate_series(1, 10) i`);
            const turned = await exportInto(server, folder, { table: 'turned' });
            await assertSameAsQuery(server, turned, 'SELECT * FROM turned', ['hyparquet']);
          }
          const everything = await exportInto(server, folder, { table: 'limits' });
          await assertSameAsServer(server, everything, 'limits', { readers: ['hyparquet', 'duckdb'], from: 'limits ORDER BY id' });
          const whole = await exportInto(server, folder, { table: 'tree', jobs: 3 });
          await assertSameAsQuery(server, whole, 'SELECT * FROM tree ORDER BY k, ctid', ['duckdb']);
          const some = await exportInto(server, folder, { table: 'tree', where: 'id > 100', rows: 3333, chunks: 2, overwrite: true });
          // Before 14 there are no ctid ranges: one stream, one file, and a warning that says so.
          assert.equal(some.files.length, major < 14 ? 1 : 2);
          assert.equal(some.warnings.length, major < 14 ? 1 : 0, String(some.warnings));
          await assertSameAsQuery(server, some, 'SELECT * FROM (SELECT * FROM tree WHERE id > 100 ORDER BY k, ctid LIMIT 3333) AS q', [
            'duckdb',
          ]);
        });
      } finally {
        await server.stop();
      }
    });
  }

  it('gives what only 18 has: virtual columns, and NULLs of before a NOT NULL that was never validated', async () => {
    const server = await startServer({ major: 18 });
    try {
      await server.sql(`CREATE TABLE newest (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL, v text);
        INSERT INTO newest (id, v) SELECT i, CASE WHEN i % 5 > 0 THEN 'v' || i END FROM generate_series(1, 3000) i;
        ALTER TABLE newest ADD CONSTRAINT present NOT NULL v NOT VALID`);
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: 'newest', chunks: 2, where: 'twice > 10' });
        await assertSameAsQuery(server, summary, 'SELECT * FROM newest WHERE twice > 10 ORDER BY ctid', ['hyparquet', 'duckdb']);
      });
      // A virtual column is what the named table makes of it, in every partition, and so may be NULL where no partition's own is.
      await server.sql(`CREATE TABLE tree (id int, made int GENERATED ALWAYS AS (nullif(id, 7)) VIRTUAL) PARTITION BY LIST (id);
        CREATE TABLE tree_7 PARTITION OF tree (made NOT NULL GENERATED ALWAYS AS (id * 100)) FOR VALUES IN (7); CREATE TABLE tree_8 PARTITION OF tree FOR VALUES IN (8);
        INSERT INTO tree (id) SELECT 7 + i % 2 FROM generate_series(1, 3000) i; ANALYZE tree`);
      const cases: [ExportOptions, string][] = [
        [{ rows: 3000 }, 'SELECT * FROM tree ORDER BY id, ctid'],
        [{ columns: ['id'], where: 'made IS NULL' }, 'SELECT id FROM tree WHERE made IS NULL ORDER BY ctid'],
        [{ columns: ['id'], chunks: 2 }, 'SELECT id FROM tree ORDER BY id, ctid'],
      ];
      for (const [options, query] of cases) {
        await withFolder(async (folder) => {
          await assertSameAsQuery(server, await exportInto(server, folder, { table: 'tree', ...options }), query, ['duckdb']);
        });
      }
      await withFolder(async (folder) => {
        const { rows } = await fileRows('duckdb', await exportInto(server, folder, { table: 'tree', chunks: 2 }));
        assert.equal(rows.length, 3000);
        assert.ok(rows.every(([id, made]) => made === (id === '7' ? null : id)));
      });
    } finally {
      await server.stop();
    }
  });
});
