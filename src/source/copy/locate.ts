import { shorten } from '../../plan/column-words.js';
import type { TaskPiece } from '../../plan/split.js';
import { quoteIdentifier } from '../../postgres/identifier.js';
import type { Session } from '../../postgres/session.js';
import type { LocatedRow } from '../source.js';
import { whereClause } from './statements.js';

/** Characters of a value in a message. */
const SHOWN = 80;

/**
 * Where the `row`-th row (0-based) of a piece is, for a message, and what it holds in a column. The session must be in the
 * export's snapshot. What is read as one stream gives the place in it alone.
 */
export async function locateRow(session: Session, piece: TaskPiece, row: number, column?: string): Promise<LocatedRow> {
  const { scan } = piece;
  const place = { place: `row ${row + 1}` };
  if (scan.range === undefined) return place;
  // Rows of several relations come relation by relation, which ORDER BY ctid would mix.
  const order = scan.several ? '' : ' ORDER BY ctid';
  const origin = scan.several ? 'tableoid::regclass::text' : 'NULL';
  const [found] = await session.query<{ tid: string; relation: string | null }>(
    `SELECT ctid::text AS tid, ${origin} AS relation FROM ${scan.from}${whereClause(piece)}${order} OFFSET ${row} LIMIT 1`,
  );
  if (found === undefined) return place;
  const described = { place: await describeRow(session, piece, found.tid, found.relation) };
  if (column === undefined) return described;
  const [shown] = await session.query<{ value: string | null }>(
    `SELECT ${sendable(`pg_catalog.left(${quoteIdentifier(column)}::text, ${SHOWN + 1})`)} AS value
     FROM ${scan.from} WHERE ctid = $1::tid AND ($2::text IS NULL OR tableoid = $2::regclass)`,
    [found.tid, found.relation],
  );
  return shown?.value == null ? described : { ...described, value: shorten(readable(shown.value), SHOWN) };
}

/** SQL for the hexadecimal form of a text that may be one that the server cannot send. */
function sendable(text: string): string {
  const to = "CASE pg_catalog.current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END";
  return `pg_catalog.encode(pg_catalog.convert_to(${text}, ${to}), 'hex')`;
}

/** A row of a piece for a message: `row (12,7), "id" = 42`; `relation` where the scan reads several. */
export async function describeRow(session: Session, { scan }: TaskPiece, tid: string, relation: string | null): Promise<string> {
  if (relation !== null) return `row ${tid} of ${relation}`;
  const key = await primaryKey(session, scan.relation);
  if (key.length === 0) return `row ${tid}`;
  const fields = key.map((name) => sendable(`${quoteIdentifier(name)}::text`));
  const [row] = await session.query<{ values: (string | null)[] }>(
    `SELECT ARRAY[${fields.join(', ')}] AS values FROM ${scan.from} WHERE ctid = $1::tid`,
    [tid],
  );
  const named = key.map((name, i) => `${quoteIdentifier(name)} = ${shorten(readable(row?.values[i] ?? null))}`);
  return [`row ${tid}`, ...named].join(', ');
}

function readable(hex: string | null): string {
  return hex === null ? 'NULL' : Buffer.from(hex, 'hex').toString();
}

async function primaryKey(session: Session, relation: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT a.attname::text AS name
     FROM pg_catalog.pg_index i CROSS JOIN pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = pg_catalog.to_regclass($1)::oid AND i.indisprimary
     ORDER BY k.place`,
    [relation],
  );
  return rows.map(({ name }) => name);
}
