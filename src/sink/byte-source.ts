import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';

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

/** A file that somebody has opened, and closes. */
export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

export function checkRange(source: ByteSource, offset: number, length: number): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > source.size)
    throw damaged(source.name, `it points at ${counted(length, 'byte')} from ${count(offset)}, but has ${count(source.size)}`);
}

export function damaged(name: string, what: string): GpuParserError {
  return new GpuParserError('FILE', `${name} is damaged: ${what}.`, {
    hint: 'Copy or write the file again; gpuparser writes a file under its final name only when it is complete.',
  });
}
