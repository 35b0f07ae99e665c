import type { OpenFile } from './byte-source.js';
import { FileSource } from './local/file-source.js';
import { LocalStore } from './local/local-store.js';
import { STDOUT, StdoutStore } from './stdout.js';
import type { Store } from './store.js';

export { amongChunks, newFile } from './local/single-file.js';

/** The store that --output names. */
export function openStore(place: string): Store {
  return place === STDOUT ? new StdoutStore() : new LocalStore(place);
}

/** A Parquet file that the user names. Errors: NOT_FOUND without such a file, FILE for a folder or an unreadable one. */
export function openFile(path: string): Promise<OpenFile> {
  return FileSource.open(path);
}
