import { GpuParserError } from '../../errors.js';
import type { Relation } from '../../postgres/catalog.js';
import type { CatalogColumn } from '../../postgres/catalog-columns.js';

/** Refuses columns the role may not read. */
export function requireSelectable(relation: Relation, columns: readonly CatalogColumn[]): void {
  if (relation.selectable) return;
  const denied = columns.filter(({ selectable }) => !selectable).map(({ name }) => `"${name}"`);
  if (denied.length === 0 && columns.length > 0) return;
  if (denied.length === columns.length) {
    throw new GpuParserError('PERMISSION', `The role has no SELECT right on ${relation.display}.`, {
      hint: `Its owner can run: GRANT SELECT ON ${relation.display} TO ...`,
      sqlState: '42501',
    });
  }
  throw new GpuParserError(
    'PERMISSION',
    `The role has no SELECT right on ${denied.length === 1 ? 'column' : 'columns'} ${denied.join(', ')} of ${relation.display}.`,
    {
      hint: 'Name the columns it may read with --columns.',
      sqlState: '42501',
    },
  );
}

/** What --allow-row-security may have left out, of the relations that are read. */
export function policyWarning(relations: readonly Relation[]): string | undefined {
  const hidden = relations.filter(({ rowSecurityActive }) => rowSecurityActive).map(({ display }) => display);
  return hidden.length === 0 ? undefined : `Row-level security is active on ${hidden.join(', ')}: only rows the role may see are exported.`;
}
