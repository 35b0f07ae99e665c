import { dateText, timestampText, timeText } from './civil.js';
import { integerBound } from './order.js';
import type { SchemaNode } from './schema.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A plain-encoded value of a column, a bound of its statistics say, as text people read: `2024-01-31`, `12.50`, `\x00ff`. */
export function valueText(column: SchemaNode, bytes: Uint8Array): string {
  return scalarText(column, bytes) ?? hexText(bytes);
}

function scalarText(column: SchemaNode, bytes: Uint8Array): string | undefined {
  const { type, annotation = '' } = column;
  switch (type) {
    case 'BOOLEAN':
      return bytes.length === 1 ? String(bytes[0] !== 0) : undefined;
    case 'INT32':
    case 'INT64': {
      const value = integerBound(column, bytes);
      return value === undefined ? undefined : integerText(annotation, value);
    }
    case 'FLOAT':
      return bytes.length === 4 ? floatText(view(bytes).getFloat32(0, true)) : undefined;
    case 'DOUBLE':
      return bytes.length === 8 ? doubleText(view(bytes).getFloat64(0, true)) : undefined;
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY': {
      if (annotation.startsWith('DECIMAL')) {
        const value = integerBound(column, bytes);
        return value === undefined ? undefined : integerText(annotation, value);
      }
      if (annotation === 'UUID' && bytes.length === 16) return uuidText(bytes);
      return ['STRING', 'JSON', 'ENUM'].includes(annotation) ? utf8Text(bytes) : undefined;
    }
    default:
      return undefined;
  }
}

/** An integer as its annotation (logical.ts) has it shown. */
export function integerText(annotation: string, value: bigint): string {
  const parts = /^(\w+)(?:\((\w+), ?(\w+)\))?/.exec(annotation);
  const [, name, first = '', second = ''] = parts ?? [];
  if (name === 'DECIMAL') return decimalText(value, Number(second));
  if (name === 'DATE') return dateText(Number(value));
  if (name === 'TIME') return timeText(value, first);
  if (name === 'TIMESTAMP') return second === 'UTC' ? timestampText(value, first).replace(/( BC)?$/, '+00$1') : timestampText(value, first);
  return String(value);
}

/** An unscaled integer with `scale` digits behind the point. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled);
  // A damaged schema may ask for more zeros than a string can hold.
  if (scale > 1000) return `${unscaled}e-${scale}`;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function hexText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}

export function uuidText(bytes: Uint8Array): string {
  return hexText(bytes)
    .slice(2)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The shortest text that reads back as the same 32-bit float. */
function floatText(value: number): string {
  if (value === 0) return doubleText(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return doubleText(text);
  }
  return doubleText(value);
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
