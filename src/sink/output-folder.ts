import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GpuParserError } from '../errors.js';
import { AtomicFile, outputError } from './local/atomic-file.js';
import { entryOf, formerEntry, readManifest } from './manifest.js';

/** Makes the folder with its parents and proves that a file can be made in it. */
export async function prepareFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  try {
    await makeFolder(path);
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
  } catch (cause) {
    throw outputError(path, cause);
  }
  const probe = await AtomicFile.create(path, join(path, `.gpuparser.${process.pid}.probe`));
  await probe.abandon();
}

/** Node's own way never ends below a folder that is there and takes no other, as automounters' and /proc are. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(dirname(path))) return unlessThere(error as NodeJS.ErrnoException);
    await makeFolder(dirname(path));
    await mkdir(path).catch(unlessThere);
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** The folder as every worker finds it. */
export function absoluteFolder(folder: string): string {
  try {
    return resolve(folder);
  } catch (cause) {
    throw new GpuParserError('OUTPUT', `Cannot write ${folder}: the current folder has been removed.`, {
      hint: 'Change into another folder, or give --output as an absolute path.',
      cause,
    });
  }
}

/** Refuses a folder that holds this table's files of another run, unless they may be replaced, and another table's of the same names. */
export async function refuseEarlierRun(folder: string, stem: string, table: string, overwrite: boolean): Promise<void> {
  const manifest = await readManifest(folder);
  const former = formerEntry(manifest, stem, table);
  const entry = entryOf(manifest, stem) ?? former?.entry;
  const chunks = [...(await chunkFiles(folder, stem)), ...(former ? await chunkFiles(folder, former.stem) : [])];
  const files = chunks.length === 1 ? `1 file (${chunks[0]})` : `${chunks.length} files (${stem}_chunk_*.parquet)`;
  if (entry !== undefined && entry.table !== table && chunks.length > 0) {
    throw new GpuParserError(
      'OUTPUT',
      `${resolve(folder)} holds ${files} of ${entry.table}, and those of ${table} would have the same names.`,
      {
        hint: 'Choose another folder with --output, or remove those files first.',
      },
    );
  }
  if (overwrite || (entry === undefined && chunks.length === 0)) return;
  const what = chunks.length === 0 ? 'the manifest entry' : files;
  throw new GpuParserError('OUTPUT', `${resolve(folder)} holds ${what} of an earlier export.`, {
    hint: 'Replace them with --overwrite, or choose another folder with --output.',
  });
}

/** Removes what killed attempts left behind. */
export async function removeTemporaryFiles(folder: string, stem: string): Promise<void> {
  await removeFiles(folder, await temporaryFiles(folder, stem));
}

/** Files that are not there are no error. */
export async function removeFiles(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, file);
    await rm(path, { force: true }).catch((cause) => {
      throw outputError(path, cause);
    });
  }
}

/** Names of the table's chunks in the folder. */
export function chunkFiles(folder: string, stem: string): Promise<string[]> {
  return matching(folder, `${stem}_chunk_`, /^\d+\.parquet$/);
}

function temporaryFiles(folder: string, stem: string): Promise<string[]> {
  return matching(folder, `.${stem}_chunk_`, /^\d+\.parquet\.\d+\.tmp$/);
}

async function matching(folder: string, prefix: string, rest: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw outputError(folder, cause);
  });
  return names.filter((name) => name.startsWith(prefix) && rest.test(name.slice(prefix.length))).sort();
}
