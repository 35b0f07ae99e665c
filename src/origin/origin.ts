/** The footer's key that holds an Origin as JSON. */
export const ORIGIN_KEY = 'gpuparser.origin';

/**
 * Where a file's rows came from, enough to make a table that takes them back (ddl.ts). Version 1: keys may be added, and none
 * changes its meaning. Types, collations, expressions and definitions are SQL with every name qualified that is not PostgreSQL's
 * own. Holds no host, no user, no SQL of the export's caller and no secret.
 */
export interface Origin {
  readonly version: 1;
  /** The footers' created_by. */
  readonly tool: string;
  /** `PostgreSQL 17.6`. */
  readonly server: string;
  readonly database: string;
  /** The database's own: `UTF8`. */
  readonly encoding: string;
  /** Left out of files that were merged from several snapshots. */
  readonly snapshot?: Pick<SnapshotInfo, 'lsn' | 'takenAt' | 'standby'>;
  /** Absent for a query. */
  readonly relation?: OriginRelation;
  /** In the file's order. */
  readonly columns: readonly OriginColumn[];
  /** What the columns' types need besides PostgreSQL's own, each behind what it is made of. */
  readonly types: readonly OriginType[];
  /** Why something is not here, as a clause. */
  readonly incomplete?: string;
}

/** The state of the database that was read. */
export interface SnapshotInfo {
  /** pg_export_snapshot(). */
  readonly id: string;
  /** pg_current_wal_lsn() or, on a standby, pg_last_wal_replay_lsn(). */
  readonly lsn: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly standby: boolean;
  readonly serverVersion: string;
}

/** What the rows were read from. */
export type SourceKind = 'table' | 'partitioned table' | 'materialized view' | 'view' | 'foreign table' | 'query';

export interface OriginRelation {
  readonly schema: string;
  readonly name: string;
  /** `table`, `partitioned table`, `view` ... */
  readonly kind: string;
  readonly comment?: string;
  /** Only where it holds for all rows that were read. */
  readonly primaryKey?: { readonly name: string; readonly columns: readonly string[] };
  /** Of a table, the primary key among them; absent where it has none, and in files of versions that did not record them. */
  readonly constraints?: readonly OriginConstraint[];
}

export interface OriginConstraint {
  readonly name: string;
  readonly type: 'primary key' | 'unique' | 'exclusion' | 'check' | 'not null' | 'foreign key';
  /** As it stands behind its name: `CHECK ((n > 0))`, `UNIQUE (a, b)`. */
  readonly sql: string;
  /** All that it needs, by name; the file may lack some. */
  readonly columns: readonly string[];
  /** Whether it needs nothing but PostgreSQL itself and the columns with their types; of a foreign key, besides its tables. */
  readonly portable: boolean;
  /**
   * Whether the file's rows are sure to obey it: not so where the server never saw to it (NOT VALID, NOT ENFORCED, foreign tables),
   * where rows of other tables are among them, and where a policy changed values.
   */
  readonly holds: boolean;
  readonly comment?: string;
}

export interface OriginColumn {
  /** In the file. */
  readonly name: string;
  /** The relation's name for it, where the export gave it another; constraints and keys call it by this one. */
  readonly renamedFrom?: string;
  /** With its modifier: `numeric(12,2)`, `"sales"."mood"[]`. */
  readonly type: string;
  /** Where it is not the type's own. */
  readonly collation?: string;
  /** True when the file holds no NULL: see ColumnPlan.required. */
  readonly notNull: boolean;
  readonly default?: OriginExpression;
  readonly identity?: 'always' | 'by default';
  /** Of a generated column. */
  readonly generated?: OriginExpression & { readonly stored: boolean };
  readonly comment?: string;
  /** What the export's rules were: see ColumnPlan. */
  readonly policies?: Readonly<Record<string, string>>;
  /** Of PostGIS's types. */
  readonly spatial?: OriginSpatial;
}

export interface OriginSpatial {
  readonly type: 'geometry' | 'geography';
  /** 0: none. */
  readonly srid: number;
  /** As spatial_ref_sys has it: `EPSG:3857`. */
  readonly crs?: string;
  readonly wkt?: string;
}

export interface OriginExpression {
  readonly sql: string;
  /** Whether it needs nothing but PostgreSQL itself and the column's type: no sequence, no function of the user's. */
  readonly portable: boolean;
}

export type OriginType = { readonly schema: string; readonly name: string; readonly comment?: string } & (
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | {
      readonly kind: 'composite';
      readonly attributes: readonly { readonly name: string; readonly type: string; readonly collation?: string }[];
    }
  | {
      readonly kind: 'domain';
      readonly base: string;
      readonly collation?: string;
      readonly notNull: boolean;
      /** Portable, as OriginExpression has it; one that is not is `boundDefault`. */
      readonly default?: string;
      readonly boundDefault?: string;
      /** `holds` false: the server never saw to it for all values (NOT VALID). */
      readonly checks: readonly ({ readonly name: string; readonly holds?: false } & OriginExpression)[];
    }
  | {
      readonly kind: 'range';
      readonly subtype: string;
      readonly collation?: string;
      readonly operatorClass?: string;
      readonly difference?: string;
      readonly canonical?: string;
      readonly multirange?: string;
    }
  /** `name` is the extension's; `schema` where its objects are. */
  | { readonly kind: 'extension' }
  /** A base type that only its own C functions can make. */
  | { readonly kind: 'base' }
);

/** The origin in a file's key-value metadata; undefined where there is none that this version reads. */
export function originIn(keyValues: ReadonlyMap<string, string>): Origin | undefined {
  const text = keyValues.get(ORIGIN_KEY);
  if (text === undefined) return undefined;
  try {
    const origin = JSON.parse(text) as Origin;
    return origin.version === 1 && Array.isArray(origin.columns) && Array.isArray(origin.types) ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** The origin of files together: theirs, without the snapshot where that differs. Undefined where more differs. */
export function commonOrigin(texts: readonly string[]): string | undefined {
  if (texts.every((text) => text === texts[0])) return texts[0];
  const bare = texts.map((text) => {
    const origin = originIn(new Map([[ORIGIN_KEY, text]]));
    if (origin === undefined) return undefined;
    const { snapshot: _, ...rest } = origin;
    return JSON.stringify(rest);
  });
  return bare.every((text) => text !== undefined && text === bare[0]) ? bare[0] : undefined;
}
