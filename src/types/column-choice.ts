import { GpuParserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { POLICIES, type PolicyName } from './policies.js';
import type { PolicyTable } from './policy-table.js';

/**
 * Every column that a policy or --type names must be exported.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for a column that --columns leaves out.
 */
export function requireExported(
  { columns }: PolicyTable,
  available: readonly CatalogColumn[],
  chosen: readonly CatalogColumn[],
  table: string,
): void {
  for (const [name, wishes] of columns) {
    if (chosen.some((column) => column.name === name)) continue;
    const [wish] = Object.keys(wishes) as (PolicyName | 'type')[];
    const flag = wish === undefined || wish === 'type' ? '--type' : POLICIES[wish].flag;
    if (!available.some((column) => column.name === name)) throw unknownColumn(name, available, table, flag);
    throw new GpuParserError('USAGE', `${flag} names column "${name}", which --columns leaves out.`, {
      hint: `Add it, or leave ${flag} out.`,
    });
  }
}

export function unknownColumn(name: string, available: readonly { readonly name: string }[], table: string, flag?: string): GpuParserError {
  const known = available.map((column) => column.name);
  const close = nearest(name, known);
  return new GpuParserError('NOT_FOUND', `${table} has no column "${name}"${flag === undefined ? '' : `, which ${flag} names`}.`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.map((word) => `"${word}"`).join(' or ')}?`
        : 'Column names are taken as the catalogue has them, letter case included.',
  });
}

/**
 * The columns to export, in the order asked for.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for one given twice.
 */
export function chooseColumns(
  available: readonly CatalogColumn[],
  names: readonly string[] | undefined,
  table: string,
): readonly CatalogColumn[] {
  if (names === undefined) return available;
  const byName = new Map(available.map((column) => [column.name, column]));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new GpuParserError('USAGE', `Column "${repeated}" is named more than once.`, { hint: 'A Parquet file holds a column once.' });
  }
  return names.map((name) => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    throw unknownColumn(name, available, table);
  });
}

/** A query's columns must have different names: a Parquet file finds them by name. */
export function requireDistinctNames(columns: readonly CatalogColumn[]): void {
  const names = columns.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new GpuParserError('USAGE', `The query returns two columns named "${repeated}".`, { hint: 'Give each a name of its own with AS.' });
}
