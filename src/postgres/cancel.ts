import type { Session } from './session.js';

/**
 * Cancels what another backend of the same role runs, by way of `session`.
 * @returns whether there was such a backend to signal.
 */
export async function cancelBackend(session: Session, pid: number): Promise<boolean> {
  const [row] = await session.query<{ sent: boolean }>('SELECT pg_catalog.pg_cancel_backend($1::int4) AS sent', [pid]);
  return row?.sent ?? false;
}
