import type { ColumnPlan, ScanPlan } from '../../plan/plan.js';
import type { Relation } from '../../postgres/catalog.js';
import { quoteIdentifier } from '../../postgres/identifier.js';

/** `"schema"."name"`, quoted always. */
export function quotedRelation({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** The scan that reads one relation alone; the user's condition may call it by its root's name. */
export function onlyScan(relation: Relation, root: Relation, columns: readonly ColumnPlan[], where: string | undefined): ScanPlan {
  const quoted = quotedRelation(relation);
  const alias = relation.oid === root.oid ? '' : ` AS ${quoteIdentifier(root.name)}`;
  return scan(quoted, `ONLY ${quoted}${alias}`, columns, where, lockable(relation) ? `ONLY ${quoted}` : undefined);
}

/** The scan that reads a relation and all below it. */
export function treeScan(root: Relation, columns: readonly ColumnPlan[], where: string | undefined, several: boolean): ScanPlan {
  const quoted = quotedRelation(root);
  return { ...scan(quoted, quoted, columns, where, lockable(root) ? quoted : undefined), ...(several ? { several } : {}) };
}

/** The scan of a query, already proved and without a closing semicolon. */
export function queryScan(query: string, columns: readonly ColumnPlan[]): ScanPlan {
  return scan('query', `(${query}\n) AS "query"`, columns, undefined, undefined);
}

function scan(
  relation: string,
  from: string,
  columns: readonly ColumnPlan[],
  where: string | undefined,
  lock: string | undefined,
): ScanPlan {
  return {
    relation,
    select: `SELECT ${columns.map(({ expression }) => expression).join(', ')}${columns.length > 0 ? ' ' : ''}FROM ${from}`,
    from,
    ...(where === undefined ? {} : { where }),
    ...(lock === undefined ? {} : { lock }),
  };
}

/** Whether LOCK TABLE takes this relation; it takes no materialized views and foreign tables, and wants a right to the whole table. */
export function lockable({ kind, selectable }: Relation): boolean {
  return selectable && (kind === 'r' || kind === 'p' || kind === 'v');
}
