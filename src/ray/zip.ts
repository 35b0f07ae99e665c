import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Relative, with slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

/** 1980-01-01 00:00, the format's zero: the same files give the same bytes. */
const DOS_DATE = (1 << 5) | 1;
const MADE_BY_UNIX = 3 << 8;
const VERSION = 20;
const UTF8_NAMES = 1 << 11;
const DEFLATE = 8;

/** A zip archive of deflated files, entries in the order given. APPNOTE.TXT sections 4.3.7 to 4.3.16; no zip64. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = deflateRawSync(entry.bytes, { level: 9 });
    const common = fields(entry, name, data);
    const local = Buffer.concat([word32(0x04034b50), common, word16(0), name]);
    // The mode is in the upper half of the external attributes; 0100000 is a regular file.
    const mode = (0o100000 | (entry.executable ? 0o755 : 0o644)) * 2 ** 16;
    directory.push(
      Buffer.concat([
        word32(0x02014b50),
        word16(MADE_BY_UNIX | VERSION),
        common,
        word16(0),
        word16(0),
        word16(0),
        word16(0),
        word32(mode),
        word32(offset),
        name,
      ]),
    );
    parts.push(local, data);
    offset += local.length + data.length;
  }
  const list = Buffer.concat(directory);
  const count = word16(entries.length);
  parts.push(list, word32(0x06054b50), word16(0), word16(0), count, count, word32(list.length), word32(offset), word16(0));
  return Buffer.concat(parts);
}

/** From "version needed" to the length of the name, the same in both headers. */
function fields({ bytes }: ZipEntry, name: Buffer, data: Buffer): Buffer {
  const head = [word16(VERSION), word16(UTF8_NAMES), word16(DEFLATE), word16(0), word16(DOS_DATE)];
  return Buffer.concat([...head, word32(crc32(bytes)), word32(data.length), word32(bytes.length), word16(name.length)]);
}

function word16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function word32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
