import type { OpenFile } from './byte-source.js';

/** Gives a lock back. */
export type Release = () => Promise<void>;

/** Where an export's files are. Everybody else knows them by name; only a store knows what a name stands for. */
export interface Store {
  /** What opens the same store in another process: see openStore(). */
  readonly place: string;
  /** A file's name for people. */
  pathOf(name: string): string;
  /** Makes the store where it is not there yet, and proves that a file can be made in it. */
  prepare(): Promise<void>;
  /**
   * A file that has its name only when it is complete.
   * @param attempt tells temporary files of one name apart
   * @param block page-aligned memory of whole pages to write from, the file's until it is committed or abandoned
   */
  create(name: string, attempt: number, block?: Uint8Array): Promise<Pending>;
  /** Errors: NOT_FOUND without such a file, FILE for one that cannot be read. */
  open(name: string): Promise<OpenFile>;
  /** Every name in it. */
  list(): Promise<readonly string[]>;
  /** Names of no file are no error. */
  remove(names: readonly string[]): Promise<void>;
  /** A small file's text; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Writes a small file. */
  put(name: string, text: string): Promise<void>;
  /** Writes a small file from what it holds, whole, while nobody else changes it; undefined leaves it as it is. */
  change(name: string, make: (text: string | undefined) => string | undefined): Promise<void>;
  /** Tells a file from a later one of its name; undefined where there is none. */
  versionOf(name: string): Promise<string | undefined>;
  /** Keeps others out of a table's files. Errors: OUTPUT that names who holds the lock. */
  lock(stem: string): Promise<Release>;
}

/** A file that is being written. Writes append; one at a time. */
export interface Pending {
  /** For people. */
  readonly path: string;
  /** Of all that was written, as 8 hex digits. */
  readonly crc32: string;
  /** Bytes that are not written yet: the coordinator writes them when the whole export is right. */
  readonly end?: Uint8Array;
  /** Takes all bytes before it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name. */
  commit(): Promise<void>;
  /** Removes what was written. Never throws: the error that led here matters more. */
  abandon(): Promise<void>;
}
