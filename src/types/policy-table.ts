import type { ExportOptions, PerColumn } from '../options.js';
import { POLICIES, type Policies, type PolicyName, type PolicyRule, parseWord, policyWord } from './policies.js';
import { parseForm, type RequestedForm } from './requested-form.js';

/** What was asked for: for every column, and for single ones by name. */
export interface PolicyTable {
  readonly general: Policies;
  /** The policies that were given for every column, be it their defaults. */
  readonly asked: ReadonlySet<PolicyName>;
  readonly columns: ReadonlyMap<string, ColumnWishes>;
}

/** What was asked for one column. */
export type ColumnWishes = Partial<Policies> & { readonly type?: RequestedForm };

const NAMES = Object.keys(POLICIES) as PolicyName[];

/** @throws GpuParserError USAGE for a policy or a form that does not exist. */
export function parsePolicies(options: Pick<ExportOptions, PolicyName | 'types'>): PolicyTable {
  const general: Partial<Record<PolicyName, unknown>> = {};
  const asked = new Set<PolicyName>();
  const columns = new Map<string, Record<string, unknown>>();
  const wish = (column: string, name: string, value: unknown) => columns.set(column, { ...columns.get(column), [name]: value });
  for (const name of NAMES) {
    const rule: PolicyRule<unknown> = POLICIES[name];
    const given = perColumn(options[name]);
    if (given.default !== undefined) asked.add(name);
    general[name] = given.default === undefined ? rule.otherwise : parseWord(rule, given.default);
    for (const [column, text] of Object.entries(given.columns ?? {})) wish(column, name, parseWord(rule, text, column));
  }
  for (const [column, text] of Object.entries(options.types ?? {})) wish(column, 'type', parseForm(column, String(text)));
  return { general: general as unknown as Policies, asked, columns };
}

/** The policies of one column. */
export function policiesOf({ general, columns }: PolicyTable, column: string): Policies {
  const { type: _, ...own } = columns.get(column) ?? {};
  return { ...general, ...own };
}

/** A policy table's general words, by policy. */
export function generalWords({ general }: PolicyTable): Record<string, string> {
  const words = NAMES.map((name) => [name, policyWord(general[name])]);
  return Object.fromEntries(words) as Record<string, string>;
}

function perColumn(given: PerColumn<string> | undefined): {
  readonly default?: string;
  readonly columns?: Readonly<Record<string, string>>;
} {
  if (given === undefined) return {};
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? given : { default: given as string };
}
