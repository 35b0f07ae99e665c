import type { Tid } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';

/** The COPY that reads a piece. Rows of a piece come in ctid order, or relation by relation where the scan reads several. */
export function copyStatement(piece: TaskPiece): string {
  const { scan } = piece;
  const limit = scan.limit === undefined ? '' : `\nLIMIT ${scan.limit}`;
  return `COPY (${scan.select}${whereClause(piece)}${limit}\n) TO STDOUT (FORMAT binary)`;
}

/**
 * ` WHERE ...` for a piece, or nothing. The user's condition ends in a newline, so that no comment in it hides what follows. A piece
 * from the very start has its bound too: without one the server may read an index alone, in the order of that.
 */
export function whereClause({ scan, from, to }: TaskPiece): string {
  const conditions: string[] = [];
  if (scan.where !== undefined) conditions.push(`(${scan.where}\n)`);
  if (from !== undefined) conditions.push(`ctid >= ${tidLiteral(from)}`);
  if (to !== undefined) conditions.push(`ctid < ${tidLiteral(to)}`);
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function tidLiteral({ page, line }: Tid): string {
  return `'(${page},${line})'::tid`;
}
