import { isNested } from '../plan/nodes.js';
import type { ColumnPlan } from '../plan/plan.js';
import { nestedSql } from './nested-sql.js';
import { type CanonicalSql, type TextFacts, valueSql } from './value-sql.js';

/** Whether a column is a group in the file. */
export const isGroup = ({ kind }: ColumnPlan): boolean => kind === 'interval' || isNested(kind);

/** The session must have the settings that an export pins (src/postgres/settings.ts). */
export function canonicalSql(column: ColumnPlan, facts: TextFacts): CanonicalSql {
  // No SQL replaces what is no UTF-8; only ever a whole column does, for inside others it is part of their text.
  if (column.kind === 'utf8')
    return { sql: column.expression, sent: true, terms: "the server's bytes, sent, replaced and hashed here (--invalid-utf8 replace)" };
  return isGroup(column) ? nestedSql(column, column.expression, facts) : valueSql(column, column.expression, facts);
}
