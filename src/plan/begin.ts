import { GpuParserError } from '../errors.js';
import type { Session } from '../postgres/session.js';

/** How long the export waits for a lock that another session holds. */
const LOCK_TIMEOUT_SECONDS = 30;

/**
 * Begins the coordinator's transaction and takes its locks before anything takes the snapshot: only then does no TRUNCATE or
 * rewriting ALTER TABLE come between the two. BEGIN, SET and LOCK take no snapshot; any SELECT would.
 * @param relations quoted names for LOCK TABLE; those the server will not lock so are locked by the first SELECT over them.
 */
export async function beginLocked(session: Session, relations: readonly string[]): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await session.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT_SECONDS}s'`);
  if (relations.length === 0) return;
  try {
    await session.query(`LOCK TABLE ${relations.join(', ')} IN ACCESS SHARE MODE`);
  } catch (thrown) {
    throw lockError(GpuParserError.from(thrown), relations);
  }
}

function lockError(error: GpuParserError, relations: readonly string[]): GpuParserError {
  if (error.sqlState !== '55P03') return error;
  return new GpuParserError('SERVER', `Another session held ${relations.join(', ')} locked for ${LOCK_TIMEOUT_SECONDS} s.`, {
    hint: 'An ALTER TABLE, TRUNCATE, VACUUM FULL or the like is running or waits its turn; try again after it.',
    sqlState: '55P03',
    retry: true,
    cause: error,
  });
}
