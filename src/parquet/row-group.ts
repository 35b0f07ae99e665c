import { GpuParserError } from '../errors.js';
import { damaged } from '../sink/byte-source.js';
import { encryptedFile } from './footer.js';
import { ColumnChunkField as C, ColumnMetaDataField as M, RowGroupField as R } from './format.js';
import type { Range } from './source.js';
import type { CompactReader } from './thrift/reader.js';
import { ThriftType as T } from './thrift/types.js';

/** Where a column chunk's bytes are in its file. */
export interface ChunkPlace {
  /** Physical type, as a Thrift enum. */
  readonly type: number;
  /** Pages, the dictionary's included. */
  readonly pages: Range;
  readonly bloomFilterOffset: number | undefined;
  readonly bloomFilterLength: number | undefined;
  readonly offsetIndex: Range | undefined;
  readonly columnIndex: Range | undefined;
}

export interface RowGroupPlaces {
  readonly rows: number;
  readonly chunks: readonly ChunkPlace[];
  /** It has sorting columns. */
  readonly sorted: boolean;
}

export const isInteger = (type: number): boolean => type === T.I16 || type === T.I32 || type === T.I64;

/** Walks a RowGroup struct. Refuses what cannot be moved to another file: encryption, another file's path, negative offsets. */
export function locateRowGroup(reader: CompactReader, name: string): RowGroupPlaces {
  let rows: number | undefined;
  const chunks: ChunkPlace[] = [];
  let sorted = false;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id === R.numRows && isInteger(type)) rows = reader.int(53);
    else if (id === R.columns) {
      if (type !== T.LIST || chunks.length > 0) reader.fail('a row group has no list of column chunks, or two');
      const { type: elementType, count } = reader.listHeader();
      if (count > 0 && elementType !== T.STRUCT) reader.fail('its column chunks are not structs');
      for (let i = 0; i < count; i++) chunks.push(locateChunk(reader, name));
    } else {
      if (id === R.sortingColumns) sorted = true;
      reader.skip(type, 3);
    }
  }
  if (rows === undefined || rows < 0) throw damaged(name, 'a row group has no row count');
  return { rows, chunks, sorted };
}

function locateChunk(reader: CompactReader, name: string): ChunkPlace {
  let pages: ReturnType<typeof locatePages> | undefined;
  let offsetIndexOffset: number | undefined;
  let offsetIndexLength: number | undefined;
  let columnIndexOffset: number | undefined;
  let columnIndexLength: number | undefined;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id === C.filePath && type === T.BINARY) {
      if (reader.binary().length > 0)
        throw new GpuParserError('FILE', `${name} holds no data itself: its column chunks are in other files (file_path is set).`, {
          hint: 'Name those files instead.',
        });
    } else if (id === C.metaData) {
      if (type !== T.STRUCT || pages !== undefined) reader.fail('a column chunk has its metadata twice, or not as a struct');
      pages = locatePages(reader);
    } else if (id === C.offsetIndexOffset && isInteger(type)) offsetIndexOffset = offset(reader, 'an offset index');
    else if (id === C.offsetIndexLength && isInteger(type)) offsetIndexLength = offset(reader, 'an offset index');
    else if (id === C.columnIndexOffset && isInteger(type)) columnIndexOffset = offset(reader, 'a column index');
    else if (id === C.columnIndexLength && isInteger(type)) columnIndexLength = offset(reader, 'a column index');
    else if (id === C.cryptoMetadata || id === C.encryptedMetadata) throw encryptedFile(name, 'its columns are');
    else reader.skip(type, 5);
  }
  if (pages === undefined) throw damaged(name, 'a column chunk has no metadata');
  return {
    ...pages,
    offsetIndex: range(offsetIndexOffset, offsetIndexLength),
    columnIndex: range(columnIndexOffset, columnIndexLength),
  };
}

function range(at: number | undefined, length: number | undefined): Range | undefined {
  return at === undefined || length === undefined || at === 0 || length === 0 ? undefined : { offset: at, length };
}

function offset(reader: CompactReader, of: string): number {
  const value = reader.int(53);
  if (value < 0) reader.fail(`${of} has a negative offset or length`);
  return value;
}

function locatePages(reader: CompactReader): Pick<ChunkPlace, 'type' | 'pages' | 'bloomFilterOffset' | 'bloomFilterLength'> {
  let physical = -1;
  let length: number | undefined;
  let data: number | undefined;
  let first = Number.MAX_SAFE_INTEGER;
  let bloomFilterOffset: number | undefined;
  let bloomFilterLength: number | undefined;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (!isInteger(type)) {
      reader.skip(type, 6);
      continue;
    }
    switch (id) {
      case M.type:
        physical = reader.int(32);
        break;
      case M.totalCompressedSize:
        length = offset(reader, 'a column chunk');
        break;
      case M.dataPageOffset:
        data = offset(reader, 'a column chunk');
        first = Math.min(first, data);
        break;
      case M.indexPageOffset:
      case M.dictionaryPageOffset: {
        // 0 is how some writers say that there is none.
        const at = offset(reader, 'a column chunk');
        if (at > 0) first = Math.min(first, at);
        break;
      }
      case M.bloomFilterOffset: {
        const at = offset(reader, 'a bloom filter');
        if (at > 0) bloomFilterOffset = at;
        break;
      }
      case M.bloomFilterLength:
        bloomFilterLength = offset(reader, 'a bloom filter');
        break;
      default:
        reader.skip(type, 6);
    }
  }
  if (data === undefined || length === undefined) return reader.fail('a column chunk has no data_page_offset or no size');
  return { type: physical, pages: { offset: first, length }, bloomFilterOffset, bloomFilterLength };
}
