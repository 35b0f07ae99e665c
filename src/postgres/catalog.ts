import type { Session } from './session.js';

/** A relation's name as it may stand in the catalogue; schema undefined: whatever the search path shows. */
export interface NameCandidate {
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
}

/** pg_class.relkind: r table, p partitioned table, v view, m materialized view, f foreign table; others cannot be exported. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'S' | 'i' | 'I' | 't' | 'c';

/** A relation as the catalogue of the current snapshot has it. */
export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** As messages name it, quoted where SQL needs it: `public."Order Lines"`. */
  readonly display: string;
  readonly kind: RelationKind;
  /** pg_class.relpersistence: p permanent, u unlogged, t temporary. */
  readonly persistence: string;
  /** pg_am.amname; null for what has no storage. */
  readonly accessMethod: string | null;
  /** Pages of the main fork now; 0 for what has no storage. */
  readonly pages: number;
  /** Whether the role may SELECT from all of it. */
  readonly selectable: boolean;
  /** Whether the role may use ctid in a condition: column rights alone do not include it. */
  readonly ctidSelectable: boolean;
  readonly schemaUsable: boolean;
  /** Whether a row-level security policy stands between the role and the rows. */
  readonly rowSecurityActive: boolean;
  /** Whether anything inherits from it or is a partition of it; may be true a while after the last one has gone. */
  readonly hasChildren: boolean;
  /** True when the file that the snapshot names is no longer the relation's: it was truncated or rewritten meanwhile. A view that a rule made of a table keeps that table's number. */
  readonly rewritten: boolean;
}

/** Waits for no lock, however long another session holds the relation. */
const RELATION_ALONE = `
  c.oid::int8::text AS oid, n.nspname::text AS schema, c.relname::text AS name,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS display,
  c.relkind::text AS kind, c.relpersistence::text AS persistence, a.amname::text AS am,
  pg_catalog.has_table_privilege(c.oid, 'SELECT') AS selectable,
  pg_catalog.has_column_privilege(c.oid, (-1)::int2, 'SELECT') AS ctid_selectable,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS schema_usable,
  pg_catalog.row_security_active(c.oid) AS row_security, c.relhassubclass AS has_children,
  c.relkind <> 'v' AND c.relfilenode <> '0' AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid) AS rewritten`;

/** pg_relation_size() takes a lock, and waits for it. */
const RELATION = `${RELATION_ALONE},
  CASE WHEN c.relkind IN ('r', 'm', 't') THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8 ELSE 0 END AS pages`;

const FROM_CLASS = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam`;

interface RelationRow {
  oid: string;
  schema: string;
  name: string;
  display: string;
  kind: RelationKind;
  persistence: string;
  am: string | null;
  pages?: string | number | null;
  selectable: boolean;
  ctid_selectable: boolean;
  schema_usable: boolean;
  row_security: boolean;
  has_children: boolean;
  rewritten: boolean;
}

function relation(row: RelationRow): Relation {
  const { schema, name, display, kind, persistence } = row;
  return {
    oid: Number(row.oid),
    schema,
    name,
    display,
    kind,
    persistence,
    accessMethod: row.am,
    pages: Number(row.pages ?? 0),
    selectable: row.selectable,
    ctidSelectable: row.ctid_selectable,
    schemaUsable: row.schema_usable,
    rowSecurityActive: row.row_security,
    hasChildren: row.has_children,
    rewritten: row.rewritten,
  };
}

/**
 * The first candidate that names a relation, or undefined. Without a schema only what the search path shows is found.
 * @param held whether the session holds a lock on it, so that its size can be asked for; without, `pages` is 0.
 */
export async function findRelation(session: Session, candidates: readonly NameCandidate[], held: boolean): Promise<Relation | undefined> {
  const rows = await session.query<RelationRow>(
    `SELECT ${held ? RELATION : RELATION_ALONE}
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(dbname, schema, name, place)
     JOIN (${FROM_CLASS}) ON c.relname = w.name AND CASE w.schema WHEN '' THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = w.schema END
     WHERE w.dbname IN ('', pg_catalog.current_database())
     ORDER BY w.place LIMIT 1`,
    // No name is empty. NULLs would be words where array_nulls is off.
    [candidates.map((c) => c.database ?? ''), candidates.map((c) => c.schema ?? ''), candidates.map((c) => c.name)],
  );
  return rows[0] && relation(rows[0]);
}

/** The relations with these names, in this order; those that are not there are left out. */
export async function relationsByName(session: Session, names: readonly { schema: string; name: string }[]): Promise<Relation[]> {
  if (names.length === 0) return [];
  const rows = await session.query<RelationRow>(
    `SELECT ${RELATION}
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, place)
     JOIN (${FROM_CLASS}) ON c.relname = w.name AND n.nspname = w.schema
     ORDER BY w.place`,
    [names.map((n) => n.schema), names.map((n) => n.name)],
  );
  return rows.map(relation);
}

/**
 * A relation and everything that inherits from it or is a partition of it, at any depth, each once, by name. Partitions that
 * are being detached and other sessions' temporary children are left out, as a SELECT leaves them out.
 */
export async function relationTree(session: Session, oid: number): Promise<Relation[]> {
  const attached = session.serverVersion >= 140000 ? 'AND NOT i.inhdetachpending' : '';
  const rows = await session.query<RelationRow>(
    `WITH RECURSIVE tree(oid) AS (
       SELECT $1::oid UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid ${attached})
     SELECT ${RELATION}
     FROM tree JOIN (${FROM_CLASS}) ON c.oid = tree.oid
     WHERE c.oid = $1::oid OR c.relpersistence <> 't'
     ORDER BY c.oid <> $1::oid, n.nspname, c.relname`,
    [String(oid)],
  );
  return rows.map(relation);
}

/** Names of relations that could be exported, for suggestions. */
export async function exportableNames(
  session: Session,
): Promise<{ name: string; display: string; visible: boolean; temporary: boolean }[]> {
  return session.query(
    `SELECT c.relname::text AS name, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS display,
            pg_catalog.pg_table_is_visible(c.oid) AS visible, c.relpersistence = 't' AS temporary
     FROM ${FROM_CLASS}
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
     LIMIT 50000`,
  );
}
