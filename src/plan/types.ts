import type { BaseType } from '../postgres/catalog-columns.js';
import type { ColumnPlan } from './plan.js';
import { MAX_PRECISION, type Policies } from './policies.js';

/** What server and options say beyond the type itself. */
export interface TypeFacts {
  readonly policies: Policies;
  /** Fraction digits of lc_monetary's currency. */
  readonly moneyDigits: number;
}

/** How values of a type travel and what they become. */
export type Form = Pick<ColumnPlan, 'kind' | 'parquetType' | 'precision' | 'scale' | 'logical' | 'asText'>;

/** One line of the type table; docs/types.md is made from it. */
export interface TypeRule {
  /** Names for people. */
  readonly postgres: string;
  readonly parquet: string;
  readonly notes: string;
  readonly matches: (type: BaseType) => boolean;
  readonly form: (type: BaseType, facts: TypeFacts) => Form;
}

/** The type table; the first rule that matches decides, and the last one matches everything. */
export const TYPE_RULES: readonly TypeRule[] = [
  plain('boolean', ['bool'], 'bool', 'BOOLEAN'),
  plain('smallint', ['int2'], 'int2', 'INT32 (INT 16)'),
  plain('integer', ['int4'], 'int4', 'INT32'),
  plain('bigint', ['int8'], 'int8', 'INT64'),
  plain('oid', ['oid'], 'oid', 'INT32 (UINT 32)'),
  plain('real', ['float4'], 'float4', 'FLOAT', 'NaN and infinities are kept'),
  plain('double precision', ['float8'], 'float8', 'DOUBLE', 'NaN and infinities are kept'),
  {
    postgres: 'numeric(p,s)',
    parquet: 'DECIMAL(p,s)',
    notes:
      'exact; INT32 to 9 digits, INT64 to 18, else FIXED(16). A negative scale becomes DECIMAL(p-s,0), a scale beyond p DECIMAL(s,s). ' +
      'NaN is an error unless `--nan null`',
    matches: (type) => builtIn(type, 'numeric') && declaredDecimal(type.typmod) !== undefined,
    form: (type) => decimal(declaredDecimal(type.typmod) as Digits),
  },
  {
    postgres: 'numeric, and numeric wider than 38 digits',
    parquet: 'STRING',
    notes:
      "the server's exact text; `--numeric 'decimal(P,S)'` or `--numeric double` on request, and then a value that does not fit is an error",
    matches: (type) => builtIn(type, 'numeric'),
    form: (_, { policies }) => {
      if (policies.numeric.form === 'decimal') return decimal(policies.numeric);
      return policies.numeric.form === 'double' ? simple('numeric_double', 'DOUBLE') : simple('numeric_text', 'STRING');
    },
  },
  {
    postgres: 'money',
    parquet: 'DECIMAL(19,2)',
    notes: "the scale is the number of fraction digits of the database's lc_monetary",
    matches: (type) => builtIn(type, 'money'),
    form: (_, { moneyDigits: scale }) => ({ ...simple('money', `DECIMAL(19,${scale})`), precision: 19, scale }),
  },
  textual('text, varchar(n)', ['text', 'varchar'], 'STRING', 'string'),
  textual('char(n)', ['bpchar'], 'STRING', 'string', "the server's padding is kept"),
  textual('name', ['name'], 'STRING', 'string'),
  plain('"char"', ['char'], 'char', 'STRING', 'one byte; a zero byte is the empty string'),
  {
    ...textual('citext', [], 'STRING', 'string'),
    matches: (type) => type.extension === 'citext' && type.name === 'citext' && !type.isArray,
  },
  { ...textual('enum types', [], 'STRING', 'string', 'the label'), matches: (type) => type.typtype === 'e' },
  textual('json', ['json'], 'JSON', 'json', 'the text as it was stored'),
  plain('jsonb', ['jsonb'], 'jsonb', 'JSON', "the server's text"),
  plain('bytea', ['bytea'], 'bytea', 'BYTE_ARRAY'),
  plain('uuid', ['uuid'], 'uuid', 'UUID'),
  plain('date', ['date'], 'date', 'DATE', 'infinity and dates out of range: an error unless `--infinity null` or `saturate`'),
  plain('timestamp', ['timestamp'], 'timestamp', 'TIMESTAMP(us, local)', 'as date'),
  plain('timestamp with time zone', ['timestamptz'], 'timestamptz', 'TIMESTAMP(us, UTC)', 'as date'),
  plain(
    'time',
    ['time'],
    'time',
    'TIME(us, local)',
    '24:00 does not fit: an error unless `--infinity null` or `saturate` (23:59:59.999999)',
  ),
  plain(
    'interval',
    ['interval'],
    'interval',
    'group { months INT32, days INT32, microseconds INT64 }',
    'the three do not convert into each other; infinity as date',
  ),
  {
    ...asText('arrays', "`{1,2,NULL}`: the server's array text, any number of dimensions; `--arrays error` refuses them"),
    matches: (type) => type.isArray,
  },
  {
    ...asText('composite types', "`(1,abc)`: the server's row text"),
    matches: (type) => type.typtype === 'c',
  },
  asText(
    'anything else',
    'xml, time with time zone, ranges, geometric types, inet, bit, tsvector, hstore, types of extensions: exact text by a cast to text',
  ),
];

/** @returns the form of a type; there is one for every type. */
export function formOf(type: BaseType, facts: TypeFacts): Form {
  return (TYPE_RULES.find((rule) => rule.matches(type)) as TypeRule).form(type, facts);
}

function builtIn(type: BaseType, ...names: readonly string[]): boolean {
  return type.schema === 'pg_catalog' && type.typtype === 'b' && !type.isArray && names.includes(type.name);
}

function simple(kind: Form['kind'], parquetType: string, logical: Form['logical'] = 'none'): Form {
  return { kind, parquetType, precision: 0, scale: 0, logical, asText: false };
}

function plain(postgres: string, names: readonly string[], kind: Form['kind'], parquet: string, notes = ''): TypeRule {
  return { postgres, parquet, notes, matches: (type) => builtIn(type, ...names), form: () => simple(kind, parquet) };
}

function textual(postgres: string, names: readonly string[], parquet: string, logical: Form['logical'], notes = ''): TypeRule {
  return { postgres, parquet, notes, matches: (type) => builtIn(type, ...names), form: () => simple('text', parquet, logical) };
}

function asText(postgres: string, notes: string): TypeRule {
  return { postgres, parquet: 'STRING', notes, matches: () => true, form: () => ({ ...simple('text', 'STRING', 'string'), asText: true }) };
}

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

function decimal({ precision, scale }: Digits): Form {
  return { ...simple('decimal', `DECIMAL(${precision},${scale})`), precision, scale };
}

/** The Parquet digits of a declared numeric, undefined where none were declared or 38 do not hold them. */
function declaredDecimal(typmod: number): Digits | undefined {
  if (typmod < 0) return undefined;
  const { precision, scale } = numericModifier(typmod);
  const digits = scale < 0 ? { precision: precision - scale, scale: 0 } : { precision: Math.max(precision, scale), scale };
  return digits.precision <= MAX_PRECISION ? digits : undefined;
}

/** numeric's type modifier: precision in the upper 16 bits, scale as an 11-bit signed number (numeric.c, make_numeric_typmod). */
export function numericModifier(typmod: number): Digits {
  const packed = typmod - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
