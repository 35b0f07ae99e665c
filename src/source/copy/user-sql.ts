import { GpuParserError } from '../../errors.js';
import type { Session, StatementDescription } from '../../postgres/session.js';

/** Statements that COPY takes and that only read. What a SELECT itself may do is the read-only transaction's to refuse. */
const QUERY_START = /^(select|values|table|with)\b/i;

/** A query as it may stand in parentheses: without surrounding space and a closing semicolon. */
export function bareQuery(sql: string): string {
  return sql
    .trim()
    .replace(/(?:;\s*)+$/, '')
    .trimEnd();
}

/** True when the statement begins, behind comments and opening parentheses, as a query does. */
export function startsAsQuery(sql: string): boolean {
  return QUERY_START.test(sql.slice(skipPrelude(sql)));
}

/** Position behind white space, comments (PostgreSQL's nest) and opening parentheses. */
function skipPrelude(sql: string): number {
  let at = 0;
  for (;;) {
    if (/[\s(]/.test(sql.charAt(at)) && at < sql.length) at++;
    else if (sql.startsWith('--', at)) at = sql.indexOf('\n', at) < 0 ? sql.length : sql.indexOf('\n', at) + 1;
    else if (sql.startsWith('/*', at)) at = skipBlockComment(sql, at);
    else return at;
  }
}

function skipBlockComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) [depth, at] = [depth + 1, at + 1];
    else if (sql.startsWith('*/', at)) [depth, at] = [depth - 1, at + 1];
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

/**
 * Proves that a query is one statement of its own, which balances every parenthesis and closes every quote and comment, so
 * that nothing of it reaches beyond the parentheses it is then put in.
 * @returns its columns.
 */
export async function proveQuery(session: Session, sql: string): Promise<StatementDescription> {
  if (!startsAsQuery(sql)) {
    throw new GpuParserError('USAGE', '--query takes a SELECT, VALUES, TABLE or WITH statement.', { hint: 'gpuparser only reads.' });
  }
  const description = await describe(session, sql, '--query');
  await describe(session, `SELECT * FROM (${sql}\n) AS "query"`, '--query');
  return description;
}

/**
 * Proves that a condition is one expression over the relation. Standing bare behind WHERE it must be valid, which balances its
 * parentheses (`true) OR (true` is not); standing in parentheses it must be valid too, which refuses clauses that follow a
 * condition (`true ORDER BY 1`, `true UNION SELECT ...`).
 */
export async function proveCondition(session: Session, from: string, condition: string): Promise<void> {
  if (condition.trim() === '') throw new GpuParserError('USAGE', '--where is empty.', { hint: 'Leave it out to export all rows.' });
  await describe(session, `SELECT FROM ${from} WHERE ${condition}\n`, '--where');
  await describe(session, `SELECT FROM ${from} WHERE (${condition}\n)`, '--where');
}

/** Whether a condition that was proved over one relation is valid over another too. Inside a transaction, which goes on either way. */
export async function isValidOver(session: Session, from: string, condition: string): Promise<boolean> {
  await session.query('SAVEPOINT condition');
  try {
    await describe(session, `SELECT FROM ${from} WHERE (${condition}\n)`, '--where');
    await session.query('RELEASE SAVEPOINT condition');
    return true;
  } catch (error) {
    if (!GpuParserError.from(error).sqlState?.startsWith('42')) throw error;
    await session.query('ROLLBACK TO SAVEPOINT condition');
    return false;
  }
}

async function describe(session: Session, sql: string, flag: string): Promise<StatementDescription> {
  // A zero byte ends a statement on the wire: the server would judge one text and COPY carry another.
  if (sql.includes('\0')) throw new GpuParserError('USAGE', `${flag} holds a zero byte.`);
  let description: StatementDescription;
  try {
    description = await session.describe(sql);
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    // Class 42 is "syntax error or access rule violation"; 22, 0A, 54 and 3F are what parsing constants, features, sizes and names reports.
    if (!/^(42|22|0A|54|3F)/.test(error.sqlState ?? '') || error.sqlState === '42501') throw error;
    throw new GpuParserError('USAGE', `The server does not accept ${flag}: ${error.message}`, {
      hint:
        error.hint ?? (flag === '--where' ? 'It must be one SQL expression over the columns of the table.' : 'It must be one SQL query.'),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.sqlState === undefined ? {} : { sqlState: error.sqlState }),
      cause: error,
    });
  }
  if (description.parameters > 0) {
    throw new GpuParserError('USAGE', `${flag} holds a parameter such as $1, for which there is no value.`, {
      hint: 'Write the value itself.',
    });
  }
  return description;
}
