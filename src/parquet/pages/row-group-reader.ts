import { counted } from '../../counted.js';
import type { ByteSource } from '../../sink/byte-source.js';
import { damaged } from '../../sink/byte-source.js';
import type { Footer } from '../footer.js';
import { ColumnChunkField as C, codecName, ColumnMetaDataField as M, RowGroupField as R } from '../format.js';
import { type ChunkPlace, locateRowGroup } from '../row-group.js';
import type { Range } from '../source.js';
import { intField, listField, longField, structField } from '../thrift/access.js';
import { CompactReader } from '../thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from '../thrift/types.js';
import { type ColumnChunk, columnPages, type DataPage, type Decompress } from './column-pages.js';
import type { Leaf } from './levels.js';

/** Decompressors by the codec's name in Parquet: `SNAPPY`, `ZSTD`, `LZ4_RAW`. */
export type Codecs = Readonly<Partial<Record<string, Decompress>>>;

/** A row group whose values can be read, one column chunk in memory at a time. */
export class RowGroupReader {
  readonly rows: number;
  /** ColumnMetaData of each column chunk. */
  readonly metaData: readonly ThriftStruct[];
  readonly places: readonly ChunkPlace[];
  readonly #source: ByteSource;
  readonly #leaves: readonly Leaf[];
  readonly #codecs: Codecs;

  /** `range` is where the RowGroup struct is in the footer. Errors: FILE. */
  constructor(source: ByteSource, footer: Footer, range: Range, leaves: readonly Leaf[], codecs: Codecs) {
    const reader = (): CompactReader => new CompactReader(footer.bytes, source.name, range.offset, range.offset + range.length);
    const { rows, chunks } = locateRowGroup(reader(), source.name);
    if (chunks.length !== leaves.length)
      throw damaged(
        source.name,
        `a row group has ${counted(chunks.length, 'column chunk')}, the schema ${counted(leaves.length, 'column')}`,
      );
    const columns = listField<ThriftStruct>(reader().struct(), R.columns, T.STRUCT) ?? [];
    this.rows = rows;
    this.places = chunks;
    this.metaData = columns.map((chunk) => structField(chunk, C.metaData) ?? { fields: [] });
    this.#source = source;
    this.#leaves = leaves;
    this.#codecs = codecs;
  }

  /** Reads one column chunk's bytes and decodes its pages as they are asked for. Errors: FILE, PageError. */
  async pages(column: number): Promise<Generator<DataPage>> {
    const metaData = this.metaData[column] as ThriftStruct;
    const { node, maxDefinition, maxRepetition } = this.#leaves[column] as Leaf;
    const { offset, length } = (this.places[column] as ChunkPlace).pages;
    const codec = intField(metaData, M.codec) ?? -1;
    const chunk: ColumnChunk = {
      column: node,
      bytes: await this.#source.read(offset, length),
      codec,
      values: longField(metaData, M.numValues) ?? 0,
      uncompressedBytes: longField(metaData, M.totalUncompressedSize) ?? 0,
      maxDefinition,
      maxRepetition,
    };
    return columnPages(chunk, this.#codecs[codecName(codec)], this.#source.name);
  }
}
