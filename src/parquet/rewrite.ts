import { ColumnChunkField as C, ColumnMetaDataField as M, OffsetIndexField, PageLocationField, RowGroupField as R } from './format.js';
import { isInteger } from './row-group.js';
import { type SortingColumn, writeSorting } from './sorting.js';
import type { Range } from './source.js';
import { CompactReader } from './thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from './thrift/types.js';
import type { CompactWriter } from './thrift/writer.js';

/** What moves and changes when a row group goes into another file. */
export interface RowGroupMove {
  /** Added to the offsets of a column chunk's pages. */
  pageShift(chunk: number): number;
  /** Added to the offset of its bloom filter. */
  bloomFilterShift(chunk: number): number;
  /** Where the first column chunk begins in the new file. */
  readonly fileOffset: number;
  /** path_in_schema of a chunk where it changes. */
  path?(chunk: number): readonly Uint8Array[] | undefined;
  /** Statistics of a chunk where they change. */
  statistics?(chunk: number, statistics: ThriftStruct): ThriftStruct | undefined;
}

/**
 * A RowGroup struct for its new file, without what is known only when every row group is: the places of its indexes, its sorting
 * columns and its ordinal. They go where the holes are.
 */
export interface MovedRowGroup {
  readonly bytes: Uint8Array;
  /** Per column chunk: where in bytes its stop byte is; the index fields go before it. */
  readonly holes: Uint32Array;
  /** Per column chunk: the number of the field before the hole. */
  readonly holeFields: Int16Array;
  /** Where in bytes the sorting columns go, and the number of the field before them. */
  readonly sortingHole: number;
  readonly sortingField: number;
  /**
   * The field behind the sorting columns. Its header is not in bytes: it is short only when it is known what stands before it, and
   * fastparquet knows no long ones.
   */
  readonly behindSorting: { readonly id: number; readonly type: number } | undefined;
  /** The number of the row group's last field; its stop byte, the last byte, is preceded by the ordinal. */
  readonly lastField: number;
}

/** Rewrites the RowGroup struct at the reader's position. Fields it does not know stay as they are. writer: scratch memory. */
export function moveRowGroup(reader: CompactReader, chunkCount: number, move: RowGroupMove, writer: CompactWriter): MovedRowGroup {
  const holes = new Uint32Array(chunkCount);
  const holeFields = new Int16Array(chunkCount);
  writer.reset();
  let written = 0;
  let sortingHole = -1;
  let sortingField = 0;
  let behindSorting: MovedRowGroup['behindSorting'];
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id === R.ordinal || id === R.sortingColumns) {
      reader.skip(type, 3);
      continue;
    }
    if (id > R.sortingColumns && sortingHole < 0) {
      sortingHole = writer.length;
      sortingField = written;
      behindSorting = { id, type };
    } else writer.fieldHeader(written, id, type);
    written = id;
    if (id === R.fileOffset && isInteger(type)) {
      reader.skip(type, 3);
      writer.int(move.fileOffset);
    } else if (id === R.columns) {
      const { type: elementType, count } = reader.listHeader();
      writer.listHeader(elementType, count);
      for (let i = 0; i < count; i++) {
        holeFields[i] = moveChunk(reader, i, move, writer);
        holes[i] = writer.length - 1;
      }
    } else copyValue(reader, type, writer);
  }
  if (sortingHole < 0) {
    sortingHole = writer.length;
    sortingField = written;
  }
  writer.byte(0);
  return { bytes: writer.copy(), holes, holeFields, sortingHole, sortingField, behindSorting, lastField: written };
}

/** Returns the number of the last field written. */
function moveChunk(reader: CompactReader, chunk: number, move: RowGroupMove, writer: CompactWriter): number {
  let written = 0;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id >= C.offsetIndexOffset && id <= C.columnIndexLength) {
      reader.skip(type, 5);
      continue;
    }
    writer.fieldHeader(written, id, type);
    written = id;
    if (id === C.fileOffset && isInteger(type)) {
      reader.skip(type, 5);
      writer.int(0);
    } else if (id === C.metaData) moveColumnMetaData(reader, chunk, move, writer);
    else copyValue(reader, type, writer);
  }
  writer.byte(0);
  return written;
}

