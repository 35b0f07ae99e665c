import type { Plan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';

/** Stable functions and words whose values are other ones in the next transaction. */
const CLOCK = [
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
];

/**
 * What a view's or a query's plan calls that gives other values at each reading: volatile functions and the clock. Found by name in
 * the text of EXPLAIN, which has every view below put in its place.
 */
export async function varyingCalls(session: Session, { source, chunks }: Plan): Promise<string[]> {
  const select = chunks[0]?.scans[0]?.select;
  if (select === undefined || (source !== 'view' && source !== 'query')) return [];
  const lines = await session.query<Record<string, string>>(`EXPLAIN (VERBOSE, COSTS OFF) ${select}`);
  const text = lines.map((line) => Object.values(line)[0]).join('\n');
  const words = [...text.matchAll(/\b([a-z_]\w*)\(|\b(CURRENT_(?:DATE|TIME|TIMESTAMP)|LOCALTIME(?:STAMP)?)\b/g)];
  const names = [...new Set(words.map(([, name, word]) => name ?? (word as string).toLowerCase()))];
  const rows = await session.query<{ name: string }>(
    `SELECT DISTINCT p.proname::text AS name FROM pg_catalog.pg_proc p WHERE p.provolatile = 'v' AND p.proname <> 'set_config' AND p.proname = ANY ($1::name[])`,
    [names],
  );
  return [...rows.map(({ name }) => name), ...names.filter((name) => CLOCK.includes(name))];
}
