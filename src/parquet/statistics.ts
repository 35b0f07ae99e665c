import { StatisticsField as S } from './format.js';
import { compareBounds, isFloat } from './order.js';
import type { SchemaNode } from './schema.js';
import { bytesField } from './thrift/access.js';
import { ThriftType as T, type ThriftField, type ThriftStruct } from './thrift/types.js';
import { truncateMax, truncateMin } from './truncate.js';

/**
 * `drop binary`: bounds of BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY columns go. Readers trust or distrust them by created_by
 * (PARQUET-251), and a file of several writers has none that is true for all.
 * `repair`: bounds that cuDF writes and that are wrong go, and the chunk's column index with them: min above max, and all of floats,
 * which leave NaN out without a word and may be cuDF's starting value; bounds of more than 64 bytes are truncated.
 */
export type StatisticsRule = 'drop binary' | 'repair';

export interface ChangedStatistics {
  /** Undefined: leave them as they are. */
  readonly statistics: ThriftStruct | undefined;
  readonly dropColumnIndex: boolean;
}

/**
 * Under `repair` the histograms of levels inside lists go: where a value around is NULL, cuDF counts the NULLs of its leaves twice
 * (page_enc.cu finish_page_encode takes every invalid leaf for one that is NULL itself).
 */
export function hasWrongHistograms(rule: StatisticsRule | undefined, { repeated }: SchemaNode): boolean {
  return rule === 'repair' && repeated;
}

/** A SizeStatistics or ColumnIndex without some of its fields. */
export const without = ({ fields }: ThriftStruct, ids: Readonly<Record<string, number>>): ThriftStruct => ({
  fields: fields.filter(({ id }) => !Object.values(ids).includes(id)),
});

const longestBound = 64;
const unchanged: ChangedStatistics = { statistics: undefined, dropColumnIndex: false };
const boundFields: readonly number[] = [S.max, S.min, S.maxValue, S.minValue, S.isMaxValueExact, S.isMinValueExact];

export function changeStatistics(rule: StatisticsRule, column: SchemaNode, statistics: ThriftStruct): ChangedStatistics {
  const isBinary = column.type === 'BYTE_ARRAY' || column.type === 'FIXED_LEN_BYTE_ARRAY';
  if (rule === 'drop binary') return isBinary ? { statistics: withoutBounds(statistics), dropColumnIndex: false } : unchanged;
  const min = bytesField(statistics, S.minValue) ?? bytesField(statistics, S.min);
  const max = bytesField(statistics, S.maxValue) ?? bytesField(statistics, S.max);
  if (min === undefined || max === undefined) return unchanged;
  if (isFloat(column)) return { statistics: withoutBounds(statistics), dropColumnIndex: true };
  const order = compareBounds(column, min, max);
  if (order !== undefined && order > 0) return { statistics: withoutBounds(statistics), dropColumnIndex: true };
  if (column.type !== 'BYTE_ARRAY' || column.annotation?.startsWith('DECIMAL') === true) return unchanged;
  if (min.length <= longestBound && max.length <= longestBound) return unchanged;
  return { statistics: withTruncatedBounds(column, statistics, min, max), dropColumnIndex: false };
}

function withoutBounds(statistics: ThriftStruct): ThriftStruct {
  return { fields: statistics.fields.filter((field) => !boundFields.includes(field.id)) };
}

/** The deprecated min and max go: they have no way to say that they are not exact. */
function withTruncatedBounds(column: SchemaNode, statistics: ThriftStruct, min: Uint8Array, max: Uint8Array): ThriftStruct {
  const isText = column.annotation !== undefined;
  const shortMin = min.length > longestBound ? truncateMin(min, longestBound, isText) : min;
  const shortMax = max.length > longestBound ? truncateMax(max, longestBound, isText) : max;
  const fields: ThriftField[] = [...withoutBounds(statistics).fields];
  // A value of bytes 0xFF alone has no shorter upper bound: without a max, readers use neither.
  if (shortMax !== undefined)
    fields.push(
      { id: S.maxValue, type: T.BINARY, value: shortMax },
      { id: S.minValue, type: T.BINARY, value: shortMin },
      { id: S.isMaxValueExact, type: T.BOOL, value: shortMax === max },
      { id: S.isMinValueExact, type: T.BOOL, value: shortMin === min },
    );
  return { fields: fields.sort((a, b) => a.id - b.id) };
}
