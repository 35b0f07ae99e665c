import type { SchemaNode } from './schema.js';

export const isFloat = (column: SchemaNode): boolean => column.type === 'FLOAT' || column.type === 'DOUBLE';

/** A plain-encoded integer bound of INT32, INT64, or a DECIMAL in bytes; undefined when its length is wrong. */
export function integerBound(column: SchemaNode, bytes: Uint8Array): bigint | undefined {
  const isUnsigned = column.annotation?.startsWith('UINT') === true;
  if (column.type === 'INT32' || column.type === 'INT64') {
    const width = column.type === 'INT32' ? 4 : 8;
    if (bytes.length !== width) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, width);
    if (width === 4) return BigInt(isUnsigned ? view.getUint32(0, true) : view.getInt32(0, true));
    return isUnsigned ? view.getBigUint64(0, true) : view.getBigInt64(0, true);
  }
  if (bytes.length === 0) return undefined;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** Compares two bounds in the column's own order: below 0, 0, above 0; undefined where that order is not defined. */
export function compareBounds(column: SchemaNode, a: Uint8Array, b: Uint8Array): number | undefined {
  switch (column.type) {
    case 'INT32':
    case 'INT64':
      return compareIntegers(column, a, b);
    case 'FLOAT':
    case 'DOUBLE': {
      const read = column.type === 'FLOAT' ? 4 : 8;
      if (a.length !== read || b.length !== read) return undefined;
      return float(a) - float(b) || 0;
    }
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      if (column.annotation?.startsWith('DECIMAL') === true) return compareIntegers(column, a, b);
      if (column.annotation === 'INTERVAL' || column.annotation === 'FLOAT16') return undefined;
      return Buffer.compare(a, b);
    default:
      return undefined;
  }
}

function compareIntegers(column: SchemaNode, a: Uint8Array, b: Uint8Array): number | undefined {
  const left = integerBound(column, a);
  const right = integerBound(column, b);
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function float(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}
