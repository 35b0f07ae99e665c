import { GpuParserError } from '../errors.js';
import type { Policy } from '../plan/plan.js';
import { MAX_PRECISION, parseDecimal } from './digits.js';

/** What the export does with one column's values and types that have no single faithful form. */
export interface Policies {
  readonly numeric:
    | { readonly form: 'string' | 'double' }
    | { readonly form: 'decimal'; readonly precision: number; readonly scale: number };
  readonly nan: Policy;
  readonly infinity: Policy;
  /** What becomes of arrays that are no plain lists: an error, all arrays as text, or lists of lists to the declared depth. */
  readonly arrays: 'error' | 'text' | 'nested';
  readonly ranges: 'text' | 'struct';
  readonly enum: 'string' | 'dictionary';
  readonly invalidUtf8: 'error' | 'replace' | 'binary';
}

export type PolicyName = keyof Policies;

/** One line of the policy table: option, docs/types.md and the plan come from it. */
export interface PolicyRule<Value> {
  readonly flag: string;
  /** What it rules, for people. */
  readonly rules: string;
  /** What may be given, and what it does; the first is the default. */
  readonly words: readonly (readonly [word: string, does: string])[];
  /** What holds where nothing is given. */
  readonly otherwise: Value;
  readonly parse: (text: string) => Value | undefined;
}

/** The policy table. Each is given for all columns, or for one: `--nan null`, `--nan price=null`. */
export const POLICIES: { readonly [Name in PolicyName]: PolicyRule<Policies[Name]> } = {
  numeric: {
    flag: '--numeric',
    rules: 'numeric without digits, or with more than 38',
    words: [
      ['string', "the server's exact text"],
      ['double', 'the nearest double'],
      ['decimal(P,S)', 'what does not fit is an error'],
    ],
    otherwise: { form: 'string' },
    parse: parseNumeric,
  },
  nan: worded('--nan', 'NaN in a DECIMAL', [
    ['error', ''],
    ['null', ''],
  ]),
  infinity: worded('--infinity', 'infinite or out-of-range decimals, dates, times and intervals', [
    ['error', ''],
    ['null', ''],
    ['saturate', 'the last value that both types hold'],
  ]),
  arrays: worded('--arrays', 'arrays of several dimensions, or with a lower bound other than 1', [
    ['error', ''],
    ['text', "every array is the server's text"],
    ['nested', 'lists of lists to the depth that the column declares; values of another depth are an error'],
  ]),
  ranges: worded('--ranges', 'ranges and multiranges', [
    ['text', "the server's text"],
    ['struct', 'lower, upper, lower_inc, upper_inc, empty; an infinite bound is NULL; a multirange is a list of them'],
  ]),
  enum: worded('--enum', 'enum types', [
    ['string', 'STRING'],
    ['dictionary', 'annotated as ENUM, and encoded by a dictionary however many labels there are'],
  ]),
  invalidUtf8: worded('--invalid-utf8', 'text that is not UTF-8, as SQL_ASCII databases may hold it', [
    ['error', ''],
    ['replace', 'U+FFFD in place of what is not UTF-8'],
    ['binary', "such columns become BYTE_ARRAY without annotation and hold the server's own bytes"],
  ]),
};

/** The word that gives a policy, for plan and manifest. */
export function policyWord(value: Policies[PolicyName]): string {
  if (typeof value !== 'object') return value;
  return value.form === 'decimal' ? `decimal(${value.precision},${value.scale})` : value.form;
}

/** @throws GpuParserError USAGE for what is none of the rule's words. */
export function parseWord(rule: PolicyRule<unknown>, text: string, column?: string): unknown {
  const value = typeof text === 'string' ? rule.parse(text) : undefined; // not all programs are type-checked
  if (value !== undefined) return value;
  const given = column === undefined ? text : `${column}=${text}`;
  const [first, ...rest] = rule.words.map(([word]) => word).reverse();
  throw new GpuParserError('USAGE', `${rule.flag} takes ${rest.reverse().join(', ')} or ${first}; it was given ${JSON.stringify(given)}.`, {
    ...(rule.flag === '--numeric' ? { hint: `P is 1 to ${MAX_PRECISION}, S is 0 to P: --numeric 'decimal(38,10)'.` } : {}),
  });
}

function worded<const Word extends string>(flag: string, rules: string, words: readonly (readonly [Word, string])[]): PolicyRule<Word> {
  const parse = (text: string) => words.find(([word]) => word === text)?.[0];
  return { flag, rules, words, otherwise: (words[0] as readonly [Word, string])[0], parse };
}

function parseNumeric(text: string): Policies['numeric'] | undefined {
  if (text === 'string' || text === 'double') return { form: text };
  const digits = parseDecimal(text);
  return digits && { form: 'decimal', ...digits };
}
