import type { Session } from './session.js';

/** A column's type with its domains taken off, as the catalogue describes it. */
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
  readonly isArray: boolean;
}

/** A column as the catalogue describes it. */
export interface CatalogColumn {
  readonly name: string;
  /** format_type(), with the domain's name for a domain. */
  readonly postgresType: string;
  /** With all domains taken off. */
  readonly base: BaseType;
  /** True when no row of any of the relations can hold NULL. */
  readonly notNull: boolean;
  readonly selectable: boolean;
}

interface ColumnRow {
  name: string;
  formatted: string;
  typname: string;
  typnamespace: string;
  typtype: string;
  extension: string | null;
  typmod: number;
  is_array: boolean;
  not_null: boolean;
  selectable: boolean;
}

/** Walks from a type to what it is a domain over; a nested domain's modifier is the innermost one's (getBaseTypeAndTypmod). */
const BASE_TYPE = `
  LATERAL (
    WITH RECURSIVE base(oid, typmod, depth) AS (
      SELECT d.typid, d.typmod, 0
      UNION ALL
      SELECT t.typbasetype, t.typtypmod, base.depth + 1 FROM base JOIN pg_catalog.pg_type t ON t.oid = base.oid WHERE t.typtype = 'd')
    SELECT oid, typmod FROM base ORDER BY depth DESC LIMIT 1
  ) AS b
  JOIN pg_catalog.pg_type t ON t.oid = b.oid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace`;

const BASE_FIELDS = `
  t.typname::text AS typname, tn.nspname::text AS typnamespace, t.typtype::text AS typtype, b.typmod AS typmod,
  t.typcategory = 'A' AND t.typelem <> 0 AS is_array,
  (SELECT e.extname::text FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_extension e ON e.oid = p.refobjid
   WHERE p.classid = 'pg_catalog.pg_type'::regclass AND p.objid = t.oid AND p.deptype = 'e'
     AND p.refclassid = 'pg_catalog.pg_extension'::regclass LIMIT 1) AS extension`;

/**
 * The columns of a relation in catalogue order, dropped ones left out.
 * @param scanned the relations that will be read: a column is NOT NULL only when it is so, and validated, in all of them,
 *   for a child may lack what its parent has, and PostgreSQL 18 sets attnotnull also for NOT VALID constraints.
 */
export async function relationColumns(session: Session, oid: number, scanned: readonly number[]): Promise<CatalogColumn[]> {
  const validated =
    session.serverVersion >= 180000
      ? `AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = s.attrelid AND k.contype = 'n' AND k.conkey[1] = s.attnum AND NOT k.convalidated)`
      : '';
  const rows = await session.query<ColumnRow>(
    `SELECT d.attname::text AS name, format_type(d.typid, d.typmod) AS formatted, ${BASE_FIELDS},
       has_column_privilege($1::oid, d.attnum, 'SELECT') AS selectable,
       EXISTS (SELECT FROM pg_catalog.pg_attribute s WHERE s.attrelid = ANY ($2::oid[]) AND s.attname = d.attname AND NOT s.attisdropped)
       AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_attribute s
         WHERE s.attrelid = ANY ($2::oid[]) AND s.attname = d.attname AND NOT s.attisdropped AND NOT (s.attnotnull ${validated})) AS not_null
     FROM (SELECT attname, attnum, atttypid AS typid, atttypmod AS typmod FROM pg_catalog.pg_attribute
           WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped) AS d,
       ${BASE_TYPE}
     ORDER BY d.attnum`,
    [String(oid), scanned.map(String)],
  );
  return rows.map(column);
}

/** The columns of a described statement. A query's columns are never NOT NULL. */
export async function describedColumns(
  session: Session,
  described: readonly { readonly name: string; readonly typeOid: number; readonly typeModifier: number }[],
): Promise<CatalogColumn[]> {
  if (described.length === 0) return [];
  const rows = await session.query<ColumnRow>(
    `SELECT d.name, format_type(d.typid, d.typmod) AS formatted, ${BASE_FIELDS}, true AS selectable, false AS not_null
     FROM unnest($1::text[], $2::oid[], $3::int4[]) WITH ORDINALITY AS d(name, typid, typmod, place), ${BASE_TYPE}
     ORDER BY d.place`,
    [described.map((d) => d.name), described.map((d) => String(d.typeOid)), described.map((d) => String(d.typeModifier))],
  );
  return rows.map(column);
}

function column(row: ColumnRow): CatalogColumn {
  return {
    name: row.name,
    postgresType: row.formatted,
    base: {
      name: row.typname,
      schema: row.typnamespace,
      typtype: row.typtype,
      extension: row.extension,
      typmod: Number(row.typmod),
      isArray: row.is_array,
    },
    notNull: row.not_null,
    selectable: row.selectable,
  };
}