const isOffset = (id: number): boolean =>
  id === M.dataPageOffset || id === M.indexPageOffset || id === M.dictionaryPageOffset || id === M.bloomFilterOffset;

/** No field is added or dropped here, so all but the changed values is copied with the headers as they are. */
function moveColumnMetaData(reader: CompactReader, chunk: number, move: RowGroupMove, writer: CompactWriter): void {
  let copied = reader.position;
  const pageShift = move.pageShift(chunk);
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (isOffset(id) && isInteger(type)) {
      writer.raw(reader.bytes, copied, reader.position);
      const offset = reader.int(53);
      // 0 stands for none, but data_page_offset must always be there.
      const shift = id === M.bloomFilterOffset ? move.bloomFilterShift(chunk) : pageShift;
      writer.int(offset > 0 || id === M.dataPageOffset ? offset + shift : offset);
      copied = reader.position;
    } else if (id === M.path && type === T.LIST && move.path !== undefined) {
      const path = move.path(chunk);
      if (path !== undefined) {
        writer.raw(reader.bytes, copied, reader.position);
        writer.listHeader(T.BINARY, path.length);
        for (const part of path) writer.binary(part);
      }
      reader.skip(type, 6);
      if (path !== undefined) copied = reader.position;
    } else if (id === M.statistics && move.statistics !== undefined && type === T.STRUCT) {
      const from = reader.position;
      const changed = move.statistics(chunk, reader.struct(6));
      if (changed !== undefined) {
        writer.raw(reader.bytes, copied, from);
        writer.struct(changed);
        copied = reader.position;
      }
    } else reader.skip(type, 6);
  }
  writer.raw(reader.bytes, copied, reader.position);
}

function copyValue(reader: CompactReader, type: number, writer: CompactWriter): void {
  const from = reader.position;
  reader.skip(type, 3);
  writer.raw(reader.bytes, from, reader.position);
}

/** Writes an OffsetIndex with every page's offset shifted. pages: where the chunk's pages are in the old file. */
export function moveOffsetIndex(bytes: Uint8Array, name: string, pages: Range, shift: number, writer: CompactWriter): void {
  const reader = new CompactReader(bytes, name);
  let copied = 0;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id !== OffsetIndexField.pageLocations || type !== T.LIST) {
      reader.skip(type, 1);
      continue;
    }
    const { type: elementType, count } = reader.listHeader();
    if (count > 0 && elementType !== T.STRUCT) reader.fail('the page locations of an offset index are not structs');
    for (let page = 0; page < count; page++) {
      let location = 0;
      for (let inner = reader.fieldHeader(0); inner !== 0; inner = reader.fieldHeader(location)) {
        const innerType = inner & 0x0f;
        location = (inner - innerType) / 16;
        if (location !== PageLocationField.offset || innerType !== T.I64) {
          reader.skip(innerType, 3);
          continue;
        }
        writer.raw(bytes, copied, reader.position);
        const offset = reader.int(53);
        if (offset < pages.offset || offset >= pages.offset + pages.length)
          reader.fail('an offset index names a page outside its column chunk');
        writer.int(offset + shift);
        copied = reader.position;
      }
    }
  }
  writer.raw(bytes, copied, reader.position);
}

/** A moved row group and the lengths of its indexes per column chunk, 0 where there is none. */
export interface FillableRowGroup {
  readonly group: MovedRowGroup;
  readonly columnIndexLengths: Uint32Array;
  readonly offsetIndexLengths: Uint32Array;
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
    const offsetIndexLength = row.offsetIndexLengths[chunk] as number;
    if (offsetIndexLength > 0) {
      writePlace(writer, last, C.offsetIndexOffset, offsetIndexAt, offsetIndexLength);
      last = C.offsetIndexLength;
      offsetIndexAt += offsetIndexLength;
    }
    const columnIndexLength = row.columnIndexLengths[chunk] as number;
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
