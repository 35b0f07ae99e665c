import type { OriginConstraint } from '../origin/origin.js';

/** A constraint as the catalogue has it. */
export interface CatalogConstraint {
  readonly name: string;
  /** pg_constraint.contype: p primary key, u unique, x exclusion, c check, n not null, f foreign key. */
  readonly type: keyof typeof TYPES;
  /** pg_get_constraintdef(): qualified SQL. */
  readonly sql: string;
  /** Every column that it needs, those of INCLUDE too; of an expression on whole rows, all. */
  readonly columns: readonly string[] | null;
  /** Of a primary key, the columns in the key's order. */
  readonly key: readonly string[] | null;
  /** False: NOT VALID or NOT ENFORCED. */
  readonly validated: boolean;
  /** Whether tables that inherit need not obey it. */
  readonly own: boolean;
  /** Whether it needs more than PostgreSQL itself, the table's columns, and their types with the extensions that those are from. */
  readonly bound: boolean;
  readonly comment: string | null;
}

const TYPES = { p: 'primary key', u: 'unique', x: 'exclusion', c: 'check', n: 'not null', f: 'foreign key' } as const;

/**
 * SQL for a relation's constraints as JSON: null, or CatalogConstraints. Rows that only carry out a foreign key to the partitions
 * of a table have that very key above them. PostgreSQL names NOT NULL constraints from version 18 on.
 * @param relation SQL of its oid
 */
export function constraintsSql(relation: string): string {
  return `(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', k.conname, 'type', k.contype, 'sql', pg_catalog.pg_get_constraintdef(k.oid),
      'columns', (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = k.conrelid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnum = ANY (k.conkey) OR 0 = ANY (k.conkey) OR a.attnum = ANY (i.indkey))),
      'key', CASE WHEN k.contype = 'p' THEN (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY m.place) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS m(attnum, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = m.attnum) END,
      'validated', k.convalidated, 'own', k.connoinherit,
      'bound', EXISTS (SELECT FROM pg_catalog.pg_depend p
        WHERE (p.classid = 'pg_catalog.pg_constraint'::regclass AND p.objid = k.oid OR p.classid = 'pg_catalog.pg_class'::regclass AND p.objid = i.indexrelid)
          AND p.deptype = 'n' AND NOT (p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = k.conrelid) AND NOT ${ofTypes('p', 'k.conrelid')}),
      'comment', pg_catalog.obj_description(k.oid, 'pg_constraint'))
    ORDER BY position(k.contype::text IN 'puxcnf'), k.conname)
  FROM pg_catalog.pg_constraint k LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
  WHERE k.conrelid = ${relation} AND k.contype IN ('p', 'u', 'x', 'c', 'n', 'f')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid))`;
}

/** Whether what an entry of pg_depend refers to comes with the types of a relation's columns. */
function ofTypes(entry: string, relation: string): string {
  const types = `SELECT named FROM pg_catalog.pg_attribute b JOIN pg_catalog.pg_type bt ON bt.oid = b.atttypid,
    LATERAL pg_catalog.unnest(ARRAY[bt.oid, bt.typelem, bt.typarray, bt.typbasetype]) AS named WHERE b.attrelid = ${relation} AND b.attnum > 0 AND NOT b.attisdropped`;
  return `(${entry}.refclassid = 'pg_catalog.pg_type'::regclass AND ${entry}.refobjid IN (${types})
    OR EXISTS (SELECT FROM pg_catalog.pg_depend m JOIN pg_catalog.pg_depend tm ON tm.refclassid = m.refclassid AND tm.refobjid = m.refobjid
      WHERE m.classid = ${entry}.refclassid AND m.objid = ${entry}.refobjid AND m.deptype = 'e'
        AND tm.classid = 'pg_catalog.pg_type'::regclass AND tm.deptype = 'e' AND tm.objid IN (${types})))`;
}

/** @param holds whether all rows of the file obey it */
export function originConstraint(constraint: CatalogConstraint, holds: boolean): OriginConstraint {
  const { name, type, sql, columns, bound, comment } = constraint;
  return { name, type: TYPES[type], sql, columns: columns ?? [], portable: !bound, holds, ...(comment === null ? {} : { comment }) };
}
