import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { tableDefinition } from '../../src/index.js';
import { assertVerified, connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { GEOMETRIES } from '../support/geometries.js';
import { runPython } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';

/** A major for which Debian's packages have put both the server and PostGIS onto this machine. */
const major = ['/usr/lib/postgresql']
  .filter(existsSync)
  .flatMap((folder) => readdirSync(folder))
  .find(
    (name) =>
      existsSync(`/usr/lib/postgresql/${name}/bin/postgres`) && existsSync(`/usr/share/postgresql/${name}/extension/postgis.control`),
  );
const skip = major === undefined && 'no PostGIS on this machine: install postgresql-15-postgis-3, or whichever Debian has';

describe('PostGIS itself', { skip, concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major: Number(major), binaries: `/usr/lib/postgresql/${major}` });
    await server.sql(
      'CREATE SCHEMA gis; CREATE EXTENSION postgis SCHEMA gis; ALTER DATABASE postgres SET search_path = public, gis; SET search_path = public, gis',
    );
  });
  after(() => server.stop());

  it('makes the WKB that files hold, and verify finds them the same wherever its functions are', async () => {
    const columns = GEOMETRIES.map(([ewkt], i) => `'${ewkt}'::geometry AS g${i}`);
    await server.sql(`CREATE TABLE g AS SELECT 1 AS id, ${columns.join(', ')}; INSERT INTO g (id) VALUES (2)`);
    const bytes = GEOMETRIES.map((_, i) => `encode(ST_AsBinary(g${i}, 'NDR'), 'hex') AS g${i}`);
    const [own] = await server.sql(`SELECT ${bytes.join(', ')} FROM g WHERE id = 1`);
    await withFolder(async (folder) => {
      const { files } = await exportInto(server, folder, { table: 'g' });
      const program = `import sys, json, pyarrow.parquet as pq; print(json.dumps({k: v[0].hex() for k, v in pq.read_table(sys.argv[1]).to_pydict().items() if k != 'id'}))`;
      assert.deepEqual(JSON.parse(await runPython(['-c', program, files[0]?.path as string])), { ...own });
      await assertVerified(folder, connectionTo(server));
      await server.sql('ALTER DATABASE postgres SET search_path = public');
      await assertVerified(folder, connectionTo(server));
      await server.sql('ALTER DATABASE postgres SET search_path = public, gis');
    });
  });

  it('has types that a definition brings back, and geographies', async () => {
    await server.sql(`CREATE TABLE places (id int PRIMARY KEY, at geometry(PointZ, 3857), area geography(Polygon), any_where geography);
      INSERT INTO places VALUES (1, 'SRID=3857;POINT Z (1 2 3)', 'POLYGON((0 0, 1 0, 1 1, 0 0))', 'POINT(8.5 47.4)'), (2, NULL, NULL, NULL)`);
    await withFolder(async (folder) => {
      const { files } = await exportInto(server, folder, { table: 'places' });
      await assertVerified(folder, connectionTo(server));
      await server.sql('CREATE DATABASE elsewhere');
      const client = await server.client({ database: 'elsewhere' });
      try {
        await client.query(await tableDefinition(files[0]?.path as string));
        const types = `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'public.places'::regclass AND attnum > 0 ORDER BY attnum`;
        await client.query('SET search_path = gis');
        await server.sql('SET search_path = gis');
        assert.deepEqual(
          (await client.query(types)).rows.map((row) => ({ ...row })),
          await server.sql(types),
        );
      } finally {
        await server.sql('SET search_path = public, gis');
        await client.end();
      }
    });
  });
});
