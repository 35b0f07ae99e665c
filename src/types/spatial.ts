import type { OriginSpatial } from '../origin/origin.js';
import type { ColumnPlan } from '../plan/plan.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { quoteIdentifier } from '../postgres/identifier.js';
import type { Session } from '../postgres/session.js';
import type { PlannedColumn } from './columns.js';

/** What a type modifier says of a column's values; PostGIS holds them to it. */
export interface SpatialModifier {
  /** 0: any. */
  readonly srid: number;
  /** Of liblwgeom: 1 point ... 15 TIN; 0: any. */
  readonly type: number;
  readonly z: boolean;
  readonly m: boolean;
}

/** PostGIS's packing (gserialized.h): 21 bits of SRID with its sign, 6 of the type, then Z and M. */
export function spatialModifier(typmod: number): SpatialModifier {
  if (typmod < 0) return { srid: 0, type: 0, z: false, m: false };
  return {
    srid: ((typmod & 0x0fffff00) - (typmod & 0x10000000)) >> 8,
    type: (typmod & 0xfc) >> 2,
    z: (typmod & 2) !== 0,
    m: (typmod & 1) !== 0,
  };
}

/** WGS 84, longitude before latitude: what geography means where nothing else is said. */
export const WGS84 = 4326;
/** EWKB's mark of an SRID in the type word (liblwgeom.h, WKBSRIDFLAG). */
const SRID_FLAG = 0x20000000;

/** Runs a query over the rows of an export until it gives a row. */
export type FirstRow = <Row>(sql: (from: string, condition: string) => string) => Promise<Row | undefined>;

/**
 * What is known of each spatial column, by the column's name in the file. The SRID is the modifier's or, where that leaves it open, the first
 * value's; the engine holds all others to it: ISO WKB has no place for an SRID, and one must not be lost.
 * @param first the first row of a query that is made of what follows FROM, and of ` AND ` with the user's condition where there is one
 */
export async function spatialFacts(
  session: Session,
  planned: readonly PlannedColumn[],
  first: FirstRow,
): Promise<ReadonlyMap<string, OriginSpatial>> {
  const facts = new Map<string, OriginSpatial>();
  for (const { plan, column } of planned) {
    if (plan.kind !== 'geometry') continue;
    const { base } = column;
    const { srid } = spatialModifier(base.typmod);
    const known = srid > 0 ? srid : await firstSrid(column.name, first);
    facts.set(plan.name, await factsOf(session, base, known ?? (base.name === 'geography' ? WGS84 : 0)));
  }
  return facts;
}

/** The columns with the SRIDs that the engine is to hold their values to. */
export function withSrids(planned: readonly PlannedColumn[], facts: ReadonlyMap<string, OriginSpatial>): ColumnPlan[] {
  return planned.map(({ plan }) => {
    const known = facts.get(plan.name);
    return known === undefined ? plan : { ...plan, precision: known.srid };
  });
}

/** Undefined where there is no value. */
async function firstSrid(name: string, first: FirstRow): Promise<number | undefined> {
  const quoted = quoteIdentifier(name);
  const row = await first<{ head: string }>(
    (from, condition) =>
      `SELECT pg_catalog.encode(pg_catalog.substr(${quoted}::bytea, 1, 9), 'hex') AS head FROM ${from} WHERE ${quoted} IS NOT NULL${condition} LIMIT 1`,
  );
  return row && sridOf(Buffer.from(row.head, 'hex'));
}

/** The SRID at the head of an EWKB value, 0 where it has none. */
export function sridOf(head: Buffer): number {
  const little = head[0] === 1;
  const word = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at));
  return head.length >= 9 && (word(1) & SRID_FLAG) !== 0 ? word(5) : 0;
}

/** What an Origin says of a spatial column; the reference system as PostGIS's own table has it, where the role may read that. */
async function factsOf(session: Session, base: BaseType, srid: number): Promise<OriginSpatial> {
  const table = `${quoteIdentifier(base.schema)}.spatial_ref_sys`;
  const type = base.name === 'geography' ? 'geography' : 'geometry';
  const [there] = await session.query<{ readable: boolean | null }>(
    `SELECT CASE WHEN pg_catalog.has_schema_privilege($1, 'USAGE') THEN pg_catalog.has_table_privilege(pg_catalog.to_regclass($2), 'SELECT') END AS readable`,
    [base.schema, table],
  );
  if (srid === 0 || there?.readable !== true) return { type, srid };
  const [row] = await session.query<{ crs: string | null; wkt: string | null }>(
    `SELECT auth_name::text || ':' || auth_srid::text AS crs, srtext AS wkt FROM ${table} WHERE srid = $1::int4`,
    [String(srid)],
  );
  return { type, srid, ...(row?.crs ? { crs: row.crs } : {}), ...(row?.wkt ? { wkt: row.wkt } : {}) };
}
