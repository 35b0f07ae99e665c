import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { quoteIdentifier } from './identifier.js';
import { nearest } from './nearest.js';
import type { ColumnPlan, Kind } from './plan.js';
import type { Policies } from './policies.js';
import { formOf, type TypeFacts } from './types.js';

/** Kinds whose PostgreSQL values may be NaN, or infinite or out of range, where Parquet's may not. */
const HOLDS_NAN = new Set<Kind>(['decimal']);
const HOLDS_INFINITY = new Set<Kind>(['decimal', 'date', 'timestamp', 'timestamptz', 'time', 'interval']);

/** One column's plan: its type's form and the policies for its values. */
export function planColumn(column: CatalogColumn, facts: TypeFacts): ColumnPlan {
  const form = formOf(column.base, facts);
  const { nan, infinity, arrays } = facts.policies;
  if (column.base.isArray && arrays === 'error') {
    throw new GpuParserError('VALUE', `Column "${column.name}" is an array (${column.postgresType}), and --arrays error refuses those.`, {
      hint: 'Use --arrays text, or leave the column out with --columns.',
    });
  }
  const nullable = (nan === 'null' && HOLDS_NAN.has(form.kind)) || (infinity === 'null' && HOLDS_INFINITY.has(form.kind));
  return {
    name: column.name,
    expression: quoteIdentifier(column.name) + (form.asText ? '::text' : ''),
    postgresType: column.postgresType,
    required: column.notNull && !nullable,
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
  return named.length === 0 ? undefined : `Exported as the server's exact text, for want of a Parquet type: ${listed(named)}.`;
}

/** One line for each policy under which values may change on their way, naming the columns it may touch. */
export function policyWarnings(columns: readonly ColumnPlan[], { nan, infinity }: Policies): (string | undefined)[] {
  const touched = (kinds: ReadonlySet<Kind>) =>
    columns.filter(({ kind }) => kinds.has(kind)).map((plan) => `"${plan.name}" (${plan.postgresType})`);
  const [nans, infinities] = [nan === 'error' ? [] : touched(HOLDS_NAN), infinity === 'error' ? [] : touched(HOLDS_INFINITY)];
  const become = infinity === 'null' ? 'NULL' : "the type's last or first value";
  return [
    nans.length === 0 ? undefined : `--nan null: NaN becomes NULL in ${listed(nans)}.`,
    infinities.length === 0
      ? undefined
      : `--infinity ${infinity}: what is infinite or out of range becomes ${become} in ${listed(infinities)}.`,
  ];
}

function listed(names: readonly string[]): string {
  return (names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names).join(', ');
}
