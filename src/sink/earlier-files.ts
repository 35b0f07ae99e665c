import { GpuParserError } from '../errors.js';
import { entryOf, formerEntry, readManifest } from './manifest.js';
import { isChunkOf, isTemporaryOf } from './names.js';
import type { Store } from './store.js';

/**
 * Refuses a store that holds this table's files of another run, unless they may be replaced, and another table's of the same names.
 * @param others files of the table that have other names.
 */
export async function refuseEarlierRun(
  store: Store,
  stem: string,
  table: string,
  overwrite: boolean,
  others: readonly string[] = [],
): Promise<void> {
  const manifest = await readManifest(store);
  const former = formerEntry(manifest, stem, table);
  const entry = entryOf(manifest, stem) ?? former?.entry;
  const formerly = former ? await chunkFiles(store, former.stem) : [];
  const chunks = [...new Set([...(await chunkFiles(store, stem)), ...formerly, ...others])];
  const pattern = chunks[0]?.replace(/\d+\.parquet$/, '*.parquet');
  const files = chunks.length === 1 ? `1 file (${chunks[0]})` : `${chunks.length} files (${pattern})`;
  if (entry !== undefined && entry.table !== table && chunks.length > 0) {
    throw new GpuParserError(
      'OUTPUT',
      `${store.place} holds ${files} of ${entry.table}, and those of ${table} would have the same names.`,
      {
        hint: 'Choose another folder with --output, or remove those files first.',
      },
    );
  }
  if (overwrite || (entry === undefined && chunks.length === 0)) return;
  const what = chunks.length === 0 ? 'the manifest entry' : files;
  throw new GpuParserError('OUTPUT', `${store.place} holds ${what} of an earlier export.`, {
    hint: 'Replace them with --overwrite, or choose another folder with --output.',
  });
}

/** Removes what killed attempts left behind. */
export async function removeTemporaryFiles(store: Store, stem: string): Promise<void> {
  await store.remove((await store.list()).filter((name) => isTemporaryOf(name, stem)));
}

/** Names of the table's chunks in the store. */
export async function chunkFiles(store: Store, stem: string): Promise<string[]> {
  return (await store.list()).filter((name) => isChunkOf(name, stem)).sort();
}
