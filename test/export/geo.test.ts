import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect, tableDefinition, verify } from '../../src/functions.js';
import type { ExportOptions, ExportSummary, GpuParserError } from '../../src/index.js';
import type { Origin } from '../../src/origin/origin.js';
import { spatialModifier } from '../../src/types/spatial.js';
import { assertVerified, connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { GEOMETRIES } from '../support/geometries.js';
import { runPython } from '../support/readers.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

/**
 * Types of PostGIS's names, wire form and modifiers, made of bytea's functions: PostGIS itself does not come with the test
 * servers. Its packed modifiers are given as numbers; the values are those that PostGIS writes.
 */
const STAND_IN = ['geometry', 'geography']
  .map(
    (type) => `
    CREATE TYPE ${type};
    CREATE FUNCTION ${type}_in(cstring) RETURNS ${type} LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
    CREATE FUNCTION ${type}_out(${type}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
    CREATE FUNCTION ${type}_recv(internal) RETURNS ${type} LANGUAGE internal IMMUTABLE STRICT AS 'bytearecv';
    CREATE FUNCTION ${type}_send(${type}) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'byteasend';
    CREATE FUNCTION ${type}_typmod_in(cstring[]) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'bittypmodin';
    CREATE TYPE ${type} (INPUT = ${type}_in, OUTPUT = ${type}_out, RECEIVE = ${type}_recv, SEND = ${type}_send, TYPMOD_IN = ${type}_typmod_in, LIKE = bytea);
    CREATE CAST (${type} AS bytea) WITHOUT FUNCTION;
    ALTER EXTENSION postgis ADD TYPE ${type};`,
  )
  .join('');
/** geometry(PointZ,3857), geometry(Geometry,4326), geometry(MultiPolygonZM), geometry(CompoundCurve,25832), geography(LineString,4326), geometry(GeometryCollection,4326). */
const [POINT_Z, ANY_4326, MULTIPOLYGON_ZM, CURVE, LINE, COLLECTION] = [987398, 1107456, 27, 6613028, 1107464, 1107484];

describe('geometries of PostGIS', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(`CREATE EXTENSION citext; UPDATE pg_extension SET extname = 'postgis' WHERE extname = 'citext'; ${STAND_IN}
      CREATE TABLE spatial_ref_sys (srid int PRIMARY KEY, auth_name text, auth_srid int, srtext text);
      INSERT INTO spatial_ref_sys VALUES (3857, 'EPSG', 3857, 'PROJCS["WGS 84 / Pseudo-Mercator"]'), (4326, 'EPSG', 4326, 'GEOGCS["WGS 84"]')`);
  });
  after(() => server.stop());

  async function withExport(options: ExportOptions, use: (summary: ExportSummary) => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      await use(await exportInto(server, folder, options));
      if (options.query !== undefined) return;
      await assertVerified(folder, connectionTo(server));
    });
  }
  const fileOf = ({ files }: ExportSummary) => files[0]?.path as string;
  async function metadataOf(path: string): Promise<{ geo: unknown; origin: Origin }> {
    const { keyValueMetadata } = await inspect(path);
    const textOf = (key: string) => keyValueMetadata.find((pair) => pair.key === key)?.value;
    const geo = textOf('geo');
    return { geo: geo === undefined ? undefined : JSON.parse(geo), origin: JSON.parse(textOf('gpuparser.origin') as string) as Origin };
  }
  /** A column's bytes in hexadecimal, as two readers see them. */
  async function bytesOf(path: string, column: string): Promise<(string | null)[]> {
    const program = `import sys, json, pyarrow.parquet as pq; print(json.dumps([v and v.hex() for v in pq.read_table(sys.argv[1]).column(sys.argv[2]).to_pylist()]))`;
    const arrow = JSON.parse(await runPython(['-c', program, path, column])) as (string | null)[];
    const polars = `import sys, json, polars as pl; print(json.dumps([v and v.hex() for v in pl.read_parquet(sys.argv[1])[sys.argv[2]].to_list()]))`;
    assert.deepEqual(JSON.parse(await runPython(['-c', polars, path, column])), arrow);
    return arrow;
  }
  const sridOf = (ewkt: string) => Number(/^SRID=(\d+);/.exec(ewkt)?.[1] ?? 0);

  it('keep their SRID and metadata under another name', async () => {
    const [ewkt, ewkb, wkb] = GEOMETRIES.find(([text]) => sridOf(text) > 0) as (typeof GEOMETRIES)[number];
    await server.sql(`CREATE TABLE renamed (geom geometry); INSERT INTO renamed VALUES ('\\x${ewkb}')`);
    await withExport({ table: 'renamed', rename: { geom: 'Shape' } }, async (summary) => {
      assert.deepEqual(await bytesOf(fileOf(summary), 'Shape'), [wkb]);
      const { geo, origin } = await metadataOf(fileOf(summary));
      const { primary_column: primary, columns } = geo as { primary_column: string; columns: object };
      assert.deepEqual([primary, Object.keys(columns)], ['Shape', ['Shape']]);
      assert.deepEqual([origin.columns[0]?.renamedFrom, origin.columns[0]?.spatial?.srid], ['geom', sridOf(ewkt)]);
    });
  });

  it('become the ISO WKB that PostGIS makes of them, whatever their type, dimensions and nesting', async () => {
    for (const srid of new Set(GEOMETRIES.map(([ewkt]) => sridOf(ewkt)))) {
      const some = GEOMETRIES.filter(([ewkt]) => sridOf(ewkt) === srid);
      await server.sql('DROP TABLE IF EXISTS g; CREATE TABLE g (id int, geom geometry); INSERT INTO g VALUES (0, NULL)');
      for (const [i, [, ewkb]] of some.entries()) await server.sql(`INSERT INTO g VALUES (${i + 1}, '\\x${ewkb}')`);
      await withExport({ table: 'g' }, async (summary) => {
        assert.deepEqual(await bytesOf(fileOf(summary), 'geom'), [null, ...some.map(([, , wkb]) => wkb)]);
        const { geo, origin } = await metadataOf(fileOf(summary));
        const crs = srid === 4326 ? {} : { crs: null };
        assert.deepEqual(geo, {
          version: '1.1.0',
          primary_column: 'geom',
          columns: { geom: { encoding: 'WKB', geometry_types: [], ...crs } },
        });
        assert.equal(origin.columns[1]?.spatial?.srid, srid);
        assert.deepEqual(summary.warnings, []);
      });
    }
  });

  it('are described by their modifiers, as far as GeoParquet can', async () => {
    await server.sql(`DROP TABLE IF EXISTS g; CREATE DOMAIN place AS geometry(${ANY_4326});
      CREATE TABLE g (id int, a geometry(${POINT_Z}), b place, c geometry(${MULTIPOLYGON_ZM}), d geometry(${CURVE}), e geography(${LINE}), f geography, "geo ""x""" geometry(${COLLECTION}))`);
    await withExport({ table: 'g' }, async (summary) => {
      const { geo, origin } = await metadataOf(fileOf(summary));
      assert.deepEqual(geo, {
        version: '1.1.0',
        primary_column: 'a',
        columns: {
          a: { encoding: 'WKB', geometry_types: ['Point Z'], crs: null },
          b: { encoding: 'WKB', geometry_types: [] },
          e: { encoding: 'WKB', geometry_types: ['LineString'], edges: 'spherical' },
          f: { encoding: 'WKB', geometry_types: [], edges: 'spherical' },
          'geo "x"': { encoding: 'WKB', geometry_types: ['GeometryCollection', 'MultiPoint', 'MultiLineString', 'MultiPolygon'] },
        },
      });
      assert.match(
        summary.warnings.join('\n'),
        /GeoParquet's metadata cannot describe, for it knows no M and no curves: "c" \(.*\), "d" \(/,
      );
      assert.deepEqual(
        origin.columns.map(({ spatial }) => spatial),
        [
          undefined,
          { type: 'geometry', srid: 3857, crs: 'EPSG:3857', wkt: 'PROJCS["WGS 84 / Pseudo-Mercator"]' },
          { type: 'geometry', srid: 4326, crs: 'EPSG:4326', wkt: 'GEOGCS["WGS 84"]' },
          { type: 'geometry', srid: 0 },
          { type: 'geometry', srid: 25832 },
          { type: 'geography', srid: 4326, crs: 'EPSG:4326', wkt: 'GEOGCS["WGS 84"]' },
          { type: 'geography', srid: 4326, crs: 'EPSG:4326', wkt: 'GEOGCS["WGS 84"]' },
          { type: 'geometry', srid: 4326, crs: 'EPSG:4326', wkt: 'GEOGCS["WGS 84"]' },
        ],
      );
      assert.match(await tableDefinition(fileOf(summary)), /^CREATE EXTENSION IF NOT EXISTS "postgis" WITH SCHEMA "public";$/m);
    });
    assert.deepEqual(spatialModifier(POINT_Z), { srid: 3857, type: 1, z: true, m: false });
    assert.deepEqual(spatialModifier(MULTIPOLYGON_ZM), { srid: 0, type: 6, z: true, m: true });
    assert.deepEqual(spatialModifier(-1), { srid: 0, type: 0, z: false, m: false });
  });

  it('are an error with its row where their SRIDs differ, and keep them as text or as EWKB', async () => {
    const points = ['0101000020e6100000000000000000f03f0000000000000040', '0101000020110f0000000000000000f03f0000000000000040'];
    await server.sql(`DROP TABLE IF EXISTS g; CREATE TABLE g (id int PRIMARY KEY, geom geometry);
      INSERT INTO g VALUES (1, NULL), (2, '\\x${points[0]}'), (3, '\\x${points[1]}')`);
    await withFolder(async (folder) => {
      const error = (await exportInto(server, folder, { table: 'g' }).catch((thrown: unknown) => thrown)) as GpuParserError;
      assert.equal(
        error.message,
        '"public"."g", column "geom" (geometry), row (0,3), "id" = 3: a geometry with SRID 3857 among those with SRID 4326.',
      );
      assert.equal(error.hint, 'Export the column as text with --type geom=text, or leave it out with --exclude-columns.');
    });
    for (const form of ['text', 'binary']) {
      await withExport({ table: 'g', types: { geom: form } }, async (summary) => {
        const { rows } = await queryDuckDB(`SELECT geom::VARCHAR FROM '${fileOf(summary)}' ORDER BY id`);
        const hex = rows.map(([value]) => (value === null ? null : String(value).replaceAll('\\x', '').toLowerCase()));
        const plain = form === 'text' ? points : points.map((point) => Buffer.from(point, 'hex')).map((bytes) => bytes.toString('hex'));
        assert.equal(hex.length, 3);
        if (form === 'text') assert.deepEqual(hex.slice(1), plain);
        else assert.deepEqual((await bytesOf(fileOf(summary), 'geom')).slice(1), points);
        assert.equal((await metadataOf(fileOf(summary))).geo, undefined);
      });
    }
    // A condition decides which value is the first, and a query's columns have their SRIDs from theirs.
    await withExport({ table: 'g', where: 'id = 3' }, async (summary) => {
      assert.equal((await metadataOf(fileOf(summary))).origin.columns[1]?.spatial?.srid, 3857);
    });
    await withExport({ query: 'SELECT geom AS "the shape" FROM g WHERE id > 1 ORDER BY id LIMIT 1' }, async (summary) => {
      const { geo } = await metadataOf(fileOf(summary));
      assert.deepEqual(geo, {
        version: '1.1.0',
        primary_column: 'the shape',
        columns: { 'the shape': { encoding: 'WKB', geometry_types: [] } },
      });
    });
  });

  it('are compared with the server, SRID included', async () => {
    const point = '0101000020e6100000000000000000f03f0000000000000040';
    const cases: [change: string, same: boolean][] = [
      ['', true],
      [`UPDATE g SET geom = '\\x${point.replace('f03f', '0040')}' WHERE id = 7`, false],
      [`UPDATE g SET geom = '\\x${point.replace('e6100000', '110f0000')}'`, false],
      [`UPDATE g SET geom = NULL WHERE id = 7`, false],
    ];
    for (const [change, same] of cases) {
      await server.sql(
        `DROP TABLE IF EXISTS g; CREATE TABLE g AS SELECT i AS id, '\\x${point}'::geometry AS geom FROM generate_series(1, 9) i`,
      );
      await withFolder(async (folder) => {
        await exportInto(server, folder, { table: 'g' });
        if (change !== '') await server.sql(change);
        const { ok, tables } = await verify(folder, { connection: connectionTo(server) });
        const found = tables[0]?.columns.map(({ column, status }) => [column, status]);
        const status = same ? 'same' : 'different';
        assert.deepEqual(
          found,
          [
            ['id', 'same'],
            ['geom', status],
            [null, status],
          ],
          change,
        );
        assert.equal(tables[0]?.columns[1]?.reason, "as EWKB, made of the file's WKB and SRID 4326");
        assert.equal(ok, same);
      });
    }
  });

  it('of another type of the same name travel as text', async () => {
    await server.sql(`DROP TABLE IF EXISTS g; CREATE SCHEMA other; CREATE DOMAIN other.geometry AS text; CREATE TYPE other.geography AS (a int);
      CREATE TABLE g (a other.geometry, b other.geography); INSERT INTO g VALUES ('x', ROW(1))`);
    await withExport({ table: 'g' }, async (summary) => assert.equal((await metadataOf(fileOf(summary))).geo, undefined));
  });
});
