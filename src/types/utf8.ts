import { GpuParserError } from '../errors.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import type { BaseType } from '../postgres/catalog-types.js';
import { isBuiltIn, isTextual } from './base-type.js';
import { exactText } from './exact-text.js';
import { type Shape, simple } from './form.js';
import type { Policies } from './policies.js';

/**
 * SQL for a value's text as bytea, in the database's own encoding. To SQL_ASCII nothing is converted and nothing is checked
 * (mbutils.c, pg_do_encoding_conversion), whereas text that COPY sends is converted to the client's encoding.
 */
export function rawBytes(type: BaseType, encoding: string): (column: string) => string {
  if (isBuiltIn(type, 'char')) {
    return (column) => `CASE ${column} WHEN ''::"char" THEN ''::bytea ELSE pg_catalog.charsend(${column}) END`;
  }
  // In UTF-8 the wire form is these bytes already.
  if (encoding === 'UTF8' && isTextual(type) && !isBuiltIn(type, 'jsonb', 'xml')) return (column) => column;
  // The cast to text would cut off the padding.
  const text = isBuiltIn(type, 'bpchar')
    ? (column: string) => `pg_catalog.textin(pg_catalog.bpcharout(${column}))`
    : (column: string) => exactText(type, column);
  return (column) => `pg_catalog.convert_to(${text(column)}, 'SQL_ASCII')`;
}

/** Whether --invalid-utf8 rules a column: whether the server may hold bytes for it that are not UTF-8. */
export function mayBeInvalid({ form }: Shape, encoding: string): boolean {
  if (form.kind === 'char') return true;
  return encoding !== 'UTF8' && (form.kind === 'text' || form.kind === 'jsonb');
}

/**
 * The shape under --invalid-utf8. `error` leaves it to the server, which refuses to convert such text.
 * @throws GpuParserError USAGE where the policy asks for what cannot be done in the database's encoding.
 */
export function underUtf8Policy(column: CatalogColumn, shape: Shape, policy: Policies['invalidUtf8'], encoding: string): Shape {
  const { base } = column;
  if (policy === 'error' || !mayBeInvalid(shape, encoding)) return shape;
  if (policy === 'binary') return { form: simple('bytea', 'BYTE_ARRAY'), expression: rawBytes(base, encoding) };
  if (encoding !== 'SQL_ASCII' && shape.form.kind !== 'char') {
    throw new GpuParserError('USAGE', `--invalid-utf8 replace is for SQL_ASCII databases, and this one's encoding is ${encoding}.`, {
      hint: 'Use --invalid-utf8 binary for columns whose characters have no equivalent in UTF-8.',
    });
  }
  const logical = shape.form.kind === 'jsonb' ? 'json' : shape.form.kind === 'char' ? 'string' : shape.form.logical;
  return {
    form: { ...shape.form, kind: 'utf8', parquetType: logical === 'json' ? 'JSON' : shape.form.parquetType, logical },
    expression: rawBytes(base, encoding),
  };
}
