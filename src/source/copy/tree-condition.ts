import type { Relation } from '../../postgres/catalog.js';
import { sameColumns } from '../../postgres/catalog-columns.js';
import type { Session } from '../../postgres/session.js';
import { onlyScan, quotedRelation } from './scans.js';
import { isValidOver } from './user-sql.js';

/**
 * Whether a condition, proved over a tree's root, must be left to the root: of a member read by itself it may mean something else,
 * or nothing. `orders IS NOT NULL` and `num_nulls(orders.*)` count the columns of whatever stands under that name, also those that
 * a child has besides; `public.orders.id` names the root alone. A condition that names columns only means the same everywhere.
 */
export async function isForRootOnly(session: Session, root: Relation, members: readonly Relation[], condition: string): Promise<boolean> {
  const other = members.find(({ oid }) => oid !== root.oid);
  if (other === undefined) return false;
  if (await isValidOver(session, `${quotedRelation(root)} AS "gpuparser"`, condition)) return false;
  const oids = [root, ...members].map(({ oid }) => oid);
  if (!namesColumnsOnly(condition, root.name) && !(await sameColumns(session, oids))) return true;
  return !(await isValidOver(session, onlyScan(other, root, [], undefined).from, condition));
}

/** Whether a table's name stands in a condition before a column's only: `orders.id`. False where strings or comments make that hard to see. */
export function namesColumnsOnly(condition: string, table: string): boolean {
  if (/[\\$]|\/\*|--|U&/i.test(condition)) return false;
  for (const { 0: word, 1: quoted, index } of condition.matchAll(/'[^']*'|"((?:[^"]|"")*)"|[\p{L}_][\p{L}\p{N}_]*/gu)) {
    const name = quoted === undefined ? word.toLowerCase() : quoted.replaceAll('""', '"');
    const isTable = name === table || (quoted === undefined && word === table);
    if (isTable && !/^\s*\.\s*["\p{L}_]/u.test(condition.slice(index + word.length))) return false;
  }
  return true;
}
