import type { Session } from '../postgres/session.js';
import { quoteIdentifier } from './identifier.js';
import { type TaskPiece, whereClause } from './split.js';

/**
 * Where the `row`-th row (0-based) of a piece is, for a message: `row (12,7), "id" = 42`. The session must be in the export's
 * snapshot. What is read as one stream gives the place in it.
 */
export async function locateRow(session: Session, piece: TaskPiece, row: number): Promise<string> {
  const { scan } = piece;
  const place = `row ${row + 1}`;
  if (scan.range === undefined) return place;
  // Rows of several relations come relation by relation, which ORDER BY ctid would mix.
  const order = scan.several ? '' : ' ORDER BY ctid';
  const origin = scan.several ? 'tableoid::regclass::text' : 'NULL';
  const [found] = await session.query<{ tid: string; relation: string | null }>(
    `SELECT ctid::text AS tid, ${origin} AS relation FROM ${scan.from}${whereClause(piece)}${order} OFFSET ${row} LIMIT 1`,
  );
  return found === undefined ? place : describeRow(session, piece, found.tid, found.relation);
}

/** A row of a piece for a message: `row (12,7), "id" = 42`; `relation` where the scan reads several. */
export async function describeRow(session: Session, { scan }: TaskPiece, tid: string, relation: string | null): Promise<string> {
  if (relation !== null) return `row ${tid} of ${relation}`;
  const key = await primaryKey(session, scan.relation);
  if (key.length === 0) return `row ${tid}`;
  // A text of the key may be one that the server cannot send.
  const to = "CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END";
  const fields = key.map((name) => `pg_catalog.encode(pg_catalog.convert_to(${quoteIdentifier(name)}::text, ${to}), 'hex')`);
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
     FROM pg_catalog.pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = to_regclass($1)::oid AND i.indisprimary
     ORDER BY k.place`,
    [relation],
  );
  return rows.map(({ name }) => name);
}

/** At most 40 characters of a text. */
export function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
