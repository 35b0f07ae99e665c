import { GpuParserError } from '../../errors.js';
import { describedColumn, shellWord } from '../../plan/column-words.js';
import { sourceName } from '../../plan/nodes.js';
import type { ColumnPlan } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import { locateUnsendable, type Unsendable } from './locate-text.js';

/** A COPY that ended because the server could not convert a text to UTF-8, and the piece it was reading. */
export class TextError extends Error {
  constructor(
    override readonly cause: GpuParserError,
    readonly piece: TaskPiece,
  ) {
    super(cause.message);
  }

  /** The error itself where it is of another kind. */
  static of(error: unknown, piece: TaskPiece): unknown {
    // character_not_in_repertoire and untranslatable_character
    const matches = error instanceof GpuParserError && (error.sqlState === '22021' || error.sqlState === '22P05');
    return matches ? new TextError(error, piece) : error;
  }
}

/** Looks on a session of its own, under the snapshot. */
type LookAgain = <Result>(look: (session: Session) => Promise<Result>) => Promise<Result>;

/** The error for people: the server says which bytes it could not convert, and a second look finds the row. */
export async function textError(error: TextError, columns: readonly ColumnPlan[], lookAgain: LookAgain): Promise<GpuParserError> {
  const { cause, piece } = error;
  const { sqlState } = cause;
  const found = await lookAgain((session) => locateUnsendable(session, piece, columns)).catch(() => undefined);
  const column = found && (columns[found.column] as ColumnPlan);
  const where = [piece.scan.relation, column && describedColumn(column), found?.row];
  const what = found === undefined ? `the server could not send a text: ${cause.message.replace(/\.$/, '')}` : saysWhat(found, sqlState);
  const own = column && `${shellWord(sourceName(column))}=binary`;
  // In other encodings there are no wrong bytes to replace, but characters that UTF-8 lacks.
  const choices = sqlState === '22021' ? '--invalid-utf8 replace or --invalid-utf8 binary' : '--invalid-utf8 binary';
  const hint = `Use ${choices}${own === undefined ? '' : ` (for this column alone: --invalid-utf8 ${own})`}.`;
  return new GpuParserError('VALUE', `${where.filter(Boolean).join(', ')}: ${what}.`, { hint, sqlState, cause });
}

function saysWhat({ value }: Unsendable, sqlState: string | undefined): string {
  return sqlState === '22021' ? `"${value}" is not UTF-8` : `"${value}" has a character without an equivalent in UTF-8`;
}
