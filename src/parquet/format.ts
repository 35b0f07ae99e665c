// Field numbers and names of Parquet's metadata (parquet-format's parquet.thrift, 2.12).

export const FileMetaDataField = {
  version: 1,
  schema: 2,
  numRows: 3,
  rowGroups: 4,
  keyValueMetadata: 5,
  createdBy: 6,
  columnOrders: 7,
  encryptionAlgorithm: 8,
} as const;

export const SchemaElementField = {
  type: 1,
  typeLength: 2,
  repetition: 3,
  name: 4,
  numChildren: 5,
  convertedType: 6,
  scale: 7,
  precision: 8,
  fieldId: 9,
  logicalType: 10,
} as const;

export const RowGroupField = {
  columns: 1,
  totalByteSize: 2,
  numRows: 3,
  sortingColumns: 4,
  fileOffset: 5,
  totalCompressedSize: 6,
  ordinal: 7,
} as const;

export const ColumnChunkField = {
  filePath: 1,
  fileOffset: 2,
  metaData: 3,
  offsetIndexOffset: 4,
  offsetIndexLength: 5,
  columnIndexOffset: 6,
  columnIndexLength: 7,
  cryptoMetadata: 8,
  encryptedMetadata: 9,
} as const;

export const ColumnMetaDataField = {
  type: 1,
  encodings: 2,
  path: 3,
  codec: 4,
  numValues: 5,
  totalUncompressedSize: 6,
  totalCompressedSize: 7,
  dataPageOffset: 9,
  indexPageOffset: 10,
  dictionaryPageOffset: 11,
  statistics: 12,
  bloomFilterOffset: 14,
  bloomFilterLength: 15,
  sizeStatistics: 16,
} as const;

export const SizeStatisticsField = { repetitionLevelHistogram: 2, definitionLevelHistogram: 3 } as const;
export const ColumnIndexField = { repetitionLevelHistograms: 6, definitionLevelHistograms: 7 } as const;

export const StatisticsField = {
  max: 1,
  min: 2,
  nullCount: 3,
  maxValue: 5,
  minValue: 6,
  isMaxValueExact: 7,
  isMinValueExact: 8,
} as const;

export const SortingColumnField = { columnIndex: 1, descending: 2, nullsFirst: 3 } as const;

export const OffsetIndexField = { pageLocations: 1 } as const;
export const PageLocationField = { offset: 1, compressedPageSize: 2, firstRowIndex: 3 } as const;

export const physicalTypes = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'] as const;
export type PhysicalType = (typeof physicalTypes)[number];

export const repetitions = ['required', 'optional', 'repeated'] as const;
export type Repetition = (typeof repetitions)[number];

const encodings = [
  'PLAIN',
  undefined,
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
];
const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];

export const encodingName = (code: number): string => encodings[code] ?? `encoding ${code}`;
export const codecName = (code: number): string => codecs[code] ?? `codec ${code}`;

/** PAR1: the first and last bytes of a file. */
export const magic = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
