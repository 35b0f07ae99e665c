import { GpuParserError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { exportableNames } from '../../postgres/catalog.js';
import { looksLikeSql, nameCandidates, SQL_HINT } from '../../postgres/identifier.js';
import type { Session } from '../../postgres/session.js';

/** The error for a table that is not there, with what may have been meant. */
export async function missingTable(session: Session, text: string): Promise<GpuParserError> {
  const candidates = nameCandidates(text);
  const { database, schema, name } = candidates[0] as (typeof candidates)[0];
  const [here] = await session.query<{ db: string; path: string }>(
    `SELECT pg_catalog.current_database()::text AS db, pg_catalog.array_to_string(pg_catalog.current_schemas(false), ', ') AS path`,
  );
  if (database !== undefined && database !== here?.db) {
    return new GpuParserError('NOT_FOUND', `Table ${text} is in database "${database}", but the connection is to "${here?.db}".`, {
      hint: `Connect to it with --db ${database}.`,
    });
  }
  const known = await exportableNames(session);
  const wanted = new Set(candidates.map((candidate) => candidate.name));
  const same = known.filter((relation) => wanted.has(relation.name));
  if (same.some(({ temporary }) => temporary) && schema === undefined) {
    return new GpuParserError('NOT_FOUND', `Table ${text} is a temporary table of another session, and only that session can read it.`, {
      hint: 'Copy it into an ordinary table first.',
    });
  }
  const elsewhere = same.filter(({ temporary }) => !temporary).map(({ display }) => display);
  const permanent = known.filter(({ temporary }) => !temporary);
  const spelled = schema === undefined ? permanent.filter(({ visible }) => visible) : permanent;
  const close =
    elsewhere.length > 0
      ? elsewhere.slice(0, 3)
      : nearestDisplays(schema === undefined ? name : `${schema}.${name}`, spelled, schema !== undefined);
  const place = schema === undefined ? ` in the search path (${here?.path || 'which is empty'})` : '';
  return new GpuParserError('NOT_FOUND', `There is no table ${text} in database "${here?.db}"${place}.`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.join(' or ')}?`
        : looksLikeSql(text)
          ? SQL_HINT
          : 'Check the name, its letter case and its schema, and the database given by --db.',
  });
}

function nearestDisplays(wanted: string, known: readonly { name: string; display: string }[], qualified: boolean): string[] {
  const byName = new Map(known.map((relation) => [qualified ? relation.display.replaceAll('"', '') : relation.name, relation.display]));
  return nearest(wanted, [...byName.keys()]).map((name) => byName.get(name) as string);
}
