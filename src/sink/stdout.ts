import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { GpuParserError } from '../errors.js';
import type { OpenFile } from './byte-source.js';
import { outputError } from './local/atomic-file.js';
import { crcText } from './names.js';
import type { Pending, Release, Store } from './store.js';

/** What --output names it by. */
export const STDOUT = '-';
/** Where a worker process has the program's standard output; its own carries its protocol. */
export const STDOUT_FD = 3;
/** Undefined where the standard output is this process's own. */
let given: number | undefined;
const NAME = 'standard output';
/** Footer length and PAR1: without them no reader takes what came for a whole file. */
const END_BYTES = 8;

/** Standard output as a store: one file goes there, and nothing is found there. */
export class StdoutStore implements Store {
  readonly place = STDOUT;
  pathOf = (): string => NAME;
  prepare = async (): Promise<void> => undefined;
  create = async (): Promise<Pending> => new StdoutFile(given);
  open = async (): Promise<OpenFile> => {
    throw new GpuParserError('NOT_FOUND', 'Standard output cannot be read again.');
  };
  list = async (): Promise<readonly string[]> => [];
  remove = async (): Promise<void> => undefined;
  read = async (): Promise<undefined> => undefined;
  put = async (): Promise<void> => undefined;
  change = async (): Promise<void> => undefined;
  versionOf = async (): Promise<undefined> => undefined;
  lock = async (): Promise<Release> => async () => undefined;
}

/** Writes all but the last bytes, which the coordinator lets go once the whole export is right: see endStdout(). */
class StdoutFile implements Pending {
  readonly path = NAME;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #crc = 0;
  #held = Buffer.alloc(0);

  constructor(fd: number | undefined) {
    this.#write = fd === undefined ? writeOwn : writerTo(fd);
  }

  get crc32(): string {
    return crcText(this.#crc);
  }

  /** The bytes held back. */
  get end(): Uint8Array {
    return this.#held;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#crc = crc32(bytes, this.#crc);
    const kept = bytes.subarray(Math.max(0, bytes.length - END_BYTES));
    const all = Buffer.concat([this.#held, kept]);
    const passed = all.subarray(0, Math.max(0, all.length - END_BYTES));
    // Of a long piece, what was held goes first and the piece behind it.
    const parts = bytes.length > END_BYTES ? [this.#held, bytes.subarray(0, bytes.length - END_BYTES)] : [passed];
    this.#held = Buffer.from(all.subarray(passed.length));
    for (const part of parts) if (part.length > 0) await this.#write(part).catch(fail);
  }

  commit = async (): Promise<void> => undefined;
  abandon = async (): Promise<void> => undefined;
}

/** In a worker process, before anything is written. */
export function writeToGiven(): void {
  given = STDOUT_FD;
}

/** The write reports it. */
const ignore = (): void => undefined;

async function writeOwn(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore);
  await new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())));
}

/** Pipes and sockets may not block, and then take no bytes from a plain write; Node waits for them. */
function writerTo(fd: number): (bytes: Uint8Array) => Promise<void> {
  const kind = fstatSync(fd);
  if (kind.isFIFO() || kind.isSocket()) {
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on('error', ignore);
    return (bytes) => new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  }
  const some = promisify(write);
  return async (bytes) => {
    for (let at = 0; at < bytes.length; ) at += (await some(fd, bytes, at, bytes.length - at)).bytesWritten;
  };
}

/** Lets the end of the file go: in the coordinator, behind everything that may still fail. */
export async function endStdout(end: Uint8Array): Promise<void> {
  await writeOwn(end).catch(fail);
}

function fail(cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EPIPE' && code !== 'ECONNRESET') throw outputError(NAME, cause);
  throw new GpuParserError('OUTPUT', 'The program that reads standard output ended before it had the whole file.', {
    hint: 'What it has read is no whole Parquet file.',
    cause,
  });
}
