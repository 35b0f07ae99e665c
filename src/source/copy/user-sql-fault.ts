import { GpuParserError } from '../../errors.js';
import type { ExportRequest } from '../../export-options.js';
import type { SourceKind } from '../../origin/origin.js';
import type { Plan } from '../../plan/plan.js';

/**
 * What the server says of an expression when it computes it, folding constants or row by row: cardinality violations, data exceptions,
 * writing where only reading is allowed, and limits of a statement. Which of them it meets before the first row depends on its planner.
 */
const FAULTS = /^(21|22|54001|54011|25006|0A000)/;
/** A text that UTF-8 cannot hold: a matter of the rows (text-error.ts). */
const TEXT = new Set(['22021', '22P05']);
/** Their rows come straight from pages: nothing but the condition is computed. */
const BARE: ReadonlySet<SourceKind> = new Set<SourceKind>(['table', 'partitioned table', 'materialized view']);

/** What is read, as Plan has it. */
type Source = Pick<Plan, 'source' | 'table'>;

/** The error as one of the user's own SQL, where nothing else can have met it, and a view's with its name; others as they are. */
export function userSqlFault(
  thrown: unknown,
  { query, where }: Pick<ExportRequest, 'query' | 'where'>,
  { source, table }: Source,
): unknown {
  if (!(thrown instanceof GpuParserError) || thrown.code === 'USAGE') return thrown;
  const { sqlState = '', message, hint, detail } = thrown;
  const flag = query !== undefined ? '--query' : where !== undefined && BARE.has(source) ? '--where' : undefined;
  if (!FAULTS.test(sqlState) || TEXT.has(sqlState)) return thrown;
  if (source === 'view') {
    const { code, retry } = thrown;
    return new GpuParserError(code, `The server cannot compute the view ${table}: ${message}`, {
      hint,
      detail,
      sqlState,
      retry,
      cause: thrown,
    });
  }
  if (flag === undefined) return thrown;
  const advice =
    sqlState === '25006' ? 'gpuparser only reads.' : 'Where single rows are the reason, leave them out or guard them with CASE or NULLIF.';
  return new GpuParserError('USAGE', `The server cannot compute ${flag}: ${message}`, {
    hint: hint ?? advice,
    detail,
    sqlState,
    cause: thrown,
  });
}

/** Runs a step of planning, its errors as userSqlFault() has them. */
export async function blamingUserSql<Result>(
  request: Pick<ExportRequest, 'query' | 'where'>,
  source: Source,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw userSqlFault(error, request, source);
  }
}
