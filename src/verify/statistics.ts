import { ColumnMetaDataField as M, StatisticsField as S } from '../parquet/format.js';
import { compareBounds } from '../parquet/order.js';
import type { RowGroupReader } from '../parquet/pages/row-group-reader.js';
import type { SchemaNode } from '../parquet/schema.js';
import { boolField, bytesField, longField, structField } from '../parquet/thrift/access.js';
import type { ThriftStruct } from '../parquet/thrift/types.js';
import { valueText } from '../parquet/values.js';
import type { Extremes } from './extremes.js';
import type { Report } from './problems.js';

/** Compares a column chunk's statistics with its values. Bounds need not be there; those that are must hold. */
export function checkStatistics(
  group: RowGroupReader,
  column: number,
  node: SchemaNode,
  values: Extremes,
  nulls: number,
  report: Report,
): void {
  const statistics = structField(group.metaData[column] as ThriftStruct, M.statistics);
  if (statistics === undefined) return;
  const said = longField(statistics, S.nullCount);
  if (said !== undefined && said !== nulls) report('statistics', `it holds ${nulls} NULLs, its statistics say ${said}`);
  const bound = (field: number, old: number) => bytesField(statistics, field) ?? bytesField(statistics, old);
  checkBound(node, 'min', bound(S.minValue, S.min), values.min, boolField(statistics, S.isMinValueExact), report);
  checkBound(node, 'max', bound(S.maxValue, S.max), values.max, boolField(statistics, S.isMaxValueExact), report);
}

/** An exact bound is a value; one that was cut off, or does not say, lies outside all values. */
export function checkBound(
  node: SchemaNode,
  which: 'min' | 'max',
  bound: Uint8Array | undefined,
  value: Uint8Array | undefined,
  exact: boolean | undefined,
  report: Report,
): void {
  if (bound === undefined) return;
  if (value === undefined) {
    report('statistics', `it has no value, its statistics say that the ${which} is ${short(node, bound)}`);
    return;
  }
  const order = compareBounds(node, bound, value);
  if (order === undefined) return;
  if (exact === true ? order !== 0 : which === 'min' ? order > 0 : order < 0)
    report('statistics', `its ${which} is ${short(node, value)}, its statistics say ${short(node, bound)}`);
}

export function short(node: SchemaNode, bytes: Uint8Array): string {
  const text = valueText(node, bytes.subarray(0, 200));
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
