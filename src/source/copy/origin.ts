import type { OriginColumn, OriginSpatial, SourceKind } from '../../origin/origin.js';
import { sourceName } from '../../plan/nodes.js';
import type { ColumnPlan } from '../../plan/plan.js';
import type { Relation } from '../../postgres/catalog.js';
import { type CatalogConstraint, originConstraint } from '../../postgres/catalog-constraints.js';
import { type RelationFacts, relationFacts, typeNames, typesBehind } from '../../postgres/catalog-origin.js';
import type { StatementDescription } from '../../postgres/session.js';
import type { SnapshotPlanning, SourceOrigin } from '../look-up.js';

type Spatial = ReadonlyMap<string, OriginSpatial>;

/** What the rows that are read have to do with a relation's constraints. */
export interface RowsRead {
  /** All are its own, or its partitions': keys know nothing of the rows of tables that inherit from it. */
  readonly own: boolean;
  /** Some are a foreign table's, whose constraints nobody enforces. */
  readonly foreign: boolean;
}

export async function tableOrigin(
  planning: SnapshotPlanning,
  relation: Relation,
  kind: SourceKind,
  columns: readonly ColumnPlan[],
  spatial: Spatial,
  rows: RowsRead,
): Promise<SourceOrigin> {
  const { schema, name } = relation;
  const read = await whereSendable(planning, async () => {
    const facts = await relationFacts(planning.session, relation.oid);
    const oids = columns.flatMap((column) => facts.columns.get(sourceName(column))?.typeOid ?? []);
    return { facts, types: await typesBehind(planning.session, oids) };
  });
  if (read === undefined) return { relation: { schema, name, kind }, ...bareOrigin(columns, spatial) };
  const { comment } = read.facts;
  const constraints = read.facts.constraints.map((each) => ({ each, holds: holds(each, columns, rows) }));
  const key = constraints.find((one) => one.each.type === 'p' && one.holds)?.each;
  return {
    relation: {
      schema,
      name,
      kind,
      ...(comment === undefined ? {} : { comment }),
      ...(key?.key ? { primaryKey: { name: key.name, columns: key.key } } : {}),
      ...(constraints.length > 0 ? { constraints: constraints.map((one) => originConstraint(one.each, one.holds)) } : {}),
    },
    columns: columns.map((column) => originColumn(column, read.facts, spatial)),
    types: read.types,
  };
}

/** See OriginConstraint.holds. */
function holds({ type, columns: names, validated, own }: CatalogConstraint, columns: readonly ColumnPlan[], rows: RowsRead): boolean {
  const named = columns.filter((column) => names?.includes(sourceName(column)));
  if (!validated || rows.foreign || named.some(mayBeChanged)) return false;
  if (type === 'n') return named.every(({ required }) => required);
  return rows.own || (type === 'c' && !own);
}

/** Whether a policy lets a column's values become others, or NULL, in the file. */
function mayBeChanged({ policies }: ColumnPlan): boolean {
  const { nan, infinity, invalidUtf8, numeric, type } = policies;
  return nan === 'null' || (infinity ?? 'error') !== 'error' || invalidUtf8 === 'replace' || numeric === 'double' || type === 'double';
}

/** The same of a query: names and types are all there is. */
export async function queryOrigin(
  planning: SnapshotPlanning,
  described: StatementDescription['columns'],
  columns: readonly ColumnPlan[],
  spatial: Spatial,
): Promise<SourceOrigin> {
  const read = await whereSendable(planning, async () => {
    const types = await typesBehind(
      planning.session,
      described.map(({ typeOid }) => typeOid),
    );
    return { names: await typeNames(planning.session, described), types };
  });
  if (read === undefined) return bareOrigin(columns, spatial);
  return {
    columns: columns.map((column, i) => ({ ...bareColumn(column, spatial), type: read.names[i] ?? column.postgresType })),
    types: read.types,
  };
}

function originColumn(column: ColumnPlan, { columns }: RelationFacts, spatial: Spatial): OriginColumn {
  const facts = columns.get(sourceName(column));
  if (facts === undefined) return bareColumn(column, spatial);
  const { typeOid: _, ...more } = facts;
  return { ...bareColumn(column, spatial), ...more };
}

function bareColumn({ name, source, postgresType, required, policies }: ColumnPlan, spatial: Spatial): OriginColumn {
  const known = spatial.get(name);
  return {
    name,
    ...(source === undefined ? {} : { renamedFrom: source }),
    type: postgresType,
    notNull: required,
    policies,
    ...(known === undefined ? {} : { spatial: known }),
  };
}

function bareOrigin(columns: readonly ColumnPlan[], spatial: Spatial): SourceOrigin {
  const incomplete = 'a comment, expression or label of the catalogue cannot be converted to UTF-8';
  return { columns: columns.map((column) => bareColumn(column, spatial)), types: [], incomplete };
}

/** Undefined where the catalogue holds texts that the server cannot send; no reason not to export the rows. */
async function whereSendable<Result>({ session, facts }: SnapshotPlanning, read: () => Promise<Result>): Promise<Result | undefined> {
  if (facts.encoding === 'UTF8') return read();
  await session.query('SAVEPOINT origin');
  try {
    const result = await read();
    await session.query('RELEASE SAVEPOINT origin');
    return result;
  } catch (error) {
    const { sqlState } = error as { readonly sqlState?: string };
    if (sqlState !== '22021' && sqlState !== '22P05') throw error;
    await session.query('ROLLBACK TO SAVEPOINT origin');
    return undefined;
  }
}
