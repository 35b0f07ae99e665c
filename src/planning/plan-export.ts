import { GpuParserError } from '../errors.js';
import { EXPORT_OPTIONS } from '../export-options.js';
import type { ExportOptions } from '../options.js';
import type { Plan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import { lookUpQuery } from '../source/copy/query-source.js';
import { lookUpTable } from '../source/copy/table-source.js';
import type { PlanContext, Planning } from '../source/look-up.js';
import { parsePolicies } from '../types/policy-table.js';
import { type LockWatch, watchingLocks } from './lock-watch.js';
import { openSnapshot } from './open-snapshot.js';
import { planTable } from './plan-table.js';

/** Look-ups that a concurrent DDL command may spoil before the export gives up. */
const ATTEMPTS = 5;

/**
 * Decides everything about an export before its first row is read. The session is left inside the transaction that holds the
 * locks and the exported snapshot, and must stay there until the last reader has ended; after an error it is in none.
 * @throws GpuParserError for what cannot be exported, in one sentence with what to do.
 */
export async function planExport(session: Session, options: ExportOptions, context: PlanContext): Promise<Plan> {
  const planning: Planning = { session, options, context, policies: parsePolicies(options) };
  const timeoutMs = options.lockTimeout ?? EXPORT_OPTIONS.lockTimeout.default;
  const watch: LockWatch = { openSession: context.watchLocks ?? context.openSession, timeoutMs, onNotice: context.onNotice };
  const what = options.table ?? 'what the query reads';
  return watchingLocks(session, what, watch, () => planLocked(planning, timeoutMs));
}

async function planLocked(planning: Planning, timeoutMs: number): Promise<Plan> {
  const { session, options } = planning;
  for (let attempt = 1; ; attempt++) {
    const lookUp = await (options.query === undefined ? lookUpTable(planning) : lookUpQuery(planning, timeoutMs));
    try {
      const plan = await planTable(planning, await openSnapshot(planning, lookUp.locks, timeoutMs), lookUp);
      if (plan !== undefined) return plan;
    } catch (error) {
      await session.query('ROLLBACK').catch(() => undefined);
      if (attempt === ATTEMPTS || !isSpoiled(error)) throw error;
      continue;
    }
    await session.query('ROLLBACK');
    if (attempt === ATTEMPTS) {
      throw new GpuParserError(
        'SERVER',
        `${lookUp.table} was rewritten or truncated ${ATTEMPTS} times while its snapshot was being taken.`,
        {
          hint: 'Try again when its rewriting is over.',
          retry: true,
        },
      );
    }
  }
}

/** What was looked up is gone: dropped, renamed or replaced before it was locked. The next look-up says what is the case. */
function isSpoiled(error: unknown): boolean {
  return error instanceof GpuParserError && (error.sqlState === '42P01' || error.sqlState === 'XX000');
}
