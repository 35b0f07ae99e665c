import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { outputError } from './local/atomic-file.js';
import { entryOf, formerEntry, type ManifestEntry, readManifest, updateManifest } from './manifest.js';
import { chunkFiles, removeFiles, removeTemporaryFiles } from './output-folder.js';

/**
 * What an export with --overwrite replaces: the table's files of an earlier run. They stay until the first new file is there, so that an
 * export that fails before loses nothing. Their manifest entry goes at once, because a manifest never speaks of files that others
 * may have replaced.
 */
export class EarlierRun {
  readonly #folder: string;
  readonly #stem: string;
  readonly #entry: ManifestEntry | undefined;
  /** The stem that an earlier version gave the table's files, where there are such. */
  readonly #former: string | undefined;
  /** The files, and by which inode they are known from new ones of their names. */
  readonly #files: ReadonlyMap<string, bigint>;
  #replacing: Promise<void> | undefined;

  private constructor(
    folder: string,
    stem: string,
    entry: ManifestEntry | undefined,
    former: string | undefined,
    files: ReadonlyMap<string, bigint>,
  ) {
    this.#folder = folder;
    this.#stem = stem;
    this.#entry = entry;
    this.#former = former;
    this.#files = files;
  }

  /**
   * Takes the manifest entry out, and what killed attempts left behind. What an earlier version named otherwise is replaced too; its
   * entry stays until then, for nobody writes files of its names, and it alone says whose they are to a run after one that is killed.
   */
  static async setAside(folder: string, stem: string, table: string): Promise<EarlierRun> {
    const manifest = await readManifest(folder);
    const former = formerEntry(manifest, stem, table)?.stem;
    await updateManifest(folder, stem, undefined);
    const files = new Map<string, bigint>();
    for (const one of former === undefined ? [stem] : [stem, former]) {
      await removeTemporaryFiles(folder, one);
      for (const name of await chunkFiles(folder, one)) {
        const inode = await inodeOf(join(folder, name));
        if (inode !== undefined) files.set(name, inode);
      }
    }
    return new EarlierRun(folder, stem, entryOf(manifest, stem), former, files);
  }

  /** Call for every new file: with the first, those that none of the names `planned` will replace go. Waited for by `end`. */
  replace(planned: () => readonly string[]): void {
    if (this.#replacing) return;
    const names = new Set(planned());
    this.#replacing = removeFiles(
      this.#folder,
      [...this.#files.keys()].filter((name) => !names.has(name)),
    );
    this.#replacing.catch(() => undefined);
  }

  /**
   * Call when no worker writes any more. With new files no old one stays; without any, all is as it was before.
   * @returns the earlier files that are still there.
   */
  async end(newFiles: boolean): Promise<readonly string[]> {
    await this.#replacing;
    const kept: string[] = [];
    for (const [name, inode] of this.#files) if ((await inodeOf(join(this.#folder, name))) === inode) kept.push(name);
    if (newFiles || kept.length < this.#files.size) {
      await removeFiles(this.#folder, kept);
      if (this.#former !== undefined) await updateManifest(this.#folder, this.#former, undefined);
      return [];
    }
    if (this.#entry !== undefined) await updateManifest(this.#folder, this.#stem, this.#entry);
    return kept;
  }
}

/** Undefined where nothing of that name is. */
async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) throw outputError(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
    return found.ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
