import { GpuParserError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import { refuseEarlierRun, removeTemporaryFiles } from '../sink/earlier-files.js';
import { EarlierRun } from '../sink/earlier-run.js';
import type { Release, Store } from '../sink/store.js';
import { formerFiles } from './former-files.js';

/** One table's place in a store during its export: locked, with what an earlier run left set aside. */
export class Output {
  readonly #store: Store;
  readonly #plan: Plan;
  #unlock: Release | undefined;
  #earlier: EarlierRun | undefined;

  constructor(store: Store, plan: Plan) {
    this.#store = store;
    this.#plan = plan;
  }

  /** Takes the place. Errors: OUTPUT where another export has it, or an earlier one's files may not be replaced. */
  async take(overwrite: boolean): Promise<void> {
    const { stem, table } = this.#plan;
    await this.#store.prepare();
    this.#unlock = await this.#store.lock(stem);
    const former = await formerFiles(this.#store, this.#plan);
    await refuseEarlierRun(this.#store, stem, table, overwrite, former);
    this.#earlier = await EarlierRun.setAside(this.#store, stem, table, former);
  }

  /** Call for every new file. */
  replace(): void {
    this.#earlier?.replace(() => this.#plan.chunks.map(({ file }) => file));
  }

  /** Files that may mix rows of two forms are not left behind. */
  async refuse(changedType: string): Promise<never> {
    await this.#store.remove(this.#plan.chunks.map(({ file }) => file));
    const { table } = this.#plan;
    throw new GpuParserError(
      'SERVER',
      `Type ${changedType} was changed while rows of ${table} were read, some with other members than others.`,
      {
        hint: 'Run the export again.',
        retry: true,
      },
    );
  }

  /**
   * Call when no worker writes any more.
   * @returns the earlier files that are there as before, because no new one was written.
   */
  async clear(newFiles: boolean): Promise<readonly string[]> {
    if (this.#unlock) await removeTemporaryFiles(this.#store, this.#plan.stem);
    const earlier = this.#earlier;
    this.#earlier = undefined;
    return (await earlier?.end(newFiles)) ?? [];
  }

  /** Lets others have the place. */
  async release(): Promise<void> {
    await this.#unlock?.();
  }
}
