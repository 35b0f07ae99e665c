import type { ColumnPlan, Kind } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import { describeRow } from './locate.js';
import { whereClause } from './statements.js';

/** A text that cannot be sent as UTF-8. */
export interface Unsendable {
  /** Index into the plan's columns. */
  readonly column: number;
  /** For a message: `row (12,7), "id" = 42`. */
  readonly row: string;
  /** The value, shortened; bytes that are not UTF-8 as `\xe9`. */
  readonly value: string;
}

/** Kinds whose wire form holds no text that the server converts. */
// biome-ignore format: a list of words
const NEVER_TEXT = new Set<Kind>([
  'bool', 'int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'decimal', 'numeric_double', 'numeric_text', 'money', 'bytea', 'uuid', 'date',
  'timestamp', 'timestamptz', 'time', 'interval', 'char', 'utf8', 'geometry',
]);

const FOUND = 'gpuparser.unsendable';
/** More than a message shows. */
const SHOWN_BYTES = 200;
const SHOWN = 40;

/**
 * The first text of a piece that the server cannot convert to UTF-8, found by converting one after the other in a block that
 * catches the error; undefined where there is none. The session must be in the export's snapshot. What was found comes back
 * through a setting of the transaction, the value in hexadecimal, because it can be sent in no other way.
 */
export async function locateUnsendable(
  session: Session,
  piece: TaskPiece,
  columns: readonly ColumnPlan[],
): Promise<Unsendable | undefined> {
  const texts = columns.flatMap(({ kind, expression }, index) => (NEVER_TEXT.has(kind) ? [] : [{ index, expression }]));
  const { scan } = piece;
  const ctid = scan.range === undefined ? 'NULL' : 'ctid::text';
  const origin = scan.several && scan.range !== undefined ? 'tableoid::regclass::text' : 'NULL';
  const limit = scan.limit === undefined ? '' : `\nLIMIT ${scan.limit}`;
  const fields = texts.map(({ expression }, i) => `(${expression})::text AS c${i}`);
  const checks = texts.map((_, i) => `at := ${i}; wrong := r.c${i}; PERFORM pg_catalog.convert_to(wrong, 'UTF8');`);
  await session.query(
    dollarQuoted(`
    DECLARE r record; n bigint := 0; at int := 0; wrong text;
    BEGIN
      FOR r IN SELECT ${[`${ctid} AS row_id`, `${origin} AS of_relation`, ...fields].join(', ')} FROM ${scan.from}${whereClause(piece)}${limit}
      LOOP
        n := n + 1;
        ${checks.join('\n')}
      END LOOP;
    EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
      PERFORM pg_catalog.set_config('${FOUND}', pg_catalog.jsonb_build_array(n, r.row_id, r.of_relation, at,
        pg_catalog.encode(pg_catalog.substr(pg_catalog.convert_to(wrong, 'SQL_ASCII'), 1, ${SHOWN_BYTES}), 'hex'))::text, true);
    END`),
  );
  const [row] = await session.query<{ found: string | null }>(`SELECT pg_catalog.current_setting('${FOUND}', true) AS found`);
  if (!row?.found) return undefined;
  const [number, tid, relation, at, hex] = JSON.parse(row.found) as [number, string | null, string | null, number, string];
  const column = (texts[at] as (typeof texts)[number]).index;
  const described = tid === null ? `row ${number}` : await describeRow(session, piece, tid, relation);
  return { column, row: described, value: shownBytes(Buffer.from(hex, 'hex')) };
}

/** The body as a DO block, quoted by a word that it does not hold. */
function dollarQuoted(body: string): string {
  let tag = 'look';
  while (body.includes(`$${tag}$`)) tag += 'k';
  return `DO $${tag}$${body}$${tag}$`;
}

/** Bytes for a message: what is UTF-8 and can be printed as it is, other bytes as `\xNN`. */
export function shownBytes(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let part: string | undefined;
    try {
      part = decoder.decode(bytes.subarray(at, at + length));
    } catch {
      part = undefined;
    }
    const printable = part !== undefined && /^[^\p{Cc}\\]$/u.test(part);
    const next = printable ? (part as string) : `\\x${lead.toString(16).padStart(2, '0')}`;
    if (text.length + next.length > SHOWN) return `${text}...`;
    text += next;
    at += printable ? length : 1;
  }
  return text;
}
