import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { quoteIdentifier } from './identifier.js';
import { nearest } from './nearest.js';
import { TEXT_FORM } from './nested-forms.js';
import { holdsKind } from './nodes.js';
import type { ColumnPlan, Kind } from './plan.js';
import { POLICIES, type Policies, type PolicyName, type PolicyTable, policiesOf, policyWord } from './policies.js';
import { formWord, requestedShape, type Shape } from './requested-form.js';
import { isSpatial } from './spatial.js';
import { formOf, hasDigits, isBuiltIn, SPATIAL_FORM, type TypeFacts } from './types.js';
import { mayBeInvalid, underUtf8Policy } from './utf8.js';

/** Kinds whose PostgreSQL values may be NaN, or infinite or out of range, where Parquet's may not. */
const HOLDS_NAN = new Set<Kind>(['decimal']);
const HOLDS_INFINITY = new Set<Kind>(['decimal', 'date', 'timestamp', 'timestamptz', 'time', 'interval']);

/** What decides about columns beyond their types. */
export type ColumnFacts = Omit<TypeFacts, 'policies'> & { readonly policies: PolicyTable };

/**
 * One column's plan: its type's form, or the one asked for, and the policies for its values.
 * @throws GpuParserError USAGE for a form that does not hold the type and for a policy that cannot rule the column.
 */
export function planColumn(column: CatalogColumn, facts: ColumnFacts): ColumnPlan {
  const policies = policiesOf(facts.policies, column.name);
  const wishes = facts.policies.columns.get(column.name) ?? {};
  const typeFacts = { ...facts, policies };
  const wished = wishes.type && requestedShape(column, wishes.type, typeFacts);
  const shape = wished ?? usualShape(column, typeFacts);
  const { form, expression } = underUtf8Policy(column, shape, policies.invalidUtf8, facts.encoding);
  const ruling = rulingPolicies(column, shape, wished !== undefined, facts.encoding);
  const idle = (Object.keys(wishes) as (PolicyName | 'type')[]).find((name) => name !== 'type' && !ruling.includes(name));
  if (idle !== undefined) throw rulesNothing(column, form.parquetType, idle as PolicyName);

  const { nan, infinity } = policies;
  const nullable = (nan === 'null' && HOLDS_NAN.has(form.kind)) || (infinity === 'null' && HOLDS_INFINITY.has(form.kind));
  const words = ruling.map((name) => [name, policyWord(policies[name]) ?? (POLICIES[name].words[0]?.[0] as string)]);
  return {
    name: column.name,
    expression: expression(quoteIdentifier(column.name)),
    postgresType: column.postgresType,
    required: column.notNull && !nullable,
    onNan: nan,
    onInfinity: infinity,
    ...form,
    policies: Object.fromEntries(wishes.type === undefined ? words : [['type', formWord(wishes.type)], ...words]) as Record<string, string>,
  };
}

function usualShape(column: CatalogColumn, facts: TypeFacts): Shape {
  if (isSpatial(column.base)) return { form: SPATIAL_FORM, expression: (quoted) => quoted };
  const own = formOf(column.base, facts);
  // A text inside another value cannot be taken apart from it: where it may be wrong, the whole becomes text.
  const form = own.children && facts.policies.invalidUtf8 !== 'error' && facts.encoding !== 'UTF8' ? TEXT_FORM : own;
  const cast = !form.asText ? '' : form.kind === 'list' ? '::text[]' : '::text';
  return { form, expression: (quoted) => quoted + cast };
}

/** The policies that decide about a column of this shape, before --invalid-utf8 has changed it. */
function rulingPolicies({ base }: CatalogColumn, shape: Shape, wished: boolean, encoding: string): PolicyName[] {
  const { form } = shape;
  const rules: Record<PolicyName, boolean> = {
    numeric: !wished && anywhere(base, (type) => isBuiltIn(type, 'numeric') && !hasDigits(type)),
    nan: holdsKind(form, HOLDS_NAN),
    infinity: holdsKind(form, HOLDS_INFINITY),
    arrays: !wished && anywhere(base, ({ isArray }) => isArray),
    ranges: !wished && anywhere(base, ({ typtype }) => typtype === 'r'),
    enum: !wished && anywhere(base, ({ typtype }) => typtype === 'e'),
    invalidUtf8: mayBeInvalid(shape, encoding),
  };
  return (Object.keys(rules) as PolicyName[]).filter((name) => rules[name]);
}

/** Whether a type, or one that it is made of, is of a kind. */
function anywhere(type: BaseType, matches: (type: BaseType) => boolean): boolean {
  return matches(type) || type.parts.some(({ base }) => anywhere(base, matches));
}

function rulesNothing({ name, postgresType }: CatalogColumn, parquetType: string, policy: PolicyName): GpuParserError {
  const { flag, rules } = POLICIES[policy];
  return new GpuParserError('USAGE', `${flag} rules nothing in column "${name}" (${postgresType}), which becomes ${parquetType}.`, {
    hint: `${flag} is for ${rules}; leave it out for this column.`,
  });
}

/**
 * Every column that a policy or --type names must be exported.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for a column that --columns leaves out.
 */
export function requireExported(
  { columns }: PolicyTable,
  available: readonly CatalogColumn[],
  chosen: readonly CatalogColumn[],
  table: string,
): void {
  for (const [name, wishes] of columns) {
    if (chosen.some((column) => column.name === name)) continue;
    const [wish] = Object.keys(wishes) as (PolicyName | 'type')[];
    const flag = wish === undefined || wish === 'type' ? '--type' : POLICIES[wish].flag;
    if (!available.some((column) => column.name === name)) throw unknownColumn(name, available, table, flag);
    throw new GpuParserError('USAGE', `${flag} names column "${name}", which --columns leaves out.`, {
      hint: `Add it, or leave ${flag} out.`,
    });
  }
}

export function unknownColumn(name: string, available: readonly { readonly name: string }[], table: string, flag?: string): GpuParserError {
  const known = available.map((column) => column.name);
  const close = nearest(name, known);
  return new GpuParserError('NOT_FOUND', `${table} has no column "${name}"${flag === undefined ? '' : `, which ${flag} names`}.`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.map((word) => `"${word}"`).join(' or ')}?`
        : 'Column names are taken as the catalogue has them, letter case included.',
  });
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
    throw unknownColumn(name, available, table);
  });
}

/** A query's columns must have different names: a Parquet file finds them by name. */
export function requireDistinctNames(columns: readonly CatalogColumn[]): void {
  const names = columns.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new GpuParserError('USAGE', `The query returns two columns named "${repeated}".`, { hint: 'Give each a name of its own with AS.' });
}

/** One line naming the columns that travel as text because their types have no form of their own. What was asked for as text is no surprise. */
export function textWarning(planned: readonly Planned[], { general }: PolicyTable): string | undefined {
  const wanted = ({ plan, column }: Planned) => plan.policies.type !== undefined || (column.base.isArray && general.arrays === 'text');
  const named = planned.filter((one) => one.plan.asText && !wanted(one)).map(({ plan }) => described(plan));
  return named.length === 0 ? undefined : `Exported as the server's exact text, for want of a Parquet type: ${listed(named)}.`;
}

interface Planned {
  readonly plan: ColumnPlan;
  readonly column: CatalogColumn;
}

/** One line for each policy under which values may change on their way, naming the columns it may touch. */
export function policyWarnings(planned: readonly Planned[]): (string | undefined)[] {
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
