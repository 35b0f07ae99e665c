import type { NodePlan } from '../plan/plan.js';
import type { BaseType, TypePart } from '../postgres/catalog-types.js';
import { quoteIdentifier } from '../postgres/identifier.js';
import { type Form, TEXT_FORM, type TypeFacts } from './form.js';

const plain = { precision: 0, scale: 0, logical: 'none', asText: false } as const;

/** The form of a type inside another one. */
export type FormOf = (type: BaseType) => Form;

/**
 * A list of the elements' form; of their text where they have none, for which the server casts the whole array. An array whose
 * elements are arrays (of a domain) is a list of lists too.
 */
export function listForm(type: BaseType, facts: TypeFacts, formOf: FormOf): Form {
  const { arrays } = facts.policies;
  const [part] = type.parts;
  if (arrays === 'text' || part === undefined) return TEXT_FORM;
  const own = formOf(part.base);
  const element = own.asText ? { ...TEXT_FORM, asText: false } : own;
  const precision = arrays === 'nested' ? Math.max(1, type.dimensions) : 1;
  const parquetType = `${'LIST<'.repeat(precision)}${element.parquetType}${'>'.repeat(precision)}`;
  return { ...plain, kind: 'list', parquetType, precision, asText: own.asText, children: [node('element', part, element, facts)] };
}

/** A struct of the members; text where one of them has no form, for a member cannot be cast inside its composite. */
export function structForm(type: BaseType, facts: TypeFacts, formOf: FormOf): Form {
  const members = type.parts.map((part) => ({ part, form: formOf(part.base) }));
  if (members.length === 0 || members.some(({ form }) => form.asText)) return TEXT_FORM;
  const parquetType = `group { ${members.map(({ part, form }) => `${shown(part.name)} ${form.parquetType}`).join(', ')} }`;
  return { ...plain, kind: 'struct', parquetType, children: members.map(({ part, form }) => node(part.name, part, form, facts)) };
}

/** A member's name in a type for people. */
const shown = (name: string) => (/^\w+$/.test(name) ? name : quoteIdentifier(name));

/** Bounds and flags: an infinite bound is NULL, and an empty range has neither. */
export function rangeForm(type: BaseType, facts: TypeFacts, formOf: FormOf): Form {
  const [part] = type.parts;
  const bound = part && formOf(part.base);
  if (facts.policies.ranges === 'text' || part === undefined || bound === undefined || bound.asText || bound.children) return TEXT_FORM;
  const { parquetType: inner } = bound;
  const parquetType = `group { lower ${inner}, upper ${inner}, lower_inc BOOLEAN, upper_inc BOOLEAN, empty BOOLEAN }`;
  return { ...plain, kind: 'range', parquetType, children: ['lower', 'upper'].map((name) => node(name, part, bound, facts)) };
}

export function multirangeForm(type: BaseType, facts: TypeFacts, formOf: FormOf): Form {
  const [part] = type.parts;
  const range = part === undefined ? TEXT_FORM : formOf(part.base);
  if (part === undefined || range.asText) return TEXT_FORM;
  return { ...plain, kind: 'multirange', parquetType: `LIST<${range.parquetType}>`, children: [node('element', part, range, facts)] };
}

/**
 * hstore: keys and values are text. Its binary form counts their bytes before the server converts them to UTF-8 (hstore_send), so
 * that where it converts, nobody can tell where they end.
 */
export function mapForm(_: BaseType, facts: TypeFacts): Form {
  if (facts.encoding !== 'UTF8' && facts.encoding !== 'SQL_ASCII') return TEXT_FORM;
  const text: Form = { ...TEXT_FORM, asText: false };
  const member = (name: string) => node(name, { postgresType: 'text' }, text, facts);
  const children = [{ ...member('key'), required: true }, member('value')];
  return { ...plain, kind: 'map', parquetType: 'MAP<STRING, STRING>', children };
}

/** pgvector's types. */
export function vectorForm({ name }: BaseType): Form {
  return { ...plain, kind: name === 'halfvec' ? 'halfvec' : 'vector', parquetType: 'LIST<FLOAT>' };
}

/** A value inside another may always be NULL: neither the server nor a domain's NOT NULL vouches for it. */
function node(
  name: string,
  { postgresType }: Pick<TypePart, 'postgresType'>,
  { asText: _, ...form }: Form,
  { policies: { nan, infinity } }: TypeFacts,
): NodePlan {
  return { name, postgresType, required: false, onNan: nan, onInfinity: infinity, ...form };
}
