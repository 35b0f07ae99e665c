import { type FileHandle, open } from 'node:fs/promises';

/** One file's bytes, in order, one write at a time. Errors are the file system's own. */
export interface FileWriter {
  /** Takes all bytes before it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** After the last write: everything is on the disk. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Writes through the page cache. */
export class PlainWriter implements FileWriter {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async create(path: string): Promise<PlainWriter> {
    return new PlainWriter(await open(path, 'w'));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
  }

  async finish(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
