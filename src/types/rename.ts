import { GpuParserError } from '../errors.js';
import type { ColumnPlan } from '../plan/plan.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { leftOut, unknownColumn } from './column-choice.js';

/** A renamed column's names, as its plan has them. */
export type FileName = Pick<ColumnPlan, 'name' | 'source'>;

/**
 * What --rename makes of columns' names, by the names that they have.
 * @throws GpuParserError NOT_FOUND for an unknown column, USAGE for one that is left out and for a new name that is not free.
 */
export function fileNames(
  renames: Readonly<Record<string, string>> = {},
  available: readonly CatalogColumn[],
  chosen: readonly CatalogColumn[],
  table: string,
): ReadonlyMap<string, FileName> {
  const taken = new Set(available.map(({ name }) => name));
  const names = new Map<string, FileName>();
  for (const [source, name] of Object.entries(renames)) {
    if (!available.some((column) => column.name === source)) throw unknownColumn(source, available, table, '--rename');
    if (!chosen.some((column) => column.name === source)) throw leftOut('--rename', source);
    if (taken.has(name)) {
      const why = available.some((column) => column.name === name) ? `${table} has a column of that name` : 'another column gets that name';
      throw new GpuParserError('USAGE', `--rename cannot make "${source}" into "${name}": ${why}.`, {
        hint: 'Choose a name that is free.',
      });
    }
    taken.add(name);
    names.set(source, { name, source });
  }
  return names;
}
