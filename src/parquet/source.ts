import { type FileHandle, open } from 'node:fs/promises';
import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import { damaged } from './thrift/types.js';

/** A Parquet file that can be read at any place. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** For messages. */
  readonly name: string;
  /** Most bytes worth reading at once; undefined where a read copies nothing. */
  readonly pieceBytes?: number;
  /**
   * Exactly length bytes from offset; an error where the source does not have them. A source that copies puts them into the
   * head of `into` where it is given.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

function checkRange(source: ByteSource, offset: number, length: number): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > source.size)
    throw damaged(source.name, `it points at ${counted(length, 'byte')} from ${count(offset)}, but has ${count(source.size)}`);
}

/** A file image in memory; reads are views of it. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(
    bytes: Uint8Array,
    readonly name: string,
  ) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }
}

/** A file on disk. close() it. */
export class FileSource implements ByteSource {
  readonly pieceBytes = 1024 * 1024;

  readonly #handle: FileHandle;

  private constructor(
    readonly name: string,
    readonly size: number,
    handle: FileHandle,
  ) {
    this.#handle = handle;
  }

  /** Errors: NOT_FOUND without such a file, FILE for a folder or an unreadable one. */
  static async open(path: string): Promise<FileSource> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stat = await handle.stat();
      if (!stat.isFile())
        throw new GpuParserError('FILE', `${path} is ${stat.isDirectory() ? 'a folder' : 'not a regular file'}, not a Parquet file.`, {
          hint: stat.isDirectory() ? `Name the files in it, such as ${path.replace(/\/+$/, '')}/*.parquet.` : 'Name a file on disk.',
        });
      return new FileSource(path, stat.size, handle);
    } catch (error) {
      await handle?.close();
      throw unreadable(path, error);
    }
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    checkRange(this, offset, length);
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
    let have = 0;
    try {
      while (have < length) {
        const { bytesRead } = await this.#handle.read(bytes, have, length - have, offset + have);
        if (bytesRead === 0) throw damaged(this.name, 'it became shorter while it was read');
        have += bytesRead;
      }
    } catch (error) {
      throw unreadable(this.name, error);
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof GpuParserError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new GpuParserError('NOT_FOUND', `There is no file ${path}.`, { hint: 'Check the path and the current folder.', cause: error });
  if (code === 'EACCES' || code === 'EPERM')
    return new GpuParserError('FILE', `${path} may not be read.`, { hint: 'Check its permissions and the current user.', cause: error });
  return new GpuParserError('FILE', `${path} cannot be read: ${message}.`, { hint: 'Check the disk it is on.', cause: error });
}

/** A range of a source and its bytes. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Reads ranges with few large reads: neighbours with gaps of up to 64 KiB come in one. Result i holds the bytes of ranges[i]. */
export async function readRanges(source: ByteSource, ranges: readonly (Range | undefined)[]): Promise<(Uint8Array | undefined)[]> {
  const result = new Array<Uint8Array | undefined>(ranges.length);
  const sorted: number[] = [];
  ranges.forEach((range, index) => {
    if (range === undefined) return;
    checkRange(source, range.offset, range.length);
    sorted.push(index);
  });
  const at = (index: number): Range => ranges[index] as Range;
  sorted.sort((a, b) => at(a).offset - at(b).offset);
  for (let first = 0; first < sorted.length; ) {
    const start = at(sorted[first] as number).offset;
    let end = start + at(sorted[first] as number).length;
    let last = first + 1;
    for (; last < sorted.length; last++) {
      const next = at(sorted[last] as number);
      if (next.offset > end + 65_536) break;
      end = Math.max(end, next.offset + next.length);
    }
    const bytes = await source.read(start, end - start);
    for (; first < last; first++) {
      const index = sorted[first] as number;
      const range = at(index);
      result[index] = bytes.subarray(range.offset - start, range.offset - start + range.length);
    }
  }
  return result;
}
