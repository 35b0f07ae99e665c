import { GpuParserError } from '../errors.js';
import { sourceName } from '../plan/nodes.js';
import type { ColumnPlan } from '../plan/plan.js';
import { unknownColumn } from './column-choice.js';

/**
 * The columns, those named marked to have bloom filters.
 * @throws GpuParserError NOT_FOUND for a column that is not exported, USAGE for one whose values have none.
 */
export function withBloomFilters(
  columns: readonly ColumnPlan[],
  names: readonly string[] | undefined,
  table: string,
): readonly ColumnPlan[] {
  if (names === undefined || names.length === 0) return columns;
  const wanted = new Set(names);
  for (const name of wanted) {
    const column = columns.find((known) => sourceName(known) === name);
    if (column === undefined)
      throw unknownColumn(
        name,
        columns.map((known) => ({ name: sourceName(known) })),
        `The export of ${table}`,
        '--bloom-filter',
      );
    if (column.kind === 'bool') {
      throw new GpuParserError('USAGE', `Column "${name}" is a BOOLEAN, for which Parquet has no bloom filter.`, {
        hint: 'Leave it out of --bloom-filter: two values gain nothing from one.',
      });
    }
  }
  return columns.map((column) => (wanted.has(sourceName(column)) ? { ...column, bloomFilter: true } : column));
}
