import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { isBuiltIn, isSpatial, isTextual } from './base-type.js';
import { type Digits, MAX_PRECISION, parseDecimal } from './digits.js';
import { exactText } from './exact-text.js';
import { decimal, type Shape, simple, type TypeFacts } from './form.js';
import { rawBytes } from './utf8.js';

/** What `--type COLUMN=FORM` asks for. */
export type RequestedForm =
  | { readonly form: 'text' | 'binary' | 'double' | 'bigint' | 'integer' }
  | ({ readonly form: 'decimal' } & Digits);

interface FormRule {
  /** As it is written after `=`. */
  readonly word: string;
  readonly parquet: string;
  /** The types that it holds, for people. */
  readonly types: string;
  readonly fits: (type: BaseType) => boolean;
  readonly shape: (type: BaseType, wish: RequestedForm, facts: TypeFacts) => Shape;
}

const plainColumn = (column: string) => column;
const cast = (to: string) => (column: string) => `${column}::${to}`;

/** The forms of `--type`; docs/types.md is made from it too. */
export const FORMS: { readonly [Name in RequestedForm['form']]: FormRule } = {
  text: {
    word: 'text',
    parquet: 'STRING',
    types: "every type: the server's exact text",
    fits: () => true,
    shape: (type) => {
      if (isBuiltIn(type, 'numeric')) return { form: simple('numeric_text', 'STRING'), expression: plainColumn };
      // A cast would cut off the padding that the wire form keeps.
      if (isBuiltIn(type, 'bpchar')) return { form: simple('text', 'STRING', 'string'), expression: plainColumn };
      return { form: { ...simple('text', 'STRING', 'string'), asText: true }, expression: (column) => exactText(type, column) };
    },
  },
  binary: {
    word: 'binary',
    parquet: 'BYTE_ARRAY',
    types: "text types, enums, json, jsonb and xml: the bytes of the server's text; bytea; PostGIS's types: EWKB",
    fits: (type) => isBuiltIn(type, 'bytea') || isSpatial(type) || isTextual(type),
    shape: (type, _, { encoding }) => ({
      form: simple('bytea', 'BYTE_ARRAY'),
      expression: isBuiltIn(type, 'bytea') ? plainColumn : isSpatial(type) ? cast('bytea') : rawBytes(type, encoding),
    }),
  },
  decimal: {
    word: 'decimal(P,S)',
    parquet: 'DECIMAL(P,S)',
    types: 'numeric, smallint, integer, bigint and money; what does not fit is an error',
    fits: (type) => isBuiltIn(type, 'numeric', 'int2', 'int4', 'int8', 'money'),
    shape: (type, wish) => ({
      form: decimal(wish as Digits & RequestedForm),
      expression: isBuiltIn(type, 'numeric') ? plainColumn : cast('numeric'),
    }),
  },
  double: {
    word: 'double',
    parquet: 'DOUBLE',
    types: 'smallint, integer and real, exactly; numeric and bigint, to the nearest double',
    fits: (type) => isBuiltIn(type, 'numeric', 'int2', 'int4', 'int8', 'float4', 'float8'),
    shape: (type) =>
      isBuiltIn(type, 'numeric')
        ? { form: simple('numeric_double', 'DOUBLE'), expression: plainColumn }
        : { form: simple('float8', 'DOUBLE'), expression: isBuiltIn(type, 'float8') ? plainColumn : cast('float8') },
  },
  bigint: {
    word: 'bigint',
    parquet: 'INT64',
    types: 'smallint, integer, bigint and oid',
    fits: (type) => isBuiltIn(type, 'int2', 'int4', 'int8', 'oid'),
    shape: (type) => ({ form: simple('int8', 'INT64'), expression: isBuiltIn(type, 'int8') ? plainColumn : cast('int8') }),
  },
  integer: {
    word: 'integer',
    parquet: 'INT32',
    types: 'smallint and integer',
    fits: (type) => isBuiltIn(type, 'int2', 'int4'),
    shape: (type) => ({ form: simple('int4', 'INT32'), expression: isBuiltIn(type, 'int4') ? plainColumn : cast('int4') }),
  },
};

const WORDS = Object.values(FORMS).map(({ word }) => word);

/** @throws GpuParserError USAGE for what is no form. */
export function parseForm(column: string, text: string): RequestedForm {
  const digits = parseDecimal(text);
  if (digits) return { form: 'decimal', ...digits };
  const word = text.trim().toLowerCase();
  if (word !== 'decimal' && Object.hasOwn(FORMS, word)) return { form: word } as RequestedForm;
  throw new GpuParserError('USAGE', `--type takes COLUMN=FORM; ${JSON.stringify(text)}, given for "${column}", is no form.`, {
    hint: `The forms are ${WORDS.join(', ')}; in decimal(P,S), P is 1 to ${MAX_PRECISION} and S is 0 to P.`,
  });
}

/** The form as it was written. */
export function formWord(wish: RequestedForm): string {
  return wish.form === 'decimal' ? `decimal(${wish.precision},${wish.scale})` : wish.form;
}

/** @throws GpuParserError USAGE when the form cannot hold the column's type. */
export function requestedShape(column: CatalogColumn, wish: RequestedForm, facts: TypeFacts): Shape {
  const rule = FORMS[wish.form];
  if (rule.fits(column.base)) return rule.shape(column.base, wish, facts);
  const fitting = Object.values(FORMS).filter(({ fits }) => fits(column.base));
  throw new GpuParserError(
    'USAGE',
    `--type ${column.name}=${formWord(wish)}: column "${column.name}" is ${column.postgresType}, which ${rule.parquet} does not hold.`,
    { hint: `${column.postgresType} can become ${fitting.map(({ word }) => word).join(', ')}; leave --type out for its usual form.` },
  );
}
