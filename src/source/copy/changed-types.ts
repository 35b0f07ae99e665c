import { GpuParserError } from '../../errors.js';
import { flatNodes } from '../../plan/nodes.js';
import type { ColumnPlan } from '../../plan/plan.js';
import type { Session } from '../../postgres/session.js';

/**
 * A composite type in the columns that somebody has changed since the plan was made. Readers hold no lock on types, and no snapshot
 * covers them: rows read after an ALTER TYPE have its members, which would be taken by their places for those of the plan.
 * @param session its transaction is ended: inside one it would not hear of the change
 */
export async function changedType(session: Session, columns: readonly ColumnPlan[]): Promise<string | undefined> {
  const structs = flatNodes(columns).flatMap(({ node }) => (node.kind === 'struct' ? [node] : []));
  if (structs.length > 0) await session.query('ROLLBACK');
  const seen = new Set<string>();
  for (const { postgresType, children = [] } of structs) {
    if (seen.has(postgresType)) continue;
    seen.add(postgresType);
    const members = await membersOf(session, postgresType);
    if (members?.length !== children.length || children.some(({ name }, i) => name !== members[i])) return postgresType;
  }
  return undefined;
}

/** Undefined where the type is no longer there. */
async function membersOf(session: Session, type: string): Promise<string[] | undefined> {
  try {
    const { columns } = await session.describe(`SELECT (NULL::${type}).*`);
    return columns.map(({ name }) => name);
  } catch (error) {
    if (['42704', '3F000'].includes(GpuParserError.from(error).sqlState ?? '')) return undefined;
    throw error;
  }
}
