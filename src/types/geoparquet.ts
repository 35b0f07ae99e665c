import type { OriginSpatial } from '../origin/origin.js';
import type { PlannedColumn } from './columns.js';
import { type SpatialModifier, spatialModifier, WGS84 } from './spatial.js';

/** The footer's key of GeoParquet's metadata. */
export const GEO_KEY = 'geo';
const VERSION = '1.1.0';

/** GeoParquet's names of liblwgeom's types 1 to 7; it has none for curves, surfaces and triangles. */
const NAMES = ['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon', 'GeometryCollection'];
const COLLECTION = 7;
/** A column of collections takes these too (gserialized_typmod.c, postgis_valid_typmod). */
const ALSO_COLLECTIONS = ['MultiPoint', 'MultiLineString', 'MultiPolygon'];

/**
 * GeoParquet 1.1's metadata (https://geoparquet.org/releases/v1.1.0/) of the columns that hold WKB, as JSON, and a warning that
 * names those it cannot describe. An SRID other than 4326 has no PROJJSON in PostGIS, so that its CRS is null,
 * "not known"; gpuparser.origin names it.
 */
export function geoMetadata(
  planned: readonly PlannedColumn[],
  facts: ReadonlyMap<string, OriginSpatial>,
): { readonly json?: string; readonly warning?: string } {
  const spatial = planned.filter(({ plan }) => plan.kind === 'geometry');
  const modifierOf = ({ column }: PlannedColumn) => spatialModifier(column.base.typmod);
  const described = spatial.filter((one) => geometryTypes(modifierOf(one)) !== undefined);
  const [first] = described;
  const left = spatial.filter((one) => !described.includes(one)).map(({ column }) => `"${column.name}" (${column.postgresType})`);
  const warning =
    left.length === 0
      ? {}
      : { warning: `WKB that GeoParquet's metadata cannot describe, for it knows no M and no curves: ${left.join(', ')}.` };
  if (first === undefined) return warning;
  const columns = described.map((one) => {
    const { plan, column } = one;
    return [
      plan.name,
      {
        encoding: 'WKB',
        geometry_types: geometryTypes(modifierOf(one)),
        // Left out it is OGC:CRS84, WGS 84 with longitude first, as PostGIS stores it.
        ...(facts.get(plan.name)?.srid === WGS84 ? {} : { crs: null }),
        ...(column.base.name === 'geography' ? { edges: 'spherical' } : {}),
      },
    ];
  });
  return { json: JSON.stringify({ version: VERSION, primary_column: first.plan.name, columns: Object.fromEntries(columns) }), ...warning };
}

/** Empty where any is allowed; undefined where GeoParquet has no name for it. */
function geometryTypes({ type, z, m }: SpatialModifier): string[] | undefined {
  if (m) return undefined;
  if (type === 0) return [];
  const name = NAMES[type - 1];
  if (name === undefined) return undefined;
  return [name, ...(type === COLLECTION ? ALSO_COLLECTIONS : [])].map((word) => (z ? `${word} Z` : word));
}
