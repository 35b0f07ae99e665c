import type { Session } from './session.js';

/** A type with its domains taken off, as the catalogue describes it, and the types it is made of. */
export interface BaseType {
  /** pg_type.typname: `int4`. */
  readonly name: string;
  readonly schema: string;
  /** pg_type.typtype: b base, c composite, e enum, r range, m multirange, p pseudo. */
  readonly typtype: string;
  /** The extension that owns the type. */
  readonly extension: string | null;
  /** -1: none. */
  readonly typmod: number;
  /** A true array type; int2vector and oidvector are none. */
  readonly isArray: boolean;
  /** Dimensions declared for a column or a domain; 0 where none were. The server does not enforce them. */
  readonly dimensions: number;
  /** An array's one element type, a composite's members, a range's one bound type, a multirange's one range type. */
  readonly parts: readonly TypePart[];
}

/** A type inside another one. */
export interface TypePart {
  /** A composite's member; else empty. */
  readonly name: string;
  /** format_type(), with the domain's name for a domain. */
  readonly postgresType: string;
  /** With all domains taken off. */
  readonly base: BaseType;
}

/** A type as a column, a member or a domain names it. */
export interface TypeUse {
  readonly oid: string;
  readonly typmod: number;
  readonly dimensions: number;
}

interface Part extends TypeUse {
  name: string;
  formatted: string;
}

interface TypeRow {
  oid: string;
  name: string;
  schema: string;
  typtype: string;
  extension: string | null;
  is_array: boolean;
  domain_over: string;
  domain_typmod: number;
  domain_dimensions: number;
  parts: Part[] | null;
}

/** format_type() is given the array's modifier for its elements: numeric(10,2)[] has numeric's, and it is that of the array. */
const TYPES = `
  SELECT t.oid::text AS oid, t.typname::text AS name, n.nspname::text AS schema, t.typtype::text AS typtype, a.is_array,
    t.typbasetype::text AS domain_over, t.typtypmod AS domain_typmod, t.typndims AS domain_dimensions,
    (SELECT e.extname::text FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_extension e ON e.oid = p.refobjid
     WHERE p.classid = 'pg_catalog.pg_type'::regclass AND p.objid = t.oid AND p.deptype = 'e'
       AND p.refclassid = 'pg_catalog.pg_extension'::regclass LIMIT 1) AS extension,
    CASE
      WHEN a.is_array THEN pg_catalog.json_build_array(pg_catalog.json_build_object('name', '', 'oid', t.typelem::text, 'typmod', -1, 'dimensions', 0,
        'formatted', pg_catalog.format_type(t.typelem, NULL)))
      WHEN t.typtype = 'c' THEN (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', m.attname::text, 'oid', m.atttypid::text, 'typmod', m.atttypmod, 'dimensions', m.attndims,
          'formatted', pg_catalog.format_type(m.atttypid, m.atttypmod)) ORDER BY m.attnum)
        FROM pg_catalog.pg_attribute m WHERE m.attrelid = t.typrelid AND m.attnum > 0 AND NOT m.attisdropped)
      WHEN t.typtype = 'r' THEN (
        SELECT pg_catalog.json_build_array(pg_catalog.json_build_object('name', '', 'oid', r.rngsubtype::text, 'typmod', -1, 'dimensions', 0,
          'formatted', pg_catalog.format_type(r.rngsubtype, NULL))) FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
      MULTIRANGE
    END AS parts
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace,
  LATERAL (SELECT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid) AS is_array) AS a
  WHERE t.oid = ANY ($1::oid[])`;

const MULTIRANGES = `WHEN t.typtype = 'm' THEN (
        SELECT pg_catalog.json_build_array(pg_catalog.json_build_object('name', '', 'oid', r.rngtypid::text, 'typmod', -1, 'dimensions', 0,
          'formatted', pg_catalog.format_type(r.rngtypid, NULL))) FROM pg_catalog.pg_range r WHERE r.rngmultitypid = t.oid)`;

/** The types of columns, each with everything below it. One query for each level of nesting. */
export async function baseTypes(session: Session, uses: readonly TypeUse[]): Promise<BaseType[]> {
  const sql = TYPES.replace('MULTIRANGE', session.serverVersion >= 140000 ? MULTIRANGES : '');
  const types = new Map<string, TypeRow>();
  for (let wanted = new Set(uses.map(({ oid }) => oid)); wanted.size > 0; ) {
    const rows = await session.query<TypeRow>(sql, [[...wanted]]);
    for (const row of rows) types.set(row.oid, row);
    const below = rows.flatMap((row) => [...(row.typtype === 'd' ? [row.domain_over] : []), ...(row.parts ?? []).map(({ oid }) => oid)]);
    wanted = new Set(below.filter((oid) => !types.has(oid)));
  }
  return uses.map((use) => resolve(types, use));
}

/** A domain's modifier and dimensions are those of the innermost one (getBaseTypeAndTypmod). */
function resolve(types: ReadonlyMap<string, TypeRow>, use: TypeUse): BaseType {
  const row = types.get(use.oid);
  if (row === undefined) throw new Error(`type ${use.oid} is not in pg_type`);
  if (row.typtype === 'd')
    return resolve(types, { oid: row.domain_over, typmod: Number(row.domain_typmod), dimensions: Number(row.domain_dimensions) });
  const part = ({ name, formatted, ...below }: Part): TypePart => {
    const typmod = row.is_array && types.get(below.oid)?.typtype !== 'd' ? use.typmod : below.typmod;
    return { name, postgresType: formatted, base: resolve(types, { ...below, typmod }) };
  };
  const { name, schema, typtype, extension, is_array: isArray } = row;
  const { typmod, dimensions } = use;
  return { name, schema, typtype, extension, typmod, isArray, dimensions, parts: (row.parts ?? []).map(part) };
}
