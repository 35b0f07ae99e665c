import type { SchemaNode } from '../parquet/schema.js';
import { quoteIdentifier } from '../postgres/identifier.js';

/** A column of a file as the manifest writes its type: `INT32 (INT 16)`, `DECIMAL(12,2)`, `LIST<STRING>`, `group { months INT32, ... }`. */
export function parquetTypeOf(node: SchemaNode): string {
  const { type, annotation, children } = node;
  if (type === undefined) {
    const below = children[0]?.children ?? [];
    if (annotation === 'LIST' || annotation === 'MAP') return `${annotation}<${below.map(parquetTypeOf).join(', ')}>`;
    return `group { ${children.map((child) => `${shown(child.name)} ${parquetTypeOf(child)}`).join(', ')} }`;
  }
  if (annotation === undefined) return type;
  return /^U?INT /.test(annotation) ? `${type} (${annotation})` : annotation;
}

const shown = (name: string): string => (/^\w+$/.test(name) ? name : quoteIdentifier(name));

/** Whether the physical type is the one that an annotation of ours stands on; a decimal's follows from its digits. */
export function physicalTypeFits({ type, typeLength, annotation = '', children }: SchemaNode): boolean {
  if (type === undefined) return children.every(physicalTypeFits);
  const digits = /^DECIMAL\((\d+),/.exec(annotation)?.[1];
  if (digits !== undefined) {
    const precision = Number(digits);
    if (type === 'INT32') return precision <= 9;
    if (type === 'INT64') return precision > 9 && precision <= 18;
    return type === 'FIXED_LEN_BYTE_ARRAY' && typeLength === 16 && precision > 18;
  }
  if (annotation === 'UUID') return type === 'FIXED_LEN_BYTE_ARRAY' && typeLength === 16;
  if (annotation === 'DATE') return type === 'INT32';
  if (/^TIME/.test(annotation)) return type === 'INT64';
  if (annotation === 'STRING' || annotation === 'JSON') return type === 'BYTE_ARRAY';
  return true;
}
