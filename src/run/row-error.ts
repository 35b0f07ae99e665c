import { GpuParserError } from '../errors.js';
import { quoteIdentifier } from '../plan/identifier.js';
import { locateRow } from '../plan/locate.js';
import type { ColumnPlan, Kind } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import type { BatchError, RowOrigin } from './batch-feeder.js';
import type { WorkerPlan } from './protocol.js';

/** The error of a batch as the reader wants it: which table, column and row, which value, which flag. */
export async function rowError(error: BatchError, plan: WorkerPlan, openSession: () => Promise<Session>): Promise<GpuParserError> {
  const { cause, origin } = error;
  const column = plan.columns[cause.column];
  const row = origin && (await locate(origin, openSession));
  const where = [origin?.piece.scan.relation ?? plan.table, column && `column "${column.name}" (${column.postgresType})`, row];
  // The engine names a value and leaves it to its caller to say what is wrong with an infinite one.
  const what = column && /infinity$/.test(cause.message) ? `${cause.message} has no place in ${column.parquetType}` : cause.message;
  return new GpuParserError(cause.code, `${where.filter(Boolean).join(', ')}: ${what}.`, { hint: hintFor(cause.message, column), cause });
}

/** The row's ctid and key; its place in the stream where it cannot be looked up again. */
async function locate(origin: RowOrigin, openSession: () => Promise<Session>): Promise<string> {
  try {
    const session = await openSession();
    try {
      return await locateRow(session, origin.piece, origin.row);
    } finally {
      await session.close();
    }
  } catch {
    return `row ${origin.row + 1} of what was read`;
  }
}

const TIMES = new Set<Kind>(['date', 'timestamp', 'timestamptz', 'time', 'interval']);

function hintFor(message: string, column: ColumnPlan | undefined): string | undefined {
  if (column === undefined) return undefined;
  const { kind } = column;
  if (kind === 'decimal' && message.startsWith('numeric NaN')) return 'Use --nan null to export NaN as NULL.';
  if (TIMES.has(kind) || (kind === 'decimal' && /^numeric -?Infinity/.test(message))) return 'Use --infinity null or --infinity saturate.';
  if (kind === 'decimal' || kind === 'numeric_double') return `Use --numeric string to export such values exactly as text.`;
  return `Leave the column out with --columns, or export it as text with --query '... ${quoteIdentifier(column.name)}::text ...'.`;
}
