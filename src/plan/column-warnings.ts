import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { isBuiltIn } from './base-type.js';
import type { PlannedColumn } from './columns.js';
import type { ColumnPlan } from './plan.js';
import type { Policies } from './policies.js';
import type { PolicyTable } from './policy-table.js';

/** One line naming the columns that travel as text because their types have no form of their own. What was asked for as text is no surprise. */
export function textWarning(planned: readonly PlannedColumn[], { general }: PolicyTable): string | undefined {
  const wanted = ({ plan, column }: PlannedColumn) =>
    plan.policies.type !== undefined || (column.base.isArray && general.arrays === 'text');
  const named = planned.filter((one) => one.plan.asText && !wanted(one)).map(({ plan }) => described(plan));
  return named.length === 0 ? undefined : `Exported as the server's exact text, for want of a Parquet type: ${listed(named)}.`;
}

/** One line for each policy under which values may change on their way, naming the columns it may touch. */
export function policyWarnings(planned: readonly PlannedColumn[]): (string | undefined)[] {
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

function described({ name, postgresType }: ColumnPlan): string {
  return `"${name}" (${postgresType})`;
}

function listed(names: readonly string[]): string {
  return (names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names).join(', ');
}
