import type { ColumnPlan } from '../plan/plan.js';
import type { Digits } from './digits.js';
import type { Policies } from './policies.js';

/** How values of a type travel and what they become. */
export type Form = Pick<ColumnPlan, 'kind' | 'parquetType' | 'precision' | 'scale' | 'logical' | 'asText' | 'children'>;

/** A form and the SQL that yields its wire form, given the quoted column. */
export interface Shape {
  readonly form: Form;
  readonly expression: (column: string) => string;
}

/** What server and options say beyond the type itself. */
export interface TypeFacts {
  /** Of the column. */
  readonly policies: Policies;
  /** The database's own: `UTF8`, `SQL_ASCII`. */
  readonly encoding: string;
  /** Fraction digits of lc_monetary's currency. */
  readonly moneyDigits: number;
}

/** A form without digits. */
export function simple(kind: Form['kind'], parquetType: string, logical: Form['logical'] = 'none'): Form {
  return { kind, parquetType, precision: 0, scale: 0, logical, asText: false };
}

/** DECIMAL of these digits. */
export function decimal({ precision, scale }: Digits): Form {
  return { ...simple('decimal', `DECIMAL(${precision},${scale})`), precision, scale };
}

/** The server's exact text, for what has no form of its own. */
export const TEXT_FORM: Form = { ...simple('text', 'STRING', 'string'), asText: true };
