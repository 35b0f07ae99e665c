import { intField, structField } from '../thrift/access.js';
import { CompactReader } from '../thrift/reader.js';

const PageHeaderField = { type: 1, uncompressedSize: 2, compressedSize: 3, crc: 4, dataPage: 5, dictionaryPage: 7 } as const;
const DataPageField = { values: 1, encoding: 2, definitionEncoding: 3, repetitionEncoding: 4 } as const;
const DictionaryPageField = { values: 1, encoding: 2 } as const;
const pageTypes = ['data', 'index', 'dictionary', 'data v2'] as const;

/** What stands before a page's bytes. */
export interface PageHeader {
  readonly type: (typeof pageTypes)[number];
  /** Of the header itself. */
  readonly headerBytes: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** CRC-32 of the page's compressed bytes, where the writer gave one. */
  readonly crc: number | undefined;
  /** Values, NULLs and empty lists included. */
  readonly values: number;
  /** As Parquet's enum has them. */
  readonly encoding: number;
  readonly definitionEncoding: number | undefined;
  readonly repetitionEncoding: number | undefined;
}

/** Reads the header at `position`. Errors: FILE when it is none, or says sizes that its chunk does not have. */
export function readPageHeader(bytes: Uint8Array, position: number, name: string): PageHeader {
  const reader = new CompactReader(bytes, name, position);
  const header = reader.struct();
  const type = pageTypes[intField(header, PageHeaderField.type) ?? -1] ?? reader.fail('a page has a type that does not exist');
  const compressedBytes = intField(header, PageHeaderField.compressedSize) ?? -1;
  const uncompressedBytes = intField(header, PageHeaderField.uncompressedSize) ?? -1;
  if (compressedBytes < 0 || uncompressedBytes < 0 || compressedBytes > bytes.length - reader.position)
    reader.fail('a page is longer than its column chunk');
  const data = structField(header, PageHeaderField.dataPage);
  const own = data ?? structField(header, PageHeaderField.dictionaryPage) ?? { fields: [] };
  const crc = intField(header, PageHeaderField.crc);
  const values = intField(own, DataPageField.values) ?? -1;
  if (values < 0 && (type === 'data' || type === 'dictionary')) reader.fail('a page does not say how many values it holds');
  return {
    type,
    headerBytes: reader.position - position,
    compressedBytes,
    uncompressedBytes,
    crc: crc === undefined ? undefined : crc >>> 0,
    values,
    encoding: intField(own, data === undefined ? DictionaryPageField.encoding : DataPageField.encoding) ?? -1,
    definitionEncoding: data && intField(data, DataPageField.definitionEncoding),
    repetitionEncoding: data && intField(data, DataPageField.repetitionEncoding),
  };
}
