import { GpuParserError } from '../errors.js';
import { holdsKind } from '../plan/nodes.js';
import type { ColumnPlan, Kind } from '../plan/plan.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { quoteIdentifier } from '../postgres/identifier.js';
import { isBuiltIn, isSpatial } from './base-type.js';
import { declaredDigits } from './digits.js';
import { exactText } from './exact-text.js';
import { type Shape, TEXT_FORM, type TypeFacts } from './form.js';
import { POLICIES, type PolicyName, policyWord } from './policies.js';
import { type PolicyTable, policiesOf } from './policy-table.js';
import { formWord, requestedShape } from './requested-form.js';
import { formOf, SPATIAL_FORM } from './types.js';
import { mayBeInvalid, underUtf8Policy } from './utf8.js';

/** Kinds whose PostgreSQL values may be NaN, or infinite or out of range, where Parquet's may not. */
const HOLDS_NAN = new Set<Kind>(['decimal']);
const HOLDS_INFINITY = new Set<Kind>(['decimal', 'date', 'timestamp', 'timestamptz', 'time', 'interval']);

/** What decides about columns beyond their types. */
export type ColumnFacts = Omit<TypeFacts, 'policies'> & { readonly policies: PolicyTable };

/** A column of the source and what becomes of it. */
export interface PlannedColumn {
  readonly plan: ColumnPlan;
  readonly column: CatalogColumn;
}

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
  const words = ruling.map((name) => [name, policyWord(policies[name])]);
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
  if (!form.asText) return { form, expression: (quoted) => quoted };
  return { form, expression: (quoted) => exactText(column.base, quoted, form.kind === 'list' ? 'text[]' : 'text') };
}

/** The policies that decide about a column of this shape, before --invalid-utf8 has changed it. */
function rulingPolicies({ base }: CatalogColumn, shape: Shape, wished: boolean, encoding: string): PolicyName[] {
  const { form } = shape;
  const rules: Record<PolicyName, boolean> = {
    numeric: !wished && anywhere(base, (type) => isBuiltIn(type, 'numeric') && declaredDigits(type.typmod) === undefined),
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
