import { constants } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileWriter } from './file-writer.js';

/** Direct writes go by the disk's blocks, of 512 bytes or 4 KiB: offset, length and memory are multiples of this. */
const ALIGNMENT = 4096;

/** Where direct writes are known to do well: ext2 to ext4, XFS, and overlays, which lie on one of them or refuse. */
const DIRECT_FILE_SYSTEMS = new Set([0xef53, 0x58465342, 0x794c7630]);

/**
 * Writes past the page cache (O_DIRECT), block by block. Copying an export into the page cache costs nearly as much processor
 * time as compressing it, pushes other programs' pages out, and only puts the disk's work off until the sync.
 */
export class DirectWriter implements FileWriter {
  readonly #path: string;
  readonly #block: Uint8Array;
  #handle: FileHandle;
  #direct = true;
  #used = 0;
  #position = 0;

  private constructor(handle: FileHandle, path: string, block: Uint8Array) {
    this.#handle = handle;
    this.#path = path;
    this.#block = block;
  }

  /**
   * @param block memory whose address and length are multiples of 4 KiB; the writer's until it is closed.
   * @returns undefined where the file system is not known to do this well.
   */
  static async create(path: string, block: Uint8Array): Promise<DirectWriter | undefined> {
    const { type } = await statfs(dirname(path));
    if (!DIRECT_FILE_SYSTEMS.has(type)) return undefined;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DIRECT;
    const handle = await open(path, flags).catch(unlessRefused);
    return handle && new DirectWriter(handle, path, block);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, this.#block.length - this.#used);
      this.#block.set(bytes.subarray(at, at + count), this.#used);
      this.#used += count;
      at += count;
      if (this.#used === this.#block.length) await this.#flush(this.#used);
    }
  }

  async finish(): Promise<void> {
    const end = this.#position + this.#used;
    const whole = Math.ceil(this.#used / ALIGNMENT) * ALIGNMENT;
    if (whole > 0) await this.#flush(whole);
    if (this.#position > end) await this.#handle.truncate(end);
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #flush(bytes: number): Promise<void> {
    for (let at = 0; at < bytes; ) at += await this.#put(at, bytes);
    this.#position += bytes;
    this.#used = 0;
  }

  /** Writes of block[from, to) what the disk takes at once; returns how much. */
  async #put(from: number, to: number): Promise<number> {
    const write = this.#handle.write(this.#block, from, to - from, this.#position + from);
    const result = await (this.#direct ? write.catch(unlessRefused) : write);
    if (result !== undefined && result.bytesWritten % ALIGNMENT === 0) return result.bytesWritten;
    // A disk whose blocks are larger than ours, or a write cut short within one: the page cache takes both.
    await this.#handle.close();
    this.#handle = await open(this.#path, 'r+');
    this.#direct = false;
    return result?.bytesWritten ?? 0;
  }
}

/** EINVAL is how file systems refuse O_DIRECT, or an alignment. */
function unlessRefused(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EINVAL') throw error;
}
