import type { OriginExpression, OriginType } from '../origin/origin.js';
import { type CatalogConstraint, constraintsSql } from './catalog-constraints.js';
import type { Session } from './session.js';

/** What the catalogue says of a relation beyond what reading it needs. */
export interface RelationFacts {
  readonly comment?: string;
  readonly constraints: readonly CatalogConstraint[];
  readonly columns: ReadonlyMap<string, ColumnFacts>;
}

export interface ColumnFacts {
  readonly typeOid: number;
  /** Qualified SQL. */
  readonly type: string;
  readonly collation?: string;
  readonly default?: OriginExpression;
  readonly identity?: 'always' | 'by default';
  readonly generated?: OriginExpression & { readonly stored: boolean };
  readonly comment?: string;
}

/** Object ids below are PostgreSQL's own (FirstNormalObjectId); types that others have made have later ones. */
const FIRST_OF_OTHERS = 16_384;

/**
 * Runs SELECTs with a search path that holds PostgreSQL's own schema alone, so that format_type(), pg_get_expr() and their like
 * qualify every other name: one message, in which the server keeps the path meanwhile. An error leaves the transaction aborted, as
 * any error does.
 */
async function withQualifiedNames(session: Session, selects: readonly string[]): Promise<Record<string, unknown>[][]> {
  const results = await session.queries([
    `SELECT pg_catalog.set_config('gpuparser.search_path', pg_catalog.current_setting('search_path'), true), pg_catalog.set_config('search_path', '', true)`,
    ...selects,
    `SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('gpuparser.search_path'), true)`,
  ]);
  return results.slice(1, -1);
}

/** A collation by name where it is not the one of `type`. */
function collation(oid: string, typeCollation: string): string {
  return `(SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
    FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
    WHERE co.oid = ${oid} AND ${oid} <> ${typeCollation})`;
}

/** Whether an object's definition needs others than PostgreSQL's own: those have no entries in pg_depend, or pinned ones. */
function needsOthers(catalog: string, oid: string, besides: string): string {
  return `EXISTS (SELECT FROM pg_catalog.pg_depend p
    WHERE p.classid = 'pg_catalog.${catalog}'::regclass AND p.objid = ${oid} AND p.deptype = 'n' AND NOT (${besides}))`;
}

