import { ColumnChunkField as C, ColumnMetaDataField as M, RowGroupField as R, SortingColumnField as S, StatisticsField } from './format.js';
import { compareBounds } from './order.js';
import type { SchemaNode } from './schema.js';
import { boolField, bytesField, intField, longField } from './thrift/access.js';
import type { CompactReader } from './thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from './thrift/types.js';
import type { CompactWriter } from './thrift/writer.js';

/** A column that a row group's rows are sorted by, and what its chunk's statistics say. */
export interface SortingColumn {
  /** Index among the schema's leaves. */
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly nulls: number | undefined;
}

/** The sorting_columns of the RowGroup struct at the reader's position, with copies of their chunks' statistics. */
export function readSorting(reader: CompactReader): readonly SortingColumn[] {
  const from = reader.position;
  const named = sortingStructs(reader);
  if (named.length === 0) return [];
  reader.position = from;
  const statistics = statisticsOf(reader, new Set(named.map((each) => intField(each, S.columnIndex) ?? -1)));
  return named.map((each) => {
    const column = intField(each, S.columnIndex) ?? -1;
    const found = statistics.get(column) ?? { fields: [] };
    return {
      column,
      descending: boolField(each, S.descending) ?? false,
      nullsFirst: boolField(each, S.nullsFirst) ?? false,
      min: bytesField(found, StatisticsField.minValue)?.slice(),
      max: bytesField(found, StatisticsField.maxValue)?.slice(),
      nulls: longField(found, StatisticsField.nullCount),
    };
  });
}

function sortingStructs(reader: CompactReader): readonly ThriftStruct[] {
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id === R.sortingColumns && type === T.LIST) {
      const { elementType, values } = reader.list(3);
      return elementType === T.STRUCT ? (values as readonly ThriftStruct[]) : [];
    }
    reader.skip(type, 3);
  }
  return [];
}

/** Statistics of the wanted column chunks. */
function statisticsOf(reader: CompactReader, wanted: ReadonlySet<number>): ReadonlyMap<number, ThriftStruct> {
  const found = new Map<number, ThriftStruct>();
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id !== R.columns || type !== T.LIST) {
      reader.skip(type, 3);
      continue;
    }
    const { type: elementType, count } = reader.listHeader();
    for (let i = 0; i < count; i++) {
      const statistics = wanted.has(i) ? chunkStatistics(reader.value(elementType, 4) as ThriftStruct) : reader.skip(elementType, 4);
      if (statistics) found.set(i, statistics);
    }
  }
  return found;
}

function chunkStatistics(chunk: ThriftStruct): ThriftStruct | undefined {
  const metaData = chunk.fields.find((field) => field.id === C.metaData && field.type === T.STRUCT)?.value as ThriftStruct | undefined;
  return metaData?.fields.find((field) => field.id === M.statistics && field.type === T.STRUCT)?.value as ThriftStruct | undefined;
}

/**
 * The sorting columns that a file's row groups, in this order, may keep: those by which the whole file is sorted. What a row
 * group says of its own rows alone would be true by the format, but readers take it for the file's order and sort no more
 * (DataFusion 55 returns 1, 2, 3, 1, 2, 3 for ORDER BY). Statistics are the proof: no NULL, and each row group's values behind
 * those of the one before.
 * @param alone every sorting column is in order by itself, not only where those before it are equal.
 */
export function commonSorting(
  groups: readonly (readonly SortingColumn[])[],
  leaves: readonly SchemaNode[],
  alone: boolean,
): readonly SortingColumn[] {
  const [first, ...rest] = groups;
  if (first === undefined || rest.length === 0) return first ?? [];
  const same = (a: SortingColumn, b: SortingColumn | undefined): boolean =>
    a.column === b?.column && a.descending === b.descending && a.nullsFirst === b.nullsFirst;
  if (alone) {
    return first.filter((each) => {
      const others = rest.map((group) => group.find((other) => same(each, other)));
      return others.every((other) => other !== undefined) && chained([each, ...others], leaves[each.column]) !== undefined;
    });
  }
  const differs = first.findIndex((each, i) => !rest.every((group) => same(each, group[i])));
  const prefix = differs < 0 ? first : first.slice(0, differs);
  if (prefix.length === 0) return [];
  const link = chained(
    groups.map((group) => group[0] as SortingColumn),
    leaves[(prefix[0] as SortingColumn).column],
  );
  // Where two row groups meet in one value of the first column, nothing proves that the next columns go on in order.
  return link === 'strictly' ? prefix : link === undefined ? [] : prefix.slice(0, 1);
}

/** Whether a column's values in each row group follow those in the one before; `strictly` where none meets them. */
function chained(column: readonly SortingColumn[], leaf: SchemaNode | undefined): 'strictly' | 'weakly' | undefined {
  if (leaf === undefined) return undefined;
  let link: 'strictly' | 'weakly' = 'strictly';
  for (const [i, group] of column.entries()) {
    if (group.nulls !== 0 || group.min === undefined || group.max === undefined) return undefined;
    const before = column[i - 1];
    if (before === undefined) continue;
    const [end, start] = group.descending ? [before.min, group.max] : [before.max, group.min];
    const order = compareBounds(leaf, end as Uint8Array, start);
    // NaN in a bound of floats compares as equal, so a proof needs other types.
    if (order === undefined || leaf.type === 'FLOAT' || leaf.type === 'DOUBLE') return undefined;
    const ahead = group.descending ? -order : order;
    if (ahead > 0) return undefined;
    if (ahead === 0) link = 'weakly';
  }
  return link;
}

/** Writes the list, as the value of field sorting_columns. */
export function writeSorting(columns: readonly SortingColumn[], writer: CompactWriter): void {
  writer.listHeader(T.STRUCT, columns.length);
  for (const { column, descending, nullsFirst } of columns)
    writer.struct({
      fields: [
        { id: S.columnIndex, type: T.I32, value: column },
        { id: S.descending, type: T.BOOL, value: descending },
        { id: S.nullsFirst, type: T.BOOL, value: nullsFirst },
      ],
    });
}
