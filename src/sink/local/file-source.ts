import { type FileHandle, open } from 'node:fs/promises';
import { GpuParserError } from '../../errors.js';
import { checkRange, damaged, type OpenFile } from '../byte-source.js';

/** A file on disk. close() it. */
export class FileSource implements OpenFile {
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
