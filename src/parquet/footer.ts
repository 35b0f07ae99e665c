import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { ByteSource } from '../sink/byte-source.js';
import { damaged } from '../sink/byte-source.js';
import { FileMetaDataField as F } from './format.js';
import type { Range } from './source.js';
import { CompactReader } from './thrift/reader.js';
import { type ThriftField, type ThriftStruct, ThriftType } from './thrift/types.js';

/** A file's FileMetaData; its row groups stay bytes. */
export interface Footer {
  /** The Thrift bytes. */
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly numRows: number;
  /** The SchemaElements, and their bytes with the list's header. */
  readonly schema: readonly ThriftStruct[];
  readonly schemaBytes: Uint8Array;
  /** Where in bytes each RowGroup struct begins, stop byte included in its length. */
  readonly rowGroups: readonly Range[];
  /** Every other field: key-value metadata, created_by, column_orders and what this version does not know. */
  readonly others: readonly ThriftField[];
}

const magicPlain = 0x31524150; // PAR1, little-endian
const magicEncrypted = 0x45524150; // PARE

/** Reads a file's footer. Errors: FILE for anything that is not a whole, unencrypted Parquet file. */
export async function readFooter(source: ByteSource): Promise<Footer> {
  if (source.size === 0)
    throw new GpuParserError('FILE', `${source.name} is empty, so it is not a Parquet file.`, {
      hint: 'Check how it was written or copied.',
    });
  const head = source.size >= 4 ? word(await source.read(0, 4), 0) : 0;
  const tail = source.size >= 12 ? await source.read(source.size - 8, 8) : undefined;
  const last = tail === undefined ? 0 : word(tail, 4);
  if (head === magicEncrypted || last === magicEncrypted) throw encryptedFile(source.name, 'its footer is encrypted');
  if (head !== magicPlain)
    throw new GpuParserError('FILE', `${source.name} is not a Parquet file: it does not begin with PAR1.`, {
      hint: 'Name a Parquet file; other formats are not read.',
    });
  if (tail === undefined || last !== magicPlain)
    throw new GpuParserError('FILE', `${source.name} is a cut-off Parquet file: it begins but does not end with PAR1.`, {
      hint: 'It was not written or copied completely: write or copy it again.',
    });
  const length = word(tail, 0);
  if (length > source.size - 12)
    throw damaged(source.name, `its footer would be ${counted(length, 'byte')} long, the file has ${count(source.size)}`);
  return parseFooter(await source.read(source.size - 8 - length, length), source.name);
}

export function encryptedFile(name: string, how: string): GpuParserError {
  return new GpuParserError('FILE', `${name} is an encrypted Parquet file: ${how}.`, {
    hint: 'Decrypt it with the tool that holds its keys first.',
  });
}

export function parseFooter(bytes: Uint8Array, name: string): Footer {
  const reader = new CompactReader(bytes, name);
  const others: ThriftField[] = [];
  const rowGroups: Range[] = [];
  let schema: readonly ThriftStruct[] | undefined;
  let schemaBytes = new Uint8Array(0);
  let version = 0;
  let numRows: number | undefined;
  let id = 0;
  for (let header = reader.fieldHeader(0); header !== 0; header = reader.fieldHeader(id)) {
    const type = header & 0x0f;
    id = (header - type) / 16;
    if (id === F.version && type === ThriftType.I32) version = reader.int(32);
    else if (id === F.numRows && type === ThriftType.I64) numRows = reader.int(53);
    else if (id === F.schema && type === ThriftType.LIST) {
      const from = reader.position;
      const list = reader.list(1);
      if (list.elementType !== ThriftType.STRUCT) reader.fail('its schema is not a list of elements');
      schema = list.values as readonly ThriftStruct[];
      schemaBytes = new Uint8Array(bytes.subarray(from, reader.position));
    } else if (id === F.rowGroups && type === ThriftType.LIST) {
      const { type: elementType, count } = reader.listHeader();
      if (count > 0 && elementType !== ThriftType.STRUCT) reader.fail('its row groups are not structs');
      for (let i = 0; i < count; i++) {
        const offset = reader.position;
        reader.skip(ThriftType.STRUCT, 2);
        rowGroups.push({ offset, length: reader.position - offset });
      }
    } else if (id === F.encryptionAlgorithm) throw encryptedFile(name, 'its columns are');
    else if (type === ThriftType.BOOL || type === ThriftType.FALSE)
      others.push({ id, type: ThriftType.BOOL, value: type === ThriftType.BOOL });
    else others.push({ id, type, value: reader.value(type, 1) });
  }
  if (schema === undefined || schema.length === 0) throw damaged(name, 'its footer has no schema');
  if (numRows === undefined || numRows < 0) throw damaged(name, 'its footer has no row count');
  return { bytes, version, numRows, schema, schemaBytes, rowGroups, others };
}

function word(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}
