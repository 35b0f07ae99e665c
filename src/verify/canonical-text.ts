import { hash } from 'node:crypto';
import { dateText, timestampText, timeText } from '../parquet/civil.js';
import { integerBound } from '../parquet/order.js';
import type { ValueBlock } from '../parquet/pages/value-block.js';
import type { SchemaNode } from '../parquet/schema.js';
import { decimalText, uuidText } from '../parquet/values.js';
import type { NodePlan } from '../plan/plan.js';
import { ewkbOf } from './ewkb.js';

/** A value of a file as the text that canonicalSql() has the server make of its own. */
export type CanonicalText = (block: ValueBlock, i: number) => string;

/**
 * How a column's values become texts; `bytes` where they are their text already.
 * @param converted see TextFacts
 * @returns undefined for what has no single leaf, or a kind whose leaf is another type
 */
export function canonicalText(
  node: SchemaNode,
  { kind, precision }: Pick<NodePlan, 'kind' | 'precision'>,
  converted: boolean,
): CanonicalText | 'bytes' | undefined {
  const { type } = node;
  switch (kind) {
    case 'text':
    case 'jsonb':
      if (converted) return type === 'BYTE_ARRAY' ? digest : undefined;
      return type === 'BYTE_ARRAY' ? 'bytes' : undefined;
    case 'numeric_text':
    case 'char':
    case 'utf8':
      return type === 'BYTE_ARRAY' ? 'bytes' : undefined;
    case 'bool':
      return type === 'BOOLEAN' ? (block, i) => (block.bytes[block.start(i)] === 0 ? 'false' : 'true') : undefined;
    case 'int2':
    case 'int4':
      return type === 'INT32' ? (block, i) => String(int32(block, i)) : undefined;
    case 'oid':
      return type === 'INT32' ? (block, i) => String(int32(block, i) >>> 0) : undefined;
    case 'int8':
      return type === 'INT64' ? (block, i) => String(int64(block, i)) : undefined;
    case 'float4':
      return type === 'FLOAT'
        ? (block, i) =>
            Number.isNaN(block.view.getFloat32(block.start(i), true)) ? 'NaN' : hex32(block.view.getUint32(block.start(i), true))
        : undefined;
    case 'float8':
    case 'numeric_double':
      return type === 'DOUBLE' ? doubleBits : undefined;
    case 'decimal':
    case 'money': {
      const scale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(node.annotation ?? '')?.[1]);
      if (Number.isNaN(scale)) return undefined;
      return (block, i) => decimalText(integerBound(node, valueBytes(block, i)) as bigint, scale);
    }
    case 'bytea':
      return type === 'BYTE_ARRAY' ? digest : undefined;
    case 'geometry':
      return type === 'BYTE_ARRAY' ? (block, i) => textDigest(ewkbOf(valueBytes(block, i), precision)) : undefined;
    case 'uuid':
      return node.typeLength === 16 ? (block, i) => uuidText(valueBytes(block, i)) : undefined;
    case 'date':
      return type === 'INT32' ? (block, i) => dateText(int32(block, i)) : undefined;
    case 'time':
      return type === 'INT64' ? (block, i) => trimmed(timeText(int64(block, i), 'us')) : undefined;
    case 'timestamp':
      return type === 'INT64' ? (block, i) => trimmed(timestampText(int64(block, i), 'us')) : undefined;
    case 'timestamptz':
      return type === 'INT64' ? (block, i) => trimmed(timestampText(int64(block, i), 'us')).replace(/( BC)?$/, '+00$1') : undefined;
    default:
      return undefined;
  }
}

/** Of a text that the server would hash in another encoding, and of bytes. */
export const textDigest = (bytes: Uint8Array): string => hash('sha256', bytes);

/** interval_send() of what an interval's three columns hold. */
export function intervalText(months: ValueBlock, m: number, days: ValueBlock, d: number, micros: ValueBlock, u: number): string {
  const at = micros.start(u);
  const time = hex32(micros.view.getUint32(at + 4, true)) + hex32(micros.view.getUint32(at, true));
  return time + hex32(days.view.getUint32(days.start(d), true)) + hex32(months.view.getUint32(months.start(m), true));
}

const int32 = (block: ValueBlock, i: number): number => block.view.getInt32(block.start(i), true);
const int64 = (block: ValueBlock, i: number): bigint => block.view.getBigInt64(block.start(i), true);
const valueBytes = (block: ValueBlock, i: number): Uint8Array => block.bytes.subarray(block.start(i), block.end(i));
const digest: CanonicalText = (block, i) => textDigest(valueBytes(block, i));
const hex32 = (value: number): string => value.toString(16).padStart(8, '0');

function doubleBits(block: ValueBlock, i: number): string {
  const at = block.start(i);
  if (Number.isNaN(block.view.getFloat64(at, true))) return 'NaN';
  return hex32(block.view.getUint32(at + 4, true)) + hex32(block.view.getUint32(at, true));
}

/** PostgreSQL writes no zeros at the end of a fraction. */
const trimmed = (text: string): string => text.replace(/\.?0*( BC)?$/, '$1');
