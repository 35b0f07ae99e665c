import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { quoteIdentifier } from './identifier.js';
import { nearest } from './nearest.js';
import type { ColumnPlan } from './plan.js';
import type { Policies } from './policies.js';
import { formOf, type TypeFacts } from './types.js';

/** One column's plan: its type's form and the policies for its values. */
export function planColumn(column: CatalogColumn, facts: TypeFacts): ColumnPlan {
  const form = formOf(column.base, facts);
  const { nan, infinity, arrays } = facts.policies;
  if (column.base.isArray && arrays === 'error') {
    throw new GpuParserError('VALUE', `Column "${column.name}" is an array (${column.postgresType}), and --arrays error refuses those.`, {
      hint: 'Use --arrays text, or leave the column out with --columns.',
    });
  }
  return {
    name: column.name,
    expression: quoteIdentifier(column.name) + (form.asText ? '::text' : ''),
    postgresType: column.postgresType,
    required: column.notNull,
    onNan: nan,
    onInfinity: infinity,
    ...form,
  };
}

/**
 * The columns to export, in the order asked for.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for one given twice.
 */
export function chooseColumns(
  available: readonly CatalogColumn[],
  names: readonly string[] | undefined,
  table: string,
): readonly CatalogColumn[] {
  if (names === undefined) return available;
  const byName = new Map(available.map((column) => [column.name, column]));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new GpuParserError('USAGE', `Column "${repeated}" is named more than once.`, { hint: 'A Parquet file holds a column once.' });
  }
  return names.map((name) => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    const close = nearest(name, [...byName.keys()]);
    throw new GpuParserError('NOT_FOUND', `${table} has no column "${name}".`, {
      hint:
        close.length > 0
          ? `Did you mean ${close.map((word) => `"${word}"`).join(' or ')}?`
          : 'Column names are taken as the catalogue has them, letter case included.',
    });
  });
}

/** A query's columns must have different names: a Parquet file finds them by name. */
export function requireDistinctNames(columns: readonly CatalogColumn[]): void {
  const names = columns.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new GpuParserError('USAGE', `The query returns two columns named "${repeated}".`, { hint: 'Give each a name of its own with AS.' });
}

/** One line naming the columns that travel as text because their types have no form of their own. Arrays asked for as text are no surprise. */
export function textWarning(
  planned: readonly { readonly plan: ColumnPlan; readonly column: CatalogColumn }[],
  policies: Policies,
): string | undefined {
  const named = planned
    .filter(({ plan, column }) => plan.asText && !(column.base.isArray && policies.arrays === 'text'))
    .map(({ plan }) => `"${plan.name}" (${plan.postgresType})`);
  if (named.length === 0) return undefined;
  const shown = named.length > 12 ? [...named.slice(0, 12), `${named.length - 12} more`] : named;
  return `Exported as the server's exact text, for want of a Parquet type: ${shown.join(', ')}.`;
}
