import { GpuParserError } from '../../errors.js';
import type { Relation } from '../../postgres/catalog.js';
import type { CatalogColumn } from '../../postgres/catalog-columns.js';
import type { Session } from '../../postgres/session.js';
import { explain } from './explain.js';

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

/**
 * What policies may hide from a view's owner, whose rights a view reads with: whom they bind tells the server alone, by its refusal
 * to plan the SELECT without them. The transaction goes on either way.
 */
export async function ownersPolicyWarning(session: Session, select: string): Promise<string | undefined> {
  await session.queries(['SAVEPOINT policies', 'SET LOCAL row_security = off']);
  try {
    await explain(session, select);
    return undefined;
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    if (error.sqlState !== '42501') throw error;
    return `Row-level security binds the owner of a view that is read (${error.message.replace(/\.$/, '')}): only rows the owner may see are exported.`;
  } finally {
    await session.query('ROLLBACK TO SAVEPOINT policies');
  }
}

/** What --allow-row-security may have left out, of the relations that are read. */
export function policyWarning(relations: readonly Relation[]): string | undefined {
  const hidden = relations.filter(({ rowSecurityActive }) => rowSecurityActive).map(({ display }) => display);
  return hidden.length === 0 ? undefined : `Row-level security is active on ${hidden.join(', ')}: only rows the role may see are exported.`;
}