/** Facts of a relation's columns, keys and comments. */
export async function relationFacts(session: Session, oid: number): Promise<RelationFacts> {
  // Defaults depend on their column's table by 'a'; generated columns also by 'n'.
  const own = `p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid OR p.refclassid = 'pg_catalog.pg_type'::regclass AND p.refobjid = a.atttypid`;
  const relation = `'${oid}'::oid`;
  const [rows, wholes] = (await withQualifiedNames(session, [
    `SELECT a.attname::text AS name, a.atttypid::int8::text AS oid, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       ${collation('a.attcollation', 't.typcollation')} AS collation,
       a.attidentity::text AS identity, a.attgenerated::text AS generated, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression,
       ${needsOthers('pg_attrdef', 'd.oid', own)} AS bound,
       pg_catalog.col_description(a.attrelid, a.attnum) AS comment
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = ${relation} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    `SELECT pg_catalog.obj_description(${relation}, 'pg_class') AS comment, ${constraintsSql(relation)} AS constraints`,
  ])) as [Record<string, string | boolean | null>[], { comment: string | null; constraints: CatalogConstraint[] | null }[]];
  const [whole] = wholes;
  return {
    ...optional('comment', whole?.comment),
    constraints: whole?.constraints ?? [],
    columns: new Map(rows.map((row) => [row.name as string, columnFacts(row)])),
  };
}

function columnFacts(row: Record<string, string | boolean | null>): ColumnFacts {
  const expression = row.expression === null ? undefined : { sql: row.expression as string, portable: row.bound !== true };
  const generated = row.generated === '' ? undefined : (row.generated as string);
  return {
    typeOid: Number(row.oid),
    type: row.type as string,
    ...optional('collation', row.collation as string | null),
    ...(row.identity === '' ? {} : { identity: row.identity === 'a' ? 'always' : 'by default' }),
    ...(expression && generated ? { generated: { ...expression, stored: generated === 's' } } : {}),
    ...(expression && !generated ? { default: expression } : {}),
    ...optional('comment', row.comment as string | null),
  };
}

/** Qualified names of types with their modifiers. */
export async function typeNames(
  session: Session,
  types: readonly { readonly typeOid: number; readonly typeModifier: number }[],
): Promise<string[]> {
  if (types.length === 0) return [];
  const oids = types.map(({ typeOid }) => typeOid);
  const modifiers = types.map(({ typeModifier }) => typeModifier);
  const [rows] = await withQualifiedNames(session, [
    `SELECT pg_catalog.format_type(w.oid, w.typmod) AS name
     FROM unnest('{${oids}}'::oid[], '{${modifiers}}'::int4[]) WITH ORDINALITY AS w(oid, typmod, place) ORDER BY w.place`,
  ]);
  return (rows as { name: string }[]).map(({ name }) => name);
}

interface TypeRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly typtype: string;
  readonly comment: string | null;
  readonly extension: string | null;
  readonly extension_schema: string | null;
  /** Types that it is made of. */
  readonly parts: string[] | null;
  /** A name that stands for another type, like an array's or a multirange's. */
  readonly shadow: boolean;
  readonly labels: string[] | null;
  readonly attributes: { name: string; type: string; collation: string | null }[] | null;
  readonly base: string | null;
  readonly collation: string | null;
  readonly not_null: boolean;
  readonly value: string | null;
  readonly value_bound: boolean;
  readonly checks: { name: string; sql: string; validated: boolean; bound: boolean }[] | null;
  readonly subtype: string | null;
  readonly operator_class: string | null;
  readonly range_collation: string | null;
  readonly canonical: string | null;
  readonly difference: string | null;
  readonly multirange: string | null;
}

/**
 * The types that others than PostgreSQL itself have made, among these and what they are made of, each behind its parts. Nothing is
 * asked where all are PostgreSQL's own.
 */
export async function typesBehind(session: Session, oids: readonly number[]): Promise<OriginType[]> {
  const rows = new Map<string, TypeRow>();
  const seen = new Set<string>();
  const others = (all: readonly string[]) => [...new Set(all)].filter((oid) => Number(oid) >= FIRST_OF_OTHERS && !seen.has(oid));
  for (let wanted = others(oids.map(String)); wanted.length > 0; ) {
    for (const oid of wanted) seen.add(oid);
    const found = await typeRows(session, wanted);
    for (const row of found) rows.set(row.oid, row);
    wanted = others(found.flatMap(({ parts }) => parts ?? []));
  }
  const types = new Map<string, OriginType>();
  const visited = new Set<string>();
  const visit = (oid: string): void => {
    const row = rows.get(oid);
    if (row === undefined || visited.has(oid)) return;
    visited.add(oid);
    if (row.extension === null) for (const part of row.parts ?? []) visit(part);
    if (!row.shadow || row.extension !== null) {
      const type = originType(row);
      types.set(`${type.kind === 'extension'} ${type.schema}.${type.name}`, type);
    }
  };
  for (const oid of oids) visit(String(oid));
  return [...types.values()];
}

async function typeRows(session: Session, oids: readonly string[]): Promise<TypeRow[]> {
  const multirange = session.serverVersion >= 140000;
  const ofRange = multirange ? `OR r.rngmultitypid = t.oid` : '';
  const name = multirange ? `(SELECT m.typname::text FROM pg_catalog.pg_type m WHERE m.oid = r.rngmultitypid)` : 'NULL';
  const [rows] = await withQualifiedNames(session, [
    `SELECT t.oid::int8::text AS oid, n.nspname::text AS schema, t.typname::text AS name, t.typtype::text AS typtype,
       pg_catalog.obj_description(t.oid, 'pg_type') AS comment, e.extname::text AS extension, en.nspname::text AS extension_schema,
       t.typcategory = 'A' AND t.typelem <> 0 OR t.typtype = 'm' AS shadow,
       ARRAY(SELECT part::int8::text FROM pg_catalog.unnest(ARRAY[CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, t.typbasetype,
           coalesce(CASE WHEN t.typtype = 'm' THEN r.rngtypid ELSE r.rngsubtype END, 0)]
         || ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped)) AS part
         WHERE part <> 0) AS parts,
       (SELECT pg_catalog.array_agg(l.enumlabel::text ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid) AS labels,
       (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'collation', ${collation('a.attcollation', '(SELECT at.typcollation FROM pg_catalog.pg_type at WHERE at.oid = a.atttypid)')}) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
       CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base,
       CASE WHEN t.typtype = 'd' THEN ${collation('t.typcollation', '(SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype)')} END AS collation,
       t.typnotnull AS not_null, CASE WHEN t.typtype = 'd' THEN pg_catalog.pg_get_expr(t.typdefaultbin, 0) END AS value,
       ${needsOthers('pg_type', 't.oid', `p.refclassid IN ('pg_catalog.pg_namespace'::regclass, 'pg_catalog.pg_collation'::regclass) OR p.refclassid = 'pg_catalog.pg_type'::regclass AND p.refobjid = t.typbasetype`)} AS value_bound,
       (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', k.conname, 'sql', pg_catalog.pg_get_constraintdef(k.oid), 'validated', k.convalidated,
           'bound', ${needsOthers('pg_constraint', 'k.oid', `p.refclassid = 'pg_catalog.pg_type'::regclass`)}) ORDER BY k.conname)
        FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks,
       pg_catalog.format_type(r.rngsubtype, NULL) AS subtype,
       (SELECT pg_catalog.quote_ident(ocn.nspname) || '.' || pg_catalog.quote_ident(oc.opcname) FROM pg_catalog.pg_opclass oc
        JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace WHERE oc.oid = r.rngsubopc AND NOT oc.opcdefault) AS operator_class,
       ${collation('r.rngcollation', '(SELECT s.typcollation FROM pg_catalog.pg_type s WHERE s.oid = r.rngsubtype)')} AS range_collation,
       nullif(r.rngcanonical::oid, 0)::regproc::text AS canonical, nullif(r.rngsubdiff::oid, 0)::regproc::text AS difference, ${name} AS multirange
     FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid ${ofRange}
     LEFT JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_type'::regclass AND p.objid = t.oid AND p.deptype = 'e'
       AND p.refclassid = 'pg_catalog.pg_extension'::regclass
     LEFT JOIN pg_catalog.pg_extension e ON e.oid = p.refobjid
     LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.extnamespace
     WHERE t.oid = ANY ('{${oids}}'::oid[]) AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  ]);
  return rows as unknown as TypeRow[];
}

