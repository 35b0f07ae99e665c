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
  const key = scan.several ? [] : await primaryKey(session, scan.relation);
  const fields = ['ctid::text', ...key.map((name) => `${quoteIdentifier(name)}::text`)];
  const origin = scan.several ? ['tableoid::regclass::text'] : [];
  // Rows of several relations come relation by relation, which ORDER BY ctid would mix.
  const order = scan.several ? '' : ' ORDER BY ctid';
  const [found] = await session.query<{ found: (string | null)[] }>(
    `SELECT ARRAY[${[...fields, ...origin].join(', ')}] AS found FROM ${scan.from}${whereClause(piece)}${order} OFFSET ${row} LIMIT 1`,
  );
  if (found === undefined) return place;
  const [tid, ...values] = found.found;
  const named = key.map((name, index) => `, ${quoteIdentifier(name)} = ${shorten(values[index] ?? 'NULL')}`);
  return `row ${tid}${named.join('')}${scan.several ? ` of ${values.at(-1)}` : ''}`;
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

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
