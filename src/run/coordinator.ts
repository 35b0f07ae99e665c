import type { Session } from '../postgres/session.js';

/** The backend that holds an export's snapshot; while it lives, so does the process that started the export. */
export interface Coordinator {
  readonly pid: number;
  /** Process ids are used again; this tells them apart. */
  readonly startedAt: string;
  /** How often workers look, in milliseconds. */
  readonly pollMs: number;
}

/** Looked for this often by each worker; less often where many of them do, so that the server sees 10 to 20 looks a second at most. */
export function pollInterval(workers: number): number {
  return Math.min(50_000, Math.max(5_000, workers * 100));
}

export async function coordinatorOf(session: Session, pollMs: number): Promise<Coordinator> {
  const [row] = await session.query<{ pid: number; started: string }>(
    'SELECT pid, backend_start::text AS started FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()',
  );
  const { pid, started } = row as NonNullable<typeof row>;
  return { pid: Number(pid), startedAt: started, pollMs };
}

/** Asked on a session of the same role that is in no transaction: within one, the view stands still. */
export async function isAlive(session: Session, { pid, startedAt }: Coordinator): Promise<boolean> {
  const rows = await session.query('SELECT FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start::text = $2', [pid, startedAt]);
  return rows.length > 0;
}
