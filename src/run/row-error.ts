import type { EngineError } from '../engine/status.js';
import { GpuParserError } from '../errors.js';
import { type FlatNode, flatNodes } from '../plan/nodes.js';
import type { ColumnPlan, Kind } from '../plan/plan.js';
import type { TaskPiece } from '../plan/split.js';
import type { Session } from '../postgres/session.js';
import { type LocatedRow, locateRow, shorten } from '../source/copy/locate.js';
import { locateUnsendable, type Unsendable } from '../source/copy/locate-text.js';
import type { BatchError, RowOrigin } from './batch-feeder.js';
import type { WorkerPlan } from './protocol.js';

/** The error of a batch as the reader wants it: which table, column and row, which value, which flag. */
export async function rowError(error: BatchError, plan: WorkerPlan, openSession: () => Promise<Session>): Promise<GpuParserError> {
  const { cause, origin } = error;
  const at = flatNodes(plan.columns)[cause.column];
  const column = at?.column;
  const inside = at !== undefined && at.node !== column;
  const row = origin && (await locate(origin, openSession, column?.children && column.name));
  const where = [
    origin?.piece.scan.relation ?? plan.table,
    column && described(column),
    inside && `value ${at.path} (${at.node.postgresType})`,
    row?.place,
    row?.value !== undefined && `in ${row.value}`,
  ];
  // The engine names a value and leaves it to its caller to say what is wrong with an infinite one.
  const infinite = at && cause.reason === 'infinity' && TIMES.has(at.node.kind);
  const what = infinite ? `${cause.message} has no place in ${at.node.parquetType}` : cause.message;
  return new GpuParserError(cause.code, `${where.filter(Boolean).join(', ')}: ${what}.`, { hint: hintFor(cause, at), cause });
}

/** A COPY that ended because the server could not convert a text to UTF-8, and the piece it was reading. */
export class TextError extends Error {
  constructor(
    override readonly cause: GpuParserError,
    readonly piece: TaskPiece,
  ) {
    super(cause.message);
  }

  /** The error itself where it is of another kind. */
  static of(error: unknown, piece: TaskPiece | undefined): unknown {
    // character_not_in_repertoire and untranslatable_character
    const matches = error instanceof GpuParserError && (error.sqlState === '22021' || error.sqlState === '22P05');
    return matches && piece !== undefined ? new TextError(error, piece) : error;
  }
}

/** The same for a text that the server could not convert: it says which bytes, and a second look finds the row. */
export async function textError(error: TextError, plan: WorkerPlan, openSession: () => Promise<Session>): Promise<GpuParserError> {
  const { cause, piece } = error;
  const { sqlState } = cause;
  const found = await lookAgain(openSession, (session) => locateUnsendable(session, piece, plan.columns)).catch(() => undefined);
  const column = found && (plan.columns[found.column] as ColumnPlan);
  const where = [piece.scan.relation, column && described(column), found?.row];
  const what = found === undefined ? `the server could not send a text: ${cause.message.replace(/\.$/, '')}` : saysWhat(found, sqlState);
  const own = column && `${shellWord(column.name)}=binary`;
  // In other encodings there are no wrong bytes to replace, but characters that UTF-8 lacks.
  const choices = sqlState === '22021' ? '--invalid-utf8 replace or --invalid-utf8 binary' : '--invalid-utf8 binary';
  const hint = `Use ${choices}${own === undefined ? '' : ` (for this column alone: --invalid-utf8 ${own})`}.`;
  return new GpuParserError('VALUE', `${where.filter(Boolean).join(', ')}: ${what}.`, { hint, sqlState, cause });
}

function saysWhat({ value }: Unsendable, sqlState: string | undefined): string {
  return sqlState === '22021' ? `"${value}" is not UTF-8` : `"${value}" has a character without an equivalent in UTF-8`;
}

/** The row's ctid and key, and what it holds in a column; its place in the stream where it cannot be looked up again. */
async function locate(origin: RowOrigin, openSession: () => Promise<Session>, column: string | undefined): Promise<LocatedRow> {
  try {
    return await lookAgain(openSession, (session) => locateRow(session, origin.piece, origin.row, column));
  } catch {
    return { place: `row ${origin.row + 1} of what was read` };
  }
}

async function lookAgain<Result>(openSession: () => Promise<Session>, look: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await openSession();
  try {
    return await look(session);
  } finally {
    await session.close();
  }
}

function described({ name, postgresType }: ColumnPlan): string {
  return `column "${name}" (${postgresType})`;
}

const TIMES = new Set<Kind>(['date', 'timestamp', 'timestamptz', 'time', 'interval']);

function hintFor({ reason, number }: EngineError, at: FlatNode | undefined): string | undefined {
  if (at === undefined) return undefined;
  const { column, node } = at;
  const { kind } = node;
  const { name } = column;
  const own = (flag: string, word: string) => `(for this column alone: ${flag} ${shellWord(name)}=${word})`;
  if (reason === 'dimensions' || reason === 'lower_bound') {
    // No list has a lower bound.
    const nested = reason === 'dimensions' && column.policies.arrays !== 'nested';
    const declaring = nested ? `, or --arrays nested where the column is declared with ${number} dimensions` : '';
    return `Use --arrays text ${own('--arrays', 'text')}${declaring}.`;
  }
  if (reason === 'nan') return `Use --nan null ${own('--nan', 'null')} to export NaN as NULL.`;
  if (reason === 'infinity' || reason === 'range') return `Use --infinity null or --infinity saturate ${own('--infinity', 'null')}.`;
  if ((kind === 'decimal' || kind === 'numeric_double') && column.policies.type === undefined)
    return `Use --numeric string ${own('--numeric', 'string')} to export such values exactly as text.`;
  if (reason === 'utf8' && node === column)
    return `Use --invalid-utf8 replace or --invalid-utf8 binary ${own('--invalid-utf8', 'binary')}.`;
  return `Export the column as text with --type ${shellWord(name)}=text, or leave it out with --columns.`;
}

/** A column's name as one word of a shell's command line, before `=`. */
function shellWord(name: string): string {
  if (/^[\w.]+$/.test(name)) return name;
  const quoted = name.includes('"') ? `"${name.replaceAll('"', '""')}"` : name;
  return `'${shorten(quoted).replaceAll("'", "'\\''")}'`;
}
