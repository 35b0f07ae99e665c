import { ColumnIndexField, OffsetIndexField, PageLocationField } from './format.js';
import type { ChunkPlace } from './row-group.js';
import type { Range } from './source.js';
import { without } from './statistics.js';
import { CompactReader } from './thrift/reader.js';
import { ThriftType as T } from './thrift/types.js';
import type { CompactWriter } from './thrift/writer.js';

/** A row group's indexes of one kind, one behind the other, until they are written. */
export class PageIndexes {
  #bytes: Uint8Array;

  constructor(
    bytes: Uint8Array,
    /** Per column chunk, 0 where there is none. */
    readonly lengths: Uint32Array,
  ) {
    this.#bytes = bytes;
  }

  /** The bytes, which are not kept any longer. */
  take(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array(0);
    return bytes;
  }
}

/**
 * Column indexes hold no offsets, so they stay as they are, but for histograms of levels that are wrong. name: the file they are
 * from. writer: scratch memory.
 */
export function packColumnIndexes(
  indexes: readonly (Uint8Array | undefined)[],
  hasWrongHistograms: (chunk: number) => boolean,
  name: string,
  writer: CompactWriter,
): PageIndexes {
  return pack(indexes, writer, (bytes, i) => {
    if (hasWrongHistograms(i)) writer.struct(without(new CompactReader(bytes, name).struct(), ColumnIndexField));
    else writer.raw(bytes);
  });
}

/** Offset indexes for column chunks whose pages have moved by `shifts`. name: the file they are from. writer: scratch memory. */
export function packOffsetIndexes(
  indexes: readonly (Uint8Array | undefined)[],
  chunks: readonly ChunkPlace[],
  shifts: Float64Array,
  name: string,
  writer: CompactWriter,
): PageIndexes {
  return pack(indexes, writer, (bytes, i) => moveOffsetIndex(bytes, name, (chunks[i] as ChunkPlace).pages, shifts[i] as number, writer));
}

function pack(
  indexes: readonly (Uint8Array | undefined)[],
  writer: CompactWriter,
  write: (bytes: Uint8Array, chunk: number) => void,
): PageIndexes {
  const lengths = new Uint32Array(indexes.length);
  writer.reset();
  for (const [i, bytes] of indexes.entries()) {
    if (bytes === undefined) continue;
    const before = writer.length;
    write(bytes, i);
    lengths[i] = writer.length - before;
  }
  return new PageIndexes(writer.copy(), lengths);
}

/** Writes an OffsetIndex with every page's offset shifted. pages: where the chunk's pages are in the old file. */
function moveOffsetIndex(bytes: Uint8Array, name: string, pages: Range, shift: number, writer: CompactWriter): void {
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
