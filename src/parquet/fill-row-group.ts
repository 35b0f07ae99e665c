import { ColumnChunkField as C, RowGroupField as R } from './format.js';
import type { MovedRowGroup } from './move-row-group.js';
import { type SortingColumn, writeSorting } from './sorting.js';
import { ThriftType as T } from './thrift/types.js';
import type { CompactWriter } from './thrift/writer.js';

/** A moved row group and the lengths of its page indexes per column chunk, 0 where there is none. */
export interface FillableRowGroup {
  readonly group: MovedRowGroup;
  readonly columnIndexes: { readonly lengths: Uint32Array };
  readonly offsetIndexes: { readonly lengths: Uint32Array };
}

/** Writes the whole RowGroup struct. Its indexes begin at the given places; returns where the next row group's begin. */
export function fillRowGroup(
  row: FillableRowGroup,
  columnIndexAt: number,
  offsetIndexAt: number,
  ordinal: number,
  sorting: readonly SortingColumn[],
  writer: CompactWriter,
): { columnIndexAt: number; offsetIndexAt: number } {
  const { bytes, holes, holeFields, sortingHole, sortingField, behindSorting, lastField } = row.group;
  let copied = 0;
  for (let chunk = 0; chunk < holes.length; chunk++) {
    const hole = holes[chunk] as number;
    writer.raw(bytes, copied, hole);
    copied = hole;
    let last = holeFields[chunk] as number;
    const offsetIndexLength = row.offsetIndexes.lengths[chunk] as number;
    if (offsetIndexLength > 0) {
      writePlace(writer, last, C.offsetIndexOffset, offsetIndexAt, offsetIndexLength);
      last = C.offsetIndexLength;
      offsetIndexAt += offsetIndexLength;
    }
    const columnIndexLength = row.columnIndexes.lengths[chunk] as number;
    if (columnIndexLength > 0) {
      writePlace(writer, last, C.columnIndexOffset, columnIndexAt, columnIndexLength);
      columnIndexAt += columnIndexLength;
    }
  }
  writer.raw(bytes, copied, sortingHole);
  if (sorting.length > 0) {
    writer.fieldHeader(sortingField, R.sortingColumns, T.LIST);
    writeSorting(sorting, writer);
  }
  const before = sorting.length > 0 ? R.sortingColumns : sortingField;
  if (behindSorting !== undefined) writer.fieldHeader(before, behindSorting.id, behindSorting.type);
  writer.raw(bytes, sortingHole, bytes.length - 1);
  // ordinal is an i16: row groups behind 32767 have none.
  if (ordinal < 32_768) {
    writer.fieldHeader(sorting.length > 0 ? Math.max(lastField, R.sortingColumns) : lastField, R.ordinal, T.I16);
    writer.int(ordinal);
  }
  writer.byte(0);
  return { columnIndexAt, offsetIndexAt };
}

/** The offset and length fields of an index; the length's number is the offset's plus one. */
function writePlace(writer: CompactWriter, last: number, field: number, offset: number, length: number): void {
  writer.fieldHeader(last, field, T.I64);
  writer.int(offset);
  writer.fieldHeader(field, field + 1, T.I32);
  writer.int(length);
}
