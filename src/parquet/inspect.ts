import { counted } from '../counted.js';
import type { ByteSource } from '../sink/byte-source.js';
import { damaged } from '../sink/byte-source.js';
import { openFile } from '../sink/open-store.js';
import { readFooter } from './footer.js';
import {
  ColumnChunkField as C,
  codecName,
  encodingName,
  FileMetaDataField as F,
  ColumnMetaDataField as M,
  OffsetIndexField,
  RowGroupField as R,
  StatisticsField as S,
} from './format.js';
import { type ChunkPlace, locateRowGroup } from './row-group.js';
import { parseSchema, type SchemaNode } from './schema.js';
import { type Range, readRanges } from './source.js';
import { boolField, bytesField, intField, listField, longField, structField, textField } from './thrift/access.js';
import { CompactReader } from './thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from './thrift/types.js';
import { valueText } from './values.js';

/** What a Parquet file says about itself: plain data, JSON in every part. Sizes are bytes. */
export interface FileDescription {
  readonly path: string;
  readonly bytes: number;
  readonly footerBytes: number;
  readonly rows: number;
  /** Of the format, as the footer has it. */
  readonly version: number;
  readonly createdBy: string | undefined;
  readonly keyValueMetadata: readonly { readonly key: string; readonly value: string }[];
  /** Top-level columns. */
  readonly schema: readonly ColumnDescription[];
  readonly rowGroups: readonly RowGroupDescription[];
}

/** A column, or a group of columns (children). */
export interface ColumnDescription {
  readonly name: string;
  readonly repetition: 'required' | 'optional' | 'repeated';
  /** `INT64`, `FIXED_LEN_BYTE_ARRAY(16)`; undefined for a group. */
  readonly type: string | undefined;
  /** `STRING`, `DECIMAL(12,2)`, `TIMESTAMP(us, UTC)`, `LIST`; undefined without annotation. */
  readonly logicalType: string | undefined;
  readonly fieldId: number | undefined;
  readonly children: readonly ColumnDescription[];
}

export interface RowGroupDescription {
  readonly rows: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  /** Where its first byte is in the file; undefined without columns. */
  readonly offset: number | undefined;
  readonly ordinal: number | undefined;
  /** In the order of the schema's leaves. */
  readonly columns: readonly ColumnChunkDescription[];
}

export interface ColumnChunkDescription {
  /** `price`, `address.street`. */
  readonly path: string;
  readonly codec: string;
  /** Of pages, dictionary and levels. */
  readonly encodings: readonly string[];
  /** NULLs included. */
  readonly values: number;
  readonly nulls: number | undefined;
  /** As text; cut off where the exact flag is false. Undefined where the file does not say. */
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly minExact: boolean | undefined;
  readonly maxExact: boolean | undefined;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly offset: number;
  readonly hasDictionary: boolean;
  /** Data pages; undefined without an offset index. */
  readonly pages: number | undefined;
  readonly hasColumnIndex: boolean;
  readonly hasBloomFilter: boolean;
}

/** Describes a Parquet file from its footer and page indexes. Errors: NOT_FOUND, or FILE for what is not a whole Parquet file. */
export async function inspect(path: string): Promise<FileDescription> {
  const source = await openFile(path);
  try {
    return await describe(source);
  } finally {
    await source.close();
  }
}

/** A leaf of the schema; its path is joined once, not for each of its column chunks. */
interface Leaf {
  readonly node: SchemaNode;
  readonly path: string;
}

async function describe(source: ByteSource): Promise<FileDescription> {
  const footer = await readFooter(source);
  const schema = parseSchema(footer.schema, source.name);
  const others: ThriftStruct = { fields: footer.others };
  const rowGroups: RowGroupDescription[] = [];
  const leaves = schema.leaves.map((node): Leaf => ({ node, path: node.path.join('.') }));
  for (const range of footer.rowGroups) rowGroups.push(await describeRowGroup(source, footer.bytes, range, leaves));
  return {
    path: source.name,
    bytes: source.size,
    footerBytes: footer.bytes.length,
    rows: footer.numRows,
    version: footer.version,
    createdBy: textField(others, F.createdBy),
    keyValueMetadata: (listField<ThriftStruct>(others, F.keyValueMetadata, T.STRUCT) ?? []).map((pair) => ({
      key: textField(pair, 1) ?? '',
      value: textField(pair, 2) ?? '',
    })),
    schema: schema.root.children.map(describeColumn),
    rowGroups,
  };
}

