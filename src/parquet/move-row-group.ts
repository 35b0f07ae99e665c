import { ColumnChunkField as C, ColumnMetaDataField as M, RowGroupField as R } from './format.js';
import { isInteger } from './row-group.js';
import type { CompactReader } from './thrift/reader.js';
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
  /** Size statistics of a chunk where they change. */
  sizeStatistics?(chunk: number, statistics: ThriftStruct): ThriftStruct | undefined;
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

const statisticsOf = (id: number) => (id === M.statistics ? 'statistics' : 'sizeStatistics');

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
    } else if ((id === M.statistics || id === M.sizeStatistics) && type === T.STRUCT && move[statisticsOf(id)] !== undefined) {
      const from = reader.position;
      const changed = move[statisticsOf(id)]?.(chunk, reader.struct(6));
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
