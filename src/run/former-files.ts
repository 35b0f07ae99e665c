import { formerStem } from '../file-stem.js';
import type { Plan } from '../plan/plan.js';
import { chunkFiles } from '../sink/earlier-files.js';
import type { Store } from '../sink/store.js';

/**
 * Files of the table's former stem that say themselves that they hold its rows: an earlier version left them, and no manifest
 * need speak of them.
 */
export async function formerFiles(store: Store, { stem, origin }: Plan): Promise<readonly string[]> {
  const former = formerStem(stem);
  const { relation } = origin;
  if (former === stem || relation === undefined) return [];
  const { originOf } = await import('../parquet/file-origin.js');
  const found: string[] = [];
  for (const file of await chunkFiles(store, former)) {
    // What is no Parquet file says nothing, so it stays.
    const theirs = (
      await store
        .open(file)
        .then(originOf)
        .catch(() => undefined)
    )?.relation;
    if (theirs?.schema === relation.schema && theirs.name === relation.name) found.push(file);
  }
  return found;
}
