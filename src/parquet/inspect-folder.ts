import { GpuParserError, type SerializedError } from '../errors.js';
import { type Manifest, readManifest } from '../sink/manifest.js';
import { MANIFEST_FILE } from '../sink/names.js';
import { openStore } from '../sink/open-store.js';
import type { Store } from '../sink/store.js';
import { readFooter } from './footer.js';
import { parseSchema } from './schema.js';

/** What an export's folder holds, by its manifest and by the footers of its files. Sizes are bytes. */
export interface FolderDescription {
  /** Absolute. */
  readonly path: string;
  /** What the manifest says of each table; none without a manifest. */
  readonly tables: readonly TableEntry[];
  /** Every Parquet file that is there. */
  readonly files: readonly FileEntry[];
  readonly failed: readonly { readonly path: string; readonly error: SerializedError }[];
}

export interface TableEntry {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the snapshot, ISO 8601. */
  readonly takenAt: string;
  /** By the program of this name and version. */
  readonly tool: string;
  /** Names of its chunks' files. */
  readonly files: readonly string[];
  /** Those of them that are not there. */
  readonly missing: readonly string[];
  /** Chunks that its export did not finish. */
  readonly failures: number;
  readonly warnings: readonly string[];
}

export interface FileEntry {
  readonly file: string;
  readonly path: string;
  /** Absent where the manifest does not speak of it. */
  readonly table?: string;
  readonly bytes: number;
  readonly rows: number;
  readonly rowGroups: number;
  /** Top-level. */
  readonly columns: number;
}

/** Reads a folder's manifest and footers. Errors: NOT_FOUND without folder or anything to describe, FILE for a manifest that is none. */
export async function inspectFolder(folder: string): Promise<FolderDescription> {
  const store = openStore(folder);
  const names = [...(await store.list())]
    .filter((name) => /^[^.].*\.parquet$/.test(name))
    .sort(new Intl.Collator('en', { numeric: true }).compare);
  const tables = await tablesOf(store, new Set(names));
  if (names.length === 0 && tables.length === 0)
    throw new GpuParserError('NOT_FOUND', `${store.place} holds no Parquet file and no manifest.`, {
      hint: 'Name a Parquet file, or the folder that an export wrote into.',
    });
  const owners = new Map(tables.flatMap(({ table, files }) => files.map((file) => [file, table] as const)));
  const files: FileEntry[] = [];
  const failed: FolderDescription['failed'][number][] = [];
  for (const name of names) {
    try {
      files.push(await describe(store, name, owners.get(name)));
    } catch (error) {
      failed.push({ path: store.pathOf(name), error: GpuParserError.from(error).toJSON() });
    }
  }
  return { path: store.place, tables, files, failed };
}

async function tablesOf(store: Store, there: ReadonlySet<string>): Promise<TableEntry[]> {
  try {
    return entriesOf(await readManifest(store), there);
  } catch (cause) {
    throw new GpuParserError('FILE', `${store.pathOf(MANIFEST_FILE)} is not a manifest that an export wrote.`, {
      hint: 'It was edited or damaged: name the files, or export again with --overwrite.',
      cause,
    });
  }
}

function entriesOf({ tables }: Manifest, there: ReadonlySet<string>): TableEntry[] {
  return Object.values(tables).map(({ table, rows, bytes, snapshot, tool, chunks, failures, warnings }) => {
    const files = chunks.map(({ file }) => file);
    const missing = files.filter((file) => !there.has(file));
    return { table, rows, bytes, takenAt: snapshot.takenAt, tool, files, missing, failures: failures.length, warnings };
  });
}

async function describe(store: Store, file: string, table: string | undefined): Promise<FileEntry> {
  const source = await store.open(file);
  try {
    const { numRows, rowGroups, schema } = await readFooter(source);
    const columns = parseSchema(schema, source.name).root.children.length;
    const owner = table === undefined ? {} : { table };
    return { file, path: store.pathOf(file), ...owner, bytes: source.size, rows: numRows, rowGroups: rowGroups.length, columns };
  } finally {
    await source.close();
  }
}
