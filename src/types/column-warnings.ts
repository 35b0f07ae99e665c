import { holdsKind, sourceName } from '../plan/nodes.js';
import type { ColumnPlan, Kind, NodePlan } from '../plan/plan.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { isBuiltIn } from './base-type.js';
import type { PlannedColumn } from './columns.js';
import type { Policies } from './policies.js';
import type { PolicyTable } from './policy-table.js';

/** What the catalogue and the options tell of the columns' forms before a row is read, a line for each kind of change. */
export function columnWarnings(planned: readonly PlannedColumn[], policies: PolicyTable): (string | undefined)[] {
  return [
    textWarning(planned, policies),
    numericWarning(planned, policies),
    dimensionsWarning(planned),
    caseWarning(planned),
    ...policyWarnings(planned),
  ];
}

/** One line naming the columns that travel as text because their types have no form of their own. What was asked for as text is no surprise. */
function textWarning(planned: readonly PlannedColumn[], { general }: PolicyTable): string | undefined {
  const wanted = ({ plan, column }: PlannedColumn) =>
    plan.policies.type !== undefined || (column.base.isArray && general.arrays === 'text');
  const named = planned.filter((one) => one.plan.asText && !wanted(one)).map(({ plan }) => described(plan));
  return named.length === 0 ? undefined : `Exported as the server's exact text, for want of a Parquet type: ${listed(named)}.`;
}

const NUMERIC_TEXT = new Set<Kind>(['numeric_text']);

/** One line naming the columns whose numerics, at any depth, are STRING because no DECIMAL holds them all. */
function numericWarning(planned: readonly PlannedColumn[], { asked, columns }: PolicyTable): string | undefined {
  const wanted = (plan: ColumnPlan) =>
    asked.has('numeric') || plan.policies.type !== undefined || columns.get(sourceName(plan))?.numeric !== undefined;
  const named = planned.filter(({ plan }) => holdsKind(plan, NUMERIC_TEXT) && !wanted(plan)).map(({ plan }) => described(plan));
  return named.length === 0
    ? undefined
    : `Exported as STRING, for want of a precision of at most 38 digits (--numeric gives another form): ${listed(named)}.`;
}

/** One line naming the columns that declare arrays of more dimensions than their form takes. */
function dimensionsWarning(planned: readonly PlannedColumn[]): string | undefined {
  const named = planned.filter(({ plan, column }) => exceeds(plan, column.base)).map(({ plan }) => described(plan));
  return named.length === 0
    ? undefined
    : `Declared as arrays of several dimensions, though the server takes others there too: ${listed(named)}. A value of several dimensions ends the export unless --arrays is nested or text.`;
}

function exceeds(node: NodePlan, { isArray, dimensions, parts }: BaseType): boolean {
  if (node.kind === 'list' && isArray && dimensions > node.precision) return true;
  return (node.children ?? []).some((child, i) => parts[i] !== undefined && exceeds(child, parts[i].base));
}

/** One line naming columns, and members of composites, that differ in letter case alone. */
function caseWarning(planned: readonly PlannedColumn[]): string | undefined {
  const pairs = alike(
    '',
    planned.map(({ plan }) => plan),
  );
  return pairs.length === 0 ? undefined : `Spark cannot read files with names that are equal but for letter case: ${listed(pairs)}.`;
}

function alike(path: string, nodes: readonly NodePlan[]): string[] {
  const seen = new Map<string, string>();
  return nodes.flatMap((node) => {
    const folded = node.name.toLowerCase();
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, node.name);
    const inside = alike(`${path}${node.name}.`, node.children ?? []);
    return first === undefined ? inside : [`"${path}${first}" and "${path}${node.name}"`, ...inside];
  });
}

/** One line for each policy under which values may change on their way, naming the columns it may touch. */
function policyWarnings(planned: readonly PlannedColumn[]): (string | undefined)[] {
  const line = (head: string, touched: (plan: ColumnPlan, column: CatalogColumn) => boolean) => {
    const names = planned.filter(({ plan, column }) => touched(plan, column)).map(({ plan }) => described(plan));
    return names.length === 0 ? undefined : `${head} ${listed(names)}.`;
  };
  const infinity = (policy: Policies['infinity'], become: string) =>
    line(`--infinity ${policy}: what is infinite or out of range becomes ${become} in`, (plan) => plan.policies.infinity === policy);
  return [
    line('--nan null: NaN becomes NULL in', (plan) => plan.policies.nan === 'null'),
    infinity('null', 'NULL'),
    infinity('saturate', "the type's last or first value"),
    line('--invalid-utf8 replace: what is not UTF-8 becomes U+FFFD in', (plan) => plan.policies.invalidUtf8 === 'replace'),
    line(
      'Rounded to the nearest double:',
      ({ kind }, { base }) => kind === 'numeric_double' || (kind === 'float8' && isBuiltIn(base, 'int8')),
    ),
  ];
}

function described(column: ColumnPlan): string {
  return `"${sourceName(column)}" (${column.postgresType})`;
}

function listed(names: readonly string[]): string {
  return (names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names).join(', ');
}
