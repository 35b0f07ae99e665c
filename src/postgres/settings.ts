import type { Session } from './session.js';

/** Settings that change what COPY sends or whether it may finish, and the value every reading transaction has. */
const pinned: Readonly<Record<string, string>> = {
  // Text forms: -15 extra_float_digits turned point(0.1,0.30000000000000004)::text into (0.1,0.3).
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  quote_all_identifiers: 'off', // in names of types
  client_encoding: 'UTF8',
  // Order: a synchronized scan starts mid-table, a parallel plan gives rows as workers find them.
  synchronize_seqscans: 'off',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // Without these every stretch of a table costs a scan of all of it.
  enable_tidscan: 'on',
  // A long read is meant to be long.
  statement_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
};

/**
 * Pins the settings for the current transaction, which makes them work behind transaction poolers too. Takes a snapshot,
 * as any SELECT does, so locks come before it. Names that an older server does not know give NULL, hence no error;
 * pg_settings would say so too, but builds all its 380 rows first, in 3 ms. Here as everywhere functions are named with their schema:
 * one of the search path's with nearer types would win (CVE-2018-1058). unnest() of several arrays is the parser's own and must not be.
 * @param own settings besides, by name
 * @returns the backend's process id: a pooler reports one of its own at start-up, and each transaction may have another backend.
 */
export async function pinSettings(session: Session, rowSecurity: boolean, own: Readonly<Record<string, string>> = {}): Promise<number> {
  const settings = { ...pinned, row_security: rowSecurity ? 'on' : 'off', ...own };
  const [row] = await session.query<{ pid: number }>(
    `SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.count(pg_catalog.set_config(w.name, w.value, true))
     FROM unnest($1::text[], $2::text[]) AS w(name, value) WHERE pg_catalog.current_setting(w.name, true) IS NOT NULL`,
    [Object.keys(settings), Object.values(settings)],
  );
  return row?.pid ?? session.pid;
}