function describeColumn(node: SchemaNode): ColumnDescription {
  return {
    name: node.name,
    repetition: node.repetition,
    type: node.typeLength === undefined ? node.type : `${node.type}(${node.typeLength})`,
    logicalType: node.annotation,
    fieldId: node.fieldId,
    children: node.children.map(describeColumn),
  };
}

async function describeRowGroup(
  source: ByteSource,
  footer: Uint8Array,
  range: Range,
  leaves: readonly Leaf[],
): Promise<RowGroupDescription> {
  const reader = (): CompactReader => new CompactReader(footer, source.name, range.offset, range.offset + range.length);
  const { rows, chunks } = locateRowGroup(reader(), source.name);
  if (chunks.length !== leaves.length)
    throw damaged(source.name, `a row group has ${counted(chunks.length, 'column chunk')}, the schema ${counted(leaves.length, 'column')}`);
  const group = reader().struct();
  const offsetIndexes = await readRanges(
    source,
    chunks.map((chunk) => chunk.offsetIndex),
  );
  const structs = listField<ThriftStruct>(group, R.columns, T.STRUCT) ?? [];
  const columns = structs.map((chunk, i) =>
    describeChunk(
      structField(chunk, C.metaData) ?? { fields: [] },
      leaves[i] as Leaf,
      chunks[i] as ChunkPlace,
      offsetIndexes[i],
      source.name,
    ),
  );
  return {
    rows,
    uncompressedBytes: longField(group, R.totalByteSize) ?? 0,
    compressedBytes: longField(group, R.totalCompressedSize) ?? columns.reduce((sum, column) => sum + column.compressedBytes, 0),
    offset: columns.length === 0 ? undefined : columns.reduce((first, column) => Math.min(first, column.offset), Number.MAX_SAFE_INTEGER),
    ordinal: intField(group, R.ordinal),
    columns,
  };
}

function describeChunk(
  metaData: ThriftStruct,
  { node, path }: Leaf,
  place: ChunkPlace,
  offsetIndex: Uint8Array | undefined,
  name: string,
): ColumnChunkDescription {
  const statistics = structField(metaData, M.statistics) ?? { fields: [] };
  const bound = (id: number, deprecated: number): string | undefined => {
    const bytes = bytesField(statistics, id) ?? bytesField(statistics, deprecated);
    return bytes === undefined ? undefined : valueText(node, bytes);
  };
  return {
    path,
    codec: codecName(intField(metaData, M.codec) ?? -1),
    encodings: (listField<number>(metaData, M.encodings, T.I32) ?? []).map(encodingName),
    values: longField(metaData, M.numValues) ?? 0,
    nulls: longField(statistics, S.nullCount),
    min: bound(S.minValue, S.min),
    max: bound(S.maxValue, S.max),
    minExact: boolField(statistics, S.isMinValueExact),
    maxExact: boolField(statistics, S.isMaxValueExact),
    uncompressedBytes: longField(metaData, M.totalUncompressedSize) ?? 0,
    compressedBytes: longField(metaData, M.totalCompressedSize) ?? 0,
    offset: place.pages.offset,
    hasDictionary: (longField(metaData, M.dictionaryPageOffset) ?? 0) > 0,
    pages: offsetIndex === undefined ? undefined : countPages(offsetIndex, name),
    hasColumnIndex: place.columnIndex !== undefined,
    hasBloomFilter: place.bloomFilterOffset !== undefined,
  };
}

function countPages(offsetIndex: Uint8Array, name: string): number {
  return listField(new CompactReader(offsetIndex, name).struct(), OffsetIndexField.pageLocations, T.STRUCT)?.length ?? 0;
}
