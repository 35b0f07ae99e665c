import { GpuParserError, type SerializedError } from '../errors.js';
import type { ExportRequest } from '../export-options.js';
import { formerStem } from '../file-stem.js';
import type { Origin, SnapshotInfo, SourceKind } from '../origin/origin.js';
import { MANIFEST_FILE } from './names.js';
import type { Store } from './store.js';

/** What one table's export left in the store. An entry without failures means that the table is whole. */
export interface ManifestEntry {
  readonly table: string;
  readonly finishedAt: string;
  readonly tool: string;
  readonly rows: number;
  readonly bytes: number;
  readonly snapshot: SnapshotInfo;
  /** What was asked for; absent in entries of versions that did not record it. */
  readonly request?: ExportRequest;
  readonly source?: SourceKind;
  readonly columns: readonly {
    readonly name: string;
    readonly postgresType: string;
    readonly parquetType: string;
    readonly required: boolean;
    /** What ruled it, by option: see ColumnPlan. */
    readonly policies: Readonly<Record<string, string>>;
  }[];
  /** Where the rows came from: columns with their defaults, comments and collations, keys, types. */
  readonly origin: Origin;
  /** What ruled columns that no option of their own did. */
  readonly policies: Readonly<Record<string, string>>;
  readonly chunks: readonly {
    readonly index: number;
    readonly file: string;
    readonly rows: number;
    readonly bytes: number;
    /** Of the whole file, 8 hex digits. */
    readonly crc32?: string;
    readonly device: string;
    readonly ranges: readonly string[];
  }[];
  readonly warnings: readonly string[];
  readonly failures: readonly { readonly index: number; readonly file: string; readonly error: SerializedError }[];
}

/** One entry per table, by file stem. */
export interface Manifest {
  readonly version: 1;
  readonly tables: Readonly<Record<string, ManifestEntry>>;
}

/** The store's manifest; an empty one where there is none. */
export async function readManifest(store: Store): Promise<Manifest> {
  return parse(await store.read(MANIFEST_FILE), store.pathOf(MANIFEST_FILE));
}

function parse(text: string | undefined, path: string): Manifest {
  if (text === undefined) return { version: 1, tables: {} };
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.version !== 1 || typeof manifest.tables !== 'object' || manifest.tables === null)
      throw new Error('not a version 1 manifest');
    return manifest;
  } catch (cause) {
    throw new GpuParserError('OUTPUT', `${path} is not a manifest this version can read: ${(cause as Error).message}.`, {
      hint: 'Move it away or choose another folder with --output.',
      cause,
    });
  }
}

/** A table's entry; its stem may be any name, `constructor` too. */
export function entryOf({ tables }: Manifest, stem: string): ManifestEntry | undefined {
  return Object.hasOwn(tables, stem) ? tables[stem] : undefined;
}

/** The table's entry by the stem that earlier versions gave it, where that was another. */
export function formerEntry(manifest: Manifest, stem: string, table: string): { stem: string; entry: ManifestEntry } | undefined {
  const former = formerStem(stem);
  const entry = former === stem ? undefined : entryOf(manifest, former);
  return entry?.table === table ? { stem: former, entry } : undefined;
}

/** Sets or, with undefined, removes one table's entry; the others stay as they are, also those that other exports write now. */
export async function updateManifest(store: Store, stem: string, entry: ManifestEntry | undefined): Promise<void> {
  await store.change(MANIFEST_FILE, (text) => {
    const { tables } = parse(text, store.pathOf(MANIFEST_FILE));
    if (entry === undefined && !Object.hasOwn(tables, stem)) return undefined;
    const { [stem]: _, ...others } = tables;
    const changed: Manifest = { version: 1, tables: entry === undefined ? others : { ...others, [stem]: entry } };
    return `${JSON.stringify(changed, null, 2)}\n`;
  });
}
