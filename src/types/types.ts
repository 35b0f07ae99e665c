import type { BaseType } from '../postgres/catalog-types.js';
import { isBuiltIn, isSpatial } from './base-type.js';
import { type Digits, declaredDigits } from './digits.js';
import { decimal, type Form, simple, TEXT_FORM, type TypeFacts } from './form.js';
import { type FormOf, listForm, mapForm, multirangeForm, rangeForm, structForm, vectorForm } from './nested-forms.js';

/** One line of the type table; docs/types.md is made from it. */
export interface TypeRule {
  /** Names for people. */
  readonly postgres: string;
  readonly parquet: string;
  readonly notes: string;
  /** Values that are an error unless an option says otherwise. */
  readonly refused?: string;
  /** Options besides --type that change what becomes of it. */
  readonly options?: readonly string[];
  readonly matches: (type: BaseType) => boolean;
  readonly form: (type: BaseType, facts: TypeFacts, inside: FormOf) => Form;
}

const TEXT = ['--invalid-utf8'];

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
    notes: 'exact; INT32 to 9 digits, INT64 to 18, else FIXED(16). A negative scale becomes DECIMAL(p-s,0), a scale beyond p DECIMAL(s,s)',
    refused: 'NaN',
    options: ['--nan'],
    matches: (type) => isBuiltIn(type, 'numeric') && declaredDigits(type.typmod) !== undefined,
    form: (type) => decimal(declaredDigits(type.typmod) as Digits),
  },
  {
    postgres: 'numeric, and numeric wider than 38 digits',
    parquet: 'STRING',
    notes:
      "the server's exact text; in a DECIMAL on request, NaN, infinity and what does not fit are an error, and in a DOUBLE what is beyond its range",
    options: ['--numeric', '--nan', '--infinity'],
    matches: (type) => isBuiltIn(type, 'numeric'),
    form: (_, { policies }) => {
      if (policies.numeric.form === 'decimal') return decimal(policies.numeric);
      return policies.numeric.form === 'double' ? simple('numeric_double', 'DOUBLE') : simple('numeric_text', 'STRING');
    },
  },
  {
    postgres: 'money',
    parquet: 'DECIMAL(19,2)',
    notes: "the scale is the number of fraction digits of the database's lc_monetary",
    matches: (type) => isBuiltIn(type, 'money'),
    form: (_, { moneyDigits: scale }) => ({ ...simple('money', `DECIMAL(19,${scale})`), precision: 19, scale }),
  },
  textual('text, varchar(n)', ['text', 'varchar'], 'STRING', 'string'),
  textual('char(n)', ['bpchar'], 'STRING', 'string', "the server's padding is kept"),
  textual('name', ['name'], 'STRING', 'string'),
  {
    ...plain('"char"', ['char'], 'char', 'STRING', 'one byte; a zero byte is the empty string'),
    refused: 'bytes from 128 on',
    options: TEXT,
  },
  {
    ...textual('citext', [], 'STRING', 'string'),
    matches: (type) => type.extension === 'citext' && type.name === 'citext' && !type.isArray,
  },
  {
    ...textual('enum types', [], 'STRING', 'string', 'the label'),
    options: ['--enum', ...TEXT],
    matches: (type) => type.typtype === 'e',
    form: (_, { policies }) => (policies.enum === 'dictionary' ? simple('text', 'ENUM', 'enum') : simple('text', 'STRING', 'string')),
  },
  textual('json', ['json'], 'JSON', 'json', 'the text as it was stored'),
  { ...plain('jsonb', ['jsonb'], 'jsonb', 'JSON', "the server's text"), refused: 'what is not UTF-8', options: TEXT },
  plain('bytea', ['bytea'], 'bytea', 'BYTE_ARRAY'),
  plain('uuid', ['uuid'], 'uuid', 'UUID'),
  bounded(plain('date', ['date'], 'date', 'DATE'), 'infinity'),
  bounded(plain('timestamp', ['timestamp'], 'timestamp', 'TIMESTAMP(us, local)'), 'infinity; past 294247-01-10 04:00:54.775807'),
  bounded(
    plain('timestamp with time zone', ['timestamptz'], 'timestamptz', 'TIMESTAMP(us, UTC)'),
    'infinity; past 294247-01-10 04:00:54.775807',
  ),
  bounded(plain('time', ['time'], 'time', 'TIME(us, local)', 'saturated it is 23:59:59.999999'), '24:00'),
  bounded(
    plain(
      'interval',
      ['interval'],
      'interval',
      'group { months INT32, days INT32, microseconds INT64 }',
      'the three do not convert into each other',
    ),
    'infinity',
  ),
  {
    // This form is what it has inside arrays and composites, where its text keeps the SRID; SPATIAL_FORM is a column's.
    postgres: 'geometry, geography (PostGIS)',
    parquet: 'BYTE_ARRAY',
    notes: 'ISO WKB, and GeoParquet 1.1 metadata in the footer: see below',
    refused: 'SRIDs that differ from row to row',
    matches: isSpatial,
    form: () => TEXT_FORM,
  },
  {
    postgres: 'arrays',
    parquet: 'LIST',
    notes: 'of the elements as this table has them; elements of types without a form are STRING. Elements may be NULL',
    refused: 'several dimensions; a lower bound other than 1',
    options: ['--arrays'],
    matches: (type) => type.isArray,
    form: listForm,
  },
  {
    postgres: 'composite types',
    parquet: 'group of the members',
    notes: 'members may be NULL, and the whole too. A composite with a member that has no form here, ranges among them: STRING, `(1,abc)`',
    matches: (type) => type.typtype === 'c',
    form: structForm,
  },
  {
    postgres: 'ranges',
    parquet: 'STRING',
    notes:
      '`[1,5)`; with `--ranges struct` a group { lower, upper, lower_inc BOOLEAN, upper_inc BOOLEAN, empty BOOLEAN }: an infinite bound is NULL, and an empty range has neither',
    options: ['--ranges', ...TEXT],
    matches: (type) => type.typtype === 'r',
    form: rangeForm,
  },
  {
    postgres: 'multiranges',
    parquet: 'STRING',
    notes: '`{[1,5),[7,9)}`; with `--ranges struct` a LIST of what a range becomes',
    options: ['--ranges', ...TEXT],
    matches: (type) => type.typtype === 'm',
    form: multirangeForm,
  },
  {
    postgres: 'hstore',
    parquet: 'MAP of STRING to STRING',
    notes: "a value may be NULL. STRING in databases of other encodings than UTF8 and SQL_ASCII, where the server's binary form is wrong",
    matches: (type) => type.extension === 'hstore' && type.name === 'hstore',
    form: mapForm,
  },
  {
    postgres: "pgvector's vector and halfvec",
    parquet: 'LIST of FLOAT',
    notes: '',
    matches: (type) => type.extension === 'vector' && (type.name === 'vector' || type.name === 'halfvec'),
    form: vectorForm,
  },
  {
    postgres: 'anything else',
    parquet: 'STRING',
    notes:
      'xml, time with time zone, geometric types, inet, bit, tsvector, types of extensions, and regclass and its like: exact text by a cast to text, see below',
    refused: 'what is not UTF-8',
    options: TEXT,
    matches: () => true,
    form: () => TEXT_FORM,
  },
];

/** A column of PostGIS's types: EWKB that becomes ISO WKB. Its SRID is found later, from the values where the modifier leaves it open. */
export const SPATIAL_FORM: Form = simple('geometry', 'BYTE_ARRAY');

/** @returns the form of a type; there is one for every type. */
export function formOf(type: BaseType, facts: TypeFacts): Form {
  return (TYPE_RULES.find((rule) => rule.matches(type)) as TypeRule).form(type, facts, (inner) => formOf(inner, facts));
}

/** A rule for a type with values that its Parquet type does not hold. */
function bounded(rule: TypeRule, refused: string): TypeRule {
  return { ...rule, refused, options: ['--infinity'] };
}

function plain(postgres: string, names: readonly string[], kind: Form['kind'], parquet: string, notes = ''): TypeRule {
  return { postgres, parquet, notes, matches: (type) => isBuiltIn(type, ...names), form: () => simple(kind, parquet) };
}

function textual(postgres: string, names: readonly string[], parquet: string, logical: Form['logical'], notes = ''): TypeRule {
  const refused = 'what is not UTF-8';
  const matches = (type: BaseType) => isBuiltIn(type, ...names);
  return { postgres, parquet, notes, refused, options: TEXT, matches, form: () => simple('text', parquet, logical) };
}
