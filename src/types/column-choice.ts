import { GpuParserError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { ExportOptions } from '../options.js';
import type { CatalogColumn } from '../postgres/catalog-columns.js';
import { POLICIES, type PolicyName } from './policies.js';
import type { PolicyTable } from './policy-table.js';

/**
 * Every column that a policy or --type names must be exported.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for a column that is left out.
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
    throw leftOut(flag, name);
  }
}

/** An option speaks of a column that others leave out. */
export function leftOut(flag: string, name: string): GpuParserError {
  return new GpuParserError('USAGE', `${flag} names column "${name}", which is left out of the export.`, {
    hint: `Export it (--columns, --exclude-columns), or leave ${flag} out.`,
  });
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

/** Which columns an export is to have; see ExportOptions. */
export type ColumnChoice = Pick<ExportOptions, 'columns' | 'excludeColumns'>;

/**
 * The columns to export, in the order asked for.
 * @throws GpuParserError NOT_FOUND for an unknown name, USAGE for one given twice and where none is left.
 */
export function chooseColumns(
  available: readonly CatalogColumn[],
  { columns, excludeColumns }: ColumnChoice,
  table: string,
): readonly CatalogColumn[] {
  const chosen = columns === undefined ? available : named(available, columns, table);
  if (excludeColumns === undefined) return chosen;
  for (const name of excludeColumns) {
    if (!available.some((column) => column.name === name)) throw unknownColumn(name, available, table, '--exclude-columns');
    if (columns?.includes(name))
      throw new GpuParserError('USAGE', `--columns and --exclude-columns both name "${name}".`, { hint: 'Leave it out of one of them.' });
  }
  const left = chosen.filter(({ name }) => !excludeColumns.includes(name));
  if (left.length === 0 && chosen.length > 0)
    throw new GpuParserError('USAGE', `--exclude-columns leaves no column of ${table}.`, { hint: 'Name fewer columns.' });
  return left;
}

function named(available: readonly CatalogColumn[], names: readonly string[], table: string): readonly CatalogColumn[] {
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
