import { GpuParserError } from '../errors.js';
import { readersTrouble } from '../file-stem.js';
import { nearest } from '../nearest.js';
import { nameCandidates } from '../postgres/identifier.js';
import { type Manifest, type ManifestEntry, readManifest } from '../sink/manifest.js';
import { isChunkOf, isTemporaryOf, MANIFEST_FILE } from '../sink/names.js';
import { openStore } from '../sink/open-store.js';
import type { Store } from '../sink/store.js';
import type { Problem } from './report.js';

export interface Folder {
  readonly store: Store;
  /** Every name in it. */
  readonly names: readonly string[];
  readonly manifest: Manifest;
}

/** Reads a folder's manifest and its names. Errors: NOT_FOUND without folder or manifest, FILE for a manifest that is none. */
export async function openFolder(folder: string): Promise<Folder> {
  const store = openStore(folder);
  const path = store.place;
  let names: string[];
  try {
    names = [...(await store.list())].sort();
  } catch (thrown) {
    const cause = (thrown as GpuParserError).cause as NodeJS.ErrnoException;
    const { code, message } = cause;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new GpuParserError('NOT_FOUND', `There is no folder ${path}.`, {
        hint: 'Name the folder that an export wrote into (its --output).',
        cause,
      });
    throw new GpuParserError('FILE', `${path} cannot be read: ${message}.`, { hint: "Check the folder's permissions.", cause });
  }
  if (!names.includes(MANIFEST_FILE))
    throw new GpuParserError('NOT_FOUND', `${path} has no ${MANIFEST_FILE}, so nothing says what should be there.`, {
      hint: 'Name the folder that an export wrote into; an export that was cut short writes none.',
    });
  try {
    const manifest = await readManifest(store);
    for (const [stem, entry] of Object.entries(manifest.tables)) requireWhole(stem, entry);
    return { store, names, manifest };
  } catch (cause) {
    throw new GpuParserError('FILE', GpuParserError.from(cause).message, {
      hint: 'It was edited or damaged: export again with --overwrite.',
      cause,
    });
  }
}

/** Refuses an entry that lacks what every version wrote. */
function requireWhole(stem: string, entry: ManifestEntry): void {
  const { table, rows, bytes, columns, chunks, failures, snapshot, origin } = entry ?? {};
  const good =
    typeof table === 'string' &&
    [rows, bytes].every(Number.isSafeInteger) &&
    [columns, chunks, failures].every(Array.isArray) &&
    columns.every(({ name, parquetType }) => typeof name === 'string' && typeof parquetType === 'string') &&
    chunks.every(({ file, rows, bytes, index }) => typeof file === 'string' && [rows, bytes, index].every(Number.isSafeInteger)) &&
    [snapshot?.id, snapshot?.lsn, snapshot?.takenAt].every((text) => typeof text === 'string') &&
    (origin === undefined || Array.isArray(origin?.columns));
  if (!good) throw new GpuParserError('FILE', `${MANIFEST_FILE} has an entry "${stem}" that lacks what every export writes.`);
  const path = chunks.find(({ file }) => file.includes('/') || file === '..');
  if (path !== undefined) throw new GpuParserError('FILE', `${MANIFEST_FILE} names the file ${path.file}, which is not in its folder.`);
}

/** The entries to check, by stem: all, or those of one table. Errors: NOT_FOUND when there is none, with what is near. */
export function chooseEntries({ store, manifest }: Folder, table: string | undefined): [string, ManifestEntry][] {
  const entries = Object.entries(manifest.tables);
  if (table === undefined) return entries;
  for (const { schema, name } of nameCandidates(table)) {
    const found = entries.filter(([, entry]) => {
      // A query's entry has no schema.
      const [own] = nameCandidates(entry.table);
      return own?.name === name && (schema === undefined || own.schema === schema);
    });
    if (found.length > 0) return found;
  }
  const close = nearest(
    table,
    entries.map(([, entry]) => entry.table),
  );
  throw new GpuParserError('NOT_FOUND', `${store.pathOf(MANIFEST_FILE)} has no entry for ${table}.`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.join(' or ')}?`
        : `It has entries for ${entries.map(([, entry]) => entry.table).join(', ') || 'no table'}.`,
  });
}

/** Files that look like a table's chunks or what a killed run left of them, and are not in its entry. */
export function strayFiles({ names }: Folder, stem: string, entry: ManifestEntry): Problem[] {
  const known = new Set(entry.chunks.map(({ file }) => file));
  return names.flatMap((file): Problem[] => {
    if (isChunkOf(file, stem) && !known.has(file)) {
      return [
        {
          check: 'stale',
          file,
          message: `${file} is not in the manifest's entry of ${entry.table}, but readers of ${stem}_chunk_*.parquet would read it.`,
          hint: 'Remove it, or export the table again with --overwrite.',
        },
      ];
    }
    if (isTemporaryOf(file, stem))
      return [
        {
          check: 'stale',
          file,
          message: `${file} is what a run left that is not over, or was killed.`,
          hint: 'Remove it when no export is running.',
        },
      ];
    return [];
  });
}

/** Files of the entry that are there for us, and not for all who read the folder. */
export function hiddenFiles(entry: ManifestEntry): Problem[] {
  return entry.chunks.flatMap(({ file }): Problem[] => {
    const trouble = readersTrouble(file);
    if (trouble === undefined) return [];
    return [
      {
        check: 'name',
        file,
        message: `${file} is not there for every reader: ${trouble}.`,
        hint: 'Export the table again with --overwrite: names are encoded now.',
      },
    ];
  });
}

/** Parquet files that no entry can be asked about. */
export function strangers({ names, manifest }: Folder): Problem[] {
  const stems = Object.keys(manifest.tables);
  const known = new Set(Object.values(manifest.tables).flatMap(({ chunks }) => chunks.map(({ file }) => file)));
  return names
    .filter(
      (file) => file.endsWith('.parquet') && !file.startsWith('.') && !known.has(file) && !stems.some((stem) => isChunkOf(file, stem)),
    )
    .map((file) => ({
      check: 'stale',
      file,
      message: `${file} belongs to no table of the manifest, but readers of *.parquet would read it.`,
      hint: /_chunk_\d+\.parquet$/.test(file)
        ? 'An export that wrote it was cut short: export that table again with --overwrite.'
        : 'Move it to another folder.',
    }));
}