function originType(row: TypeRow): OriginType {
  const { schema, name, typtype } = row;
  if (row.extension !== null) return { kind: 'extension', schema: row.extension_schema as string, name: row.extension };
  const head = { schema, name, ...optional('comment', row.comment) };
  if (typtype === 'e') return { kind: 'enum', ...head, labels: row.labels ?? [] };
  if (typtype === 'c') {
    const attributes = (row.attributes ?? []).map((a) => ({ name: a.name, type: a.type, ...optional('collation', a.collation) }));
    return { kind: 'composite', ...head, attributes };
  }
  if (typtype === 'd') {
    const checks = (row.checks ?? []).map(({ name, sql, validated, bound }) => ({
      name,
      sql,
      portable: !bound,
      ...(validated ? {} : { holds: false as const }),
    }));
    const { not_null: notNull, base } = row;
    return {
      kind: 'domain',
      ...head,
      base: base as string,
      ...optional('collation', row.collation),
      notNull,
      ...optional(row.value_bound ? 'boundDefault' : 'default', row.value),
      checks,
    };
  }
  if (typtype !== 'r') return { kind: 'base', ...head };
  return {
    kind: 'range',
    ...head,
    subtype: row.subtype as string,
    ...optional('collation', row.range_collation),
    ...optional('operatorClass', row.operator_class),
    ...optional('canonical', row.canonical),
    ...optional('difference', row.difference),
    ...optional('multirange', row.multirange),
  };
}

function optional<const Key extends string>(key: Key, value: string | null | undefined): { readonly [K in Key]?: string } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}
