import { type BaseType, baseTypes } from './catalog-types.js';
import type { Session } from './session.js';

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
  oid: string;
  typmod: number;
  dimensions: number;
  not_null: boolean;
  selectable: boolean;
}

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
    `SELECT d.attname::text AS name, pg_catalog.format_type(d.atttypid, d.atttypmod) AS formatted,
       d.atttypid::text AS oid, d.atttypmod AS typmod, d.attndims AS dimensions,
       pg_catalog.has_column_privilege($1::oid, d.attnum, 'SELECT') AS selectable,
       EXISTS (SELECT FROM pg_catalog.pg_attribute s WHERE s.attrelid = ANY ($2::oid[]) AND s.attname = d.attname AND NOT s.attisdropped)
       AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_attribute s
         WHERE s.attrelid = ANY ($2::oid[]) AND s.attname = d.attname AND NOT s.attisdropped AND NOT (s.attnotnull ${validated})) AS not_null
     FROM pg_catalog.pg_attribute d
     WHERE d.attrelid = $1::oid AND d.attnum > 0 AND NOT d.attisdropped
     ORDER BY d.attnum`,
    [String(oid), scanned.map(String)],
  );
  return withTypes(session, rows);
}

/**
 * The columns that a SELECT computes otherwise through a root than through one of its members: virtual ones (PostgreSQL 18), which
 * may be made of another expression in each, and are what the relation that the SELECT names makes of its rows.
 */
export async function divergentColumns(session: Session, root: number, members: readonly number[]): Promise<ReadonlySet<string>> {
  const others = members.filter((oid) => oid !== root);
  if (session.serverVersion < 180000 || others.length === 0) return new Set();
  const rows = await session.query<{ name: string }>(
    `SELECT DISTINCT d.attname::text AS name
     FROM pg_catalog.pg_attribute d JOIN pg_catalog.pg_attrdef de ON de.adrelid = d.attrelid AND de.adnum = d.attnum
     JOIN pg_catalog.pg_attribute s ON s.attrelid = ANY ($2::oid[]) AND s.attname = d.attname AND NOT s.attisdropped
     JOIN pg_catalog.pg_attrdef se ON se.adrelid = s.attrelid AND se.adnum = s.attnum
     WHERE d.attrelid = $1::oid AND d.attgenerated = 'v'
       AND pg_catalog.pg_get_expr(de.adbin, de.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(se.adbin, se.adrelid)`,
    [String(root), others.map(String)],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Whether relations have the same columns, by name, in the same order. */
export async function sameColumns(session: Session, oids: readonly number[]): Promise<boolean> {
  const [row] = await session.query<{ same: boolean }>(
    `SELECT pg_catalog.count(DISTINCT names) = 1 AS same FROM (
       SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS names
       FROM pg_catalog.unnest($1::oid[]) AS r(oid) LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
       GROUP BY r.oid) AS lists`,
    [oids.map(String)],
  );
  return row?.same === true;
}

/** The columns of a described statement. A query's columns are never NOT NULL. */
export async function describedColumns(
  session: Session,
  described: readonly { readonly name: string; readonly typeOid: number; readonly typeModifier: number }[],
): Promise<CatalogColumn[]> {
  if (described.length === 0) return [];
  const rows = await session.query<ColumnRow>(
    `SELECT d.name, pg_catalog.format_type(d.typid, d.typmod) AS formatted, d.typid::text AS oid, d.typmod, 0 AS dimensions,
       true AS selectable, false AS not_null
     FROM unnest($1::text[], $2::oid[], $3::int4[]) WITH ORDINALITY AS d(name, typid, typmod, place)
     ORDER BY d.place`,
    [described.map((d) => d.name), described.map((d) => String(d.typeOid)), described.map((d) => String(d.typeModifier))],
  );
  return withTypes(session, rows);
}

async function withTypes(session: Session, rows: readonly ColumnRow[]): Promise<CatalogColumn[]> {
  const types = await baseTypes(
    session,
    rows.map(({ oid, typmod, dimensions }) => ({ oid, typmod: Number(typmod), dimensions: Number(dimensions) })),
  );
  return rows.map((row, i) => ({
    name: row.name,
    postgresType: row.formatted,
    base: types[i] as BaseType,
    notNull: row.not_null,
    selectable: row.selectable,
  }));
}
