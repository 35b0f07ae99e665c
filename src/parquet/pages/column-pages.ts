import { crc32 } from 'node:zlib';
import { count, counted } from '../../counted.js';
import { codecName, encodingName } from '../format.js';
import type { SchemaNode } from '../schema.js';
import { PageError, readHybrid } from './hybrid.js';
import { type PageHeader, readPageHeader } from './page.js';
import { ValueBlock } from './value-block.js';

/** Decompresses a page; throws or gives another length when the bytes are damaged. */
export type Decompress = (compressed: Uint8Array, uncompressedBytes: number) => Uint8Array;

export interface ColumnChunk {
  readonly column: SchemaNode;
  /** Its pages, dictionary first. */
  readonly bytes: Uint8Array;
  readonly codec: number;
  /** Values, NULLs included, that all pages together may hold at most. */
  readonly values: number;
  /** Uncompressed bytes that no page may exceed; writers differ in what they count for the sum. */
  readonly uncompressedBytes: number;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** A decoded data page. */
export interface DataPage {
  /** Position of its header in the chunk, and of its end. */
  readonly from: number;
  readonly to: number;
  /** Levels and values, NULLs included. */
  readonly count: number;
  /** Undefined where every value is there. */
  readonly definitions: Uint8Array | undefined;
  /** Undefined where nothing repeats. */
  readonly repetitions: Uint8Array | undefined;
  /** Values that are not NULL. */
  readonly present: number;
  /** The values, or, with `indices`, the dictionary they point into. */
  readonly values: ValueBlock;
  readonly indices: Uint32Array | undefined;
  readonly uncompressedBytes: number;
  readonly checked: boolean;
}

const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

/**
 * Decodes a column chunk page by page, and trusts none of its bytes: what readers skip over is an error here. Knows what our
 * engines write: V1 pages in every encoding but BIT_PACKED.
 * @throws PageError with the page's place in front of what is wrong
 */
export function* columnPages(chunk: ColumnChunk, decompress: Decompress | undefined, name: string): Generator<DataPage> {
  let dictionary: ValueBlock | undefined;
  let left = chunk.values;
  let number = 0;
  for (let at = 0; at < chunk.bytes.length; ) {
    let page: DataPage | undefined;
    try {
      const header = readPageHeader(chunk.bytes, at, name);
      if (header.uncompressedBytes > chunk.uncompressedBytes) throw new PageError('it is larger than its column chunk says');
      const from = at;
      at += header.headerBytes + header.compressedBytes;
      const body = pageBody(chunk, header, from, decompress);
      if (header.type === 'dictionary') {
        if (dictionary !== undefined || number > 0) throw new PageError('a dictionary stands behind other pages');
        dictionary = ValueBlock.plain(chunk.column, body, 0, header.values);
        continue;
      }
      if (header.type !== 'data') throw new PageError(`it is a page of type "${header.type}", which this version does not read`);
      if (header.values > left) throw new PageError('it holds more values than its column chunk says');
      left -= header.values;
      page = { ...decodePage(chunk, header, body, dictionary), from, to: at };
    } catch (error) {
      throw new PageError(`page ${number}: ${(error as Error).message.replace(/\.$/, '')}`, { cause: error });
    }
    yield page;
    number++;
  }
  if (left > 0) throw new PageError(`its pages hold ${counted(chunk.values - left, 'value')}, its footer says ${count(chunk.values)}`);
}

function pageBody({ bytes, codec }: ColumnChunk, header: PageHeader, at: number, decompress: Decompress | undefined): Uint8Array {
  const from = at + header.headerBytes;
  const compressed = bytes.subarray(from, from + header.compressedBytes);
  if (header.crc !== undefined && crc32(compressed) !== header.crc) throw new PageError('its bytes do not have its CRC');
  if (codec === 0) {
    if (header.compressedBytes !== header.uncompressedBytes) throw new PageError('it is not compressed, but has two sizes');
    return compressed;
  }
  if (decompress === undefined) throw new PageError(`${codecName(codec)} is a codec that this version does not read`);
  let body: Uint8Array;
  try {
    body = decompress(compressed, header.uncompressedBytes);
  } catch (error) {
    throw new PageError(`it cannot be decompressed (${codecName(codec)}: ${(error as Error).message})`, { cause: error });
  }
  if (body.length !== header.uncompressedBytes)
    throw new PageError(`it decompresses to ${counted(body.length, 'byte')}, its header says ${count(header.uncompressedBytes)}`);
  return body;
}

function decodePage(
  chunk: ColumnChunk,
  header: PageHeader,
  body: Uint8Array,
  dictionary: ValueBlock | undefined,
): Omit<DataPage, 'from' | 'to'> {
  const { column, maxDefinition, maxRepetition } = chunk;
  const count = header.values;
  let at = 0;
  const levels = (most: number, encoding: number | undefined): Uint8Array | undefined => {
    if (most === 0) return undefined;
    if (encoding !== RLE) throw new PageError(`its levels are in the encoding ${encodingName(encoding ?? -1)}`);
    const length = body.length - at < 4 ? -1 : new DataView(body.buffer, body.byteOffset + at, 4).getUint32(0, true);
    if (length < 0 || length > body.length - at - 4) throw new PageError('its levels are longer than the page');
    const out = new Uint8Array(count);
    readHybrid(body, at + 4, at + 4 + length, 32 - Math.clz32(most), most + 1, out);
    at += 4 + length;
    return out;
  };
  const repetitions = levels(maxRepetition, header.repetitionEncoding);
  const definitions = levels(maxDefinition, header.definitionEncoding);
  let present = count;
  if (definitions !== undefined) for (let i = 0; i < count; i++) if (definitions[i] !== maxDefinition) present--;
  const common = {
    count,
    definitions: present === count && maxRepetition === 0 ? undefined : definitions,
    repetitions,
    present,
    uncompressedBytes: header.uncompressedBytes,
    checked: header.crc !== undefined,
  };
  const direct = (values: ValueBlock) => ({ ...common, values, indices: undefined });
  switch (header.encoding) {
    case PLAIN:
      return direct(ValueBlock.plain(column, body, at, present));
    case DELTA_BINARY_PACKED:
      if (column.type === 'INT32' || column.type === 'INT64') return direct(ValueBlock.delta(column, body, at, present));
      break;
    case DELTA_LENGTH_BYTE_ARRAY:
      if (column.type === 'BYTE_ARRAY') return direct(ValueBlock.deltaLengths(body, at, present));
      break;
    case DELTA_BYTE_ARRAY:
      if (column.type === 'BYTE_ARRAY') return direct(ValueBlock.frontCoded(body, at, present));
      break;
    case BYTE_STREAM_SPLIT:
      if (column.type !== 'BYTE_ARRAY' && column.type !== 'BOOLEAN') return direct(ValueBlock.split(column, body, at, present));
      break;
    case PLAIN_DICTIONARY:
    case RLE_DICTIONARY: {
      if (dictionary === undefined) throw new PageError('it needs a dictionary, and there is none');
      const indices = new Uint32Array(present);
      if (present > 0) {
        const width = body[at++] ?? 33;
        if (width > 32) throw new PageError(`its numbers would have ${width} bits`);
        readHybrid(body, at, body.length, width, dictionary.count, indices);
      }
      return { ...common, values: dictionary, indices };
    }
    case RLE: {
      if (column.type !== 'BOOLEAN') break;
      const out = new Uint8Array(present);
      if (body.length - at < 4) throw new PageError('it ends before its first value');
      readHybrid(body, at + 4, body.length, 1, 2, out);
      return direct(ValueBlock.ofBooleans(out));
    }
  }
  throw new PageError(`its values are in the encoding ${encodingName(header.encoding)}, which this version does not read`);
}
