import { chunkFiles, removeTemporaryFiles } from './earlier-files.js';
import { entryOf, formerEntry, type ManifestEntry, readManifest, updateManifest } from './manifest.js';
import type { Store } from './store.js';

/**
 * What an export with --overwrite replaces: the table's files of an earlier run. They stay until the first new file is there, so that an
 * export that fails before loses nothing. Their manifest entry goes at once, because a manifest never speaks of files that others
 * may have replaced.
 */
export class EarlierRun {
  readonly #store: Store;
  readonly #stem: string;
  readonly #entry: ManifestEntry | undefined;
  /** The stem that an earlier version gave the table's files, where there are such. */
  readonly #former: string | undefined;
  /** The files, and by which version they are known from new ones of their names. */
  readonly #files: ReadonlyMap<string, string>;
  #replacing: Promise<void> | undefined;

  private constructor(
    store: Store,
    stem: string,
    entry: ManifestEntry | undefined,
    former: string | undefined,
    files: ReadonlyMap<string, string>,
  ) {
    this.#store = store;
    this.#stem = stem;
    this.#entry = entry;
    this.#former = former;
    this.#files = files;
  }

  /**
   * Takes the manifest entry out, and what killed attempts left behind. What an earlier version named otherwise is replaced too; its
   * entry stays until then, for nobody writes files of its names, and it alone says whose they are to a run after one that is killed.
   * @param others files of the table that have other names.
   */
  static async setAside(store: Store, stem: string, table: string, others: readonly string[] = []): Promise<EarlierRun> {
    const manifest = await readManifest(store);
    const former = formerEntry(manifest, stem, table)?.stem;
    await updateManifest(store, stem, undefined);
    const names = [...others];
    for (const one of former === undefined ? [stem] : [stem, former]) {
      await removeTemporaryFiles(store, one);
      names.push(...(await chunkFiles(store, one)));
    }
    const files = new Map<string, string>();
    for (const name of names) {
      const version = await store.versionOf(name);
      if (version !== undefined) files.set(name, version);
    }
    return new EarlierRun(store, stem, entryOf(manifest, stem), former, files);
  }

  /** Call for every new file: with the first, those that none of the names `planned` will replace go. Waited for by `end`. */
  replace(planned: () => readonly string[]): void {
    if (this.#replacing) return;
    const names = new Set(planned());
    const replacing = this.#store.remove([...this.#files.keys()].filter((name) => !names.has(name)));
    replacing.catch(() => undefined);
    this.#replacing = replacing;
  }

  /**
   * Call when no worker writes any more. With new files no old one stays; without any, all is as it was before.
   * @returns the earlier files that are still there.
   */
  async end(newFiles: boolean): Promise<readonly string[]> {
    await this.#replacing;
    const kept: string[] = [];
    for (const [name, version] of this.#files) if ((await this.#store.versionOf(name)) === version) kept.push(name);
    if (newFiles || kept.length < this.#files.size) {
      await this.#store.remove(kept);
      if (this.#former !== undefined) await updateManifest(this.#store, this.#former, undefined);
      return [];
    }
    if (this.#entry !== undefined) await updateManifest(this.#store, this.#stem, this.#entry);
    return kept;
  }
}
