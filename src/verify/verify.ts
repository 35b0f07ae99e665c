import type { AskPassword, ConnectionOptions } from '../options.js';
import type { Codecs } from '../parquet/pages/row-group-reader.js';
import type { ManifestEntry } from '../sink/manifest.js';
import { loadCodecs } from './codecs.js';
import { throwIfAborted } from './contents.js';
import { type Common, checkFile, type Depth } from './file.js';
import { chooseEntries, type Folder, hiddenFiles, openFolder, strangers, strayFiles } from './folder.js';
import { Problems } from './problems.js';
import type { FileVerification, TableVerification, Verification, VerifyEvent } from './report.js';
import type { Manner, ServerSide } from './server.js';

export interface VerifyOptions {
  /** Only this table's entry, in SQL syntax, or `query`. Default: all entries. */
  readonly table?: string;
  /** Read every byte: checksums, all pages, statistics and page indexes. Default false: manifest and footers. */
  readonly deep?: boolean;
  /** Compare row counts and values with this server; what it leaves out comes from the places libpq looks in. Default: no server. */
  readonly connection?: ConnectionOptions;
  /** How long the comparison waits for a lock that another session holds, in milliseconds. Default 30 s. */
  readonly lockTimeout?: number;
}

export interface VerifyHooks {
  /** Called before each file that is read. */
  readonly onFile?: (table: string, file: string) => void;
  readonly onEvent?: (event: VerifyEvent) => void;
  /** Aborting cancels the server's query and rejects with INTERRUPTED. */
  readonly signal?: AbortSignal;
  readonly askPassword?: AskPassword;
}

/**
 * Checks the folder of an export against its manifest and, where asked to, page by page and with the server. Only reads.
 * @returns what was found; that something is wrong is no error.
 * @throws GpuParserError NOT_FOUND without folder, manifest or entry, FILE for a manifest that cannot be read, CONNECT and AUTH.
 */
export async function verify(folder: string, options: VerifyOptions = {}, hooks: VerifyHooks = {}): Promise<Verification> {
  const started = performance.now();
  const opened = await openFolder(folder);
  const entries = chooseEntries(opened, options.table);
  const { signal } = hooks;
  const deep = options.deep ?? false;
  const codecs = deep || options.connection !== undefined ? await loadCodecs() : {};
  const server =
    options.connection === undefined ? undefined : await loadServer(options.connection, { ...hooks, lockTimeout: options.lockTimeout });
  const tables: TableVerification[] = [];
  try {
    for (const [stem, entry] of entries) tables.push(await checkTable({ folder: opened, deep, codecs, server, hooks }, stem, entry));
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    await server?.close();
  }
  const problems = options.table === undefined ? strangers(opened) : [];
  return {
    folder: opened.store.place,
    ok: problems.length === 0 && tables.every(({ ok }) => ok),
    deep,
    server: server !== undefined,
    seconds: (performance.now() - started) / 1000,
    tables,
    problems,
  };
}

/** Loaded for a comparison only: it brings the driver with it. */
async function loadServer(connection: ConnectionOptions, manner: Manner): Promise<ServerSide> {
  const { ServerSide } = await import('./server.js');
  return ServerSide.open(connection, manner);
}

interface Task {
  readonly folder: Folder;
  readonly deep: boolean;
  readonly codecs: Codecs;
  readonly server: ServerSide | undefined;
  readonly hooks: VerifyHooks;
}

async function checkTable({ folder, deep, codecs, server, hooks }: Task, stem: string, entry: ManifestEntry): Promise<TableVerification> {
  const { signal, onFile } = hooks;
  const depth: Depth = { codecs: deep ? codecs : undefined, signal };
  const problems = new Problems();
  checkEntry(entry, problems);
  const files: FileVerification[] = [];
  const common: Common = {};
  for (const chunk of entry.chunks) {
    throwIfAborted(signal);
    onFile?.(entry.table, chunk.file);
    files.push(await checkFile(folder.store, entry, chunk, common, depth));
  }
  const columns = server === undefined ? [] : await server.compare(folder.store, entry, codecs, problems);
  const all = [...problems.list, ...strayFiles(folder, stem, entry), ...hiddenFiles(entry)];
  return {
    table: entry.table,
    ok: all.length === 0 && files.every(({ ok }) => ok) && columns.every(({ status }) => status === 'same'),
    rows: entry.rows,
    bytes: entry.bytes,
    files,
    problems: all,
    notes:
      deep && entry.chunks.some(({ crc32 }) => crc32 === undefined)
        ? ['The manifest has no checksums of the files, for an older version wrote it: a byte that still decodes may have changed.']
        : [],
    columns,
  };
}

/** What an entry says against itself. */
function checkEntry(entry: ManifestEntry, problems: Problems): void {
  for (const { index, error } of entry.failures)
    problems.add('failures', `Chunk ${index} failed when the table was exported: ${error.message}`, {
      hint: 'Export the table again with --overwrite.',
    });
  for (const what of ['rows', 'bytes'] as const) {
    const sum = entry.chunks.reduce((total, chunk) => total + chunk[what], 0);
    if (sum !== entry[what]) problems.add('manifest', `Its chunks have ${sum} ${what} together, its entry says ${entry[what]}.`);
  }
  const wanted = new Set(entry.failures.map(({ index }) => index));
  for (const { index, file } of entry.chunks) {
    if (wanted.has(index)) problems.add('manifest', `Chunk ${index} (${file}) is listed twice.`);
    wanted.add(index);
  }
  const last = Math.max(-1, ...wanted);
  for (let index = 0; index <= last; index++) if (!wanted.has(index)) problems.add('manifest', `Chunk ${index} is not listed.`);
}
