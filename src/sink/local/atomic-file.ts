import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { GpuParserError } from '../../errors.js';
import { crcText } from '../names.js';
import type { Pending } from '../store.js';
import { DirectWriter } from './direct-writer.js';
import { type FileWriter, PlainWriter } from './file-writer.js';

/**
 * A file that has its final name only when it is complete: written under `temporaryPath`, synced, then renamed.
 * Writes append; one at a time.
 */
export class AtomicFile implements Pending {
  readonly #writer: FileWriter;
  #crc = 0;

  private constructor(
    readonly path: string,
    readonly temporaryPath: string,
    writer: FileWriter,
  ) {
    this.#writer = writer;
  }

  /**
   * @param temporaryPath in the same folder as `path`; an older file of that name is replaced.
   * @param block page-aligned memory of whole pages, for writes past the page cache; the file's until commit or abandon.
   */
  static async create(path: string, temporaryPath: string, block?: Uint8Array): Promise<AtomicFile> {
    try {
      const direct = block && (await DirectWriter.create(temporaryPath, block));
      return new AtomicFile(path, temporaryPath, direct ?? (await PlainWriter.create(temporaryPath)));
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  /** The CRC-32 of all that was written, as 8 hex digits; zlib's takes 0.2 ms per MiB. */
  get crc32(): string {
    return crcText(this.#crc);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
      this.#crc = crc32(bytes, this.#crc);
    } catch (cause) {
      throw outputError(this.path, cause);
    }
  }

  /** Syncs the bytes and gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.#writer.finish();
      await this.#writer.close();
      await rename(this.temporaryPath, this.path);
      await syncFolder(dirname(this.path));
    } catch (cause) {
      throw outputError(this.path, cause);
    }
  }

  /** Removes what was written. Never throws: the error that led here matters more. */
  async abandon(): Promise<void> {
    await this.#writer.close().catch(() => undefined);
    await rm(this.temporaryPath, { force: true }).catch(() => undefined);
  }
}

/** Writes a small file whole, or leaves the old one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const file = await AtomicFile.create(path, join(dirname(path), `.${path.slice(dirname(path).length + 1)}.${process.pid}.tmp`));
  try {
    await file.write(Buffer.from(text));
    await file.commit();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'Free some space or choose another folder with --output.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or choose another folder with --output.'],
  EACCES: ['permission was denied', 'Choose a folder you may write to with --output.'],
  EPERM: ['permission was denied', 'Choose a folder you may write to with --output.'],
  ENOENT: ['its folder is not there and cannot be made', 'Choose another folder with --output.'],
  EROFS: ['the file system is read-only', 'Choose another folder with --output.'],
  ENOTDIR: ['a part of its path is a file, not a folder', 'Choose another folder with --output.'],
  EEXIST: ['a file of that name is in the way', 'Choose another folder with --output.'],
  EISDIR: ['a folder of that name is in the way', 'Choose another folder with --output.'],
  ERR_FS_EISDIR: ['a folder of that name is in the way', 'Choose another folder with --output.'],
  ENAMETOOLONG: ['its name is too long for the file system', 'Choose another folder with --output.'],
  EFBIG: ['it is larger than the system allows', 'Ask for more, smaller files with --chunks.'],
};

/** A file system error as one sentence about the output. */
export function outputError(path: string, cause: unknown): GpuParserError {
  if (cause instanceof GpuParserError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const [reason, hint] = REASONS[code] ?? [(cause as Error).message, undefined];
  return new GpuParserError('OUTPUT', `Cannot write ${path}: ${reason}.`, { hint, cause });
}
