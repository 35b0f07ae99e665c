import type { ConnectionConfig } from '../../config/connection.js';
import { GpuParserError } from '../../errors.js';
import { connect } from '../../postgres/connect.js';
import { gather } from '../../postgres/gather.js';
import type { Session } from '../../postgres/session.js';
import { beginRead } from '../../postgres/snapshot.js';
import type { Locks } from './locks.js';

const LOOK_UP_LOCK_MS = 2000;
const LOCK_NOT_AVAILABLE = '55P03';

/** What every session of an export is put under. */
export interface Reading {
  readonly snapshotId: string;
  readonly rowSecurity: boolean;
  readonly locks: Locks;
}

/** A worker's connections: opened while the plan is made, put under its snapshot, and replaced after a failure. */
export class Sessions {
  readonly #config: ConnectionConfig;
  readonly #count: number;
  #connecting: Promise<Session>[] = [];
  readonly #reading: Reading;
  readonly #notes: string[] = [];

  constructor(config: ConnectionConfig, count: number, reading: Reading) {
    this.#config = config;
    this.#count = count;
    this.#reading = reading;
  }

  /** Begins to connect, without waiting. */
  connect(): void {
    this.#connecting = Array.from({ length: this.#count }, async () => (await connect(this.#config)).session);
    for (const session of this.#connecting) session.catch(() => undefined);
  }

  /** The connections that can be had, inside the snapshot, with their locks. Fails when there is none. */
  async begin(): Promise<Session[]> {
    const { sessions, note } = await gather(this.#connecting, (session) => beginReading(session, this.#reading));
    this.#connecting = sessions.map((session) => Promise.resolve(session));
    if (note !== undefined) this.#notes.push(note);
    return [...sessions];
  }

  /** One more connection inside the snapshot. */
  async openOne(): Promise<Session> {
    const { session } = await connect(this.#config);
    await beginRead(session, this.#reading);
    // Who waits for the coordinator's lock would make this wait too, for ever.
    await session.query(`SET LOCAL lock_timeout = ${LOOK_UP_LOCK_MS}`);
    return session;
  }

  /** What there was to say about the connections since the last call. */
  takeNotes(): string[] {
    return this.#notes.splice(0);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#connecting.map(async (session) => (await session).close()));
  }

  /** Cuts all connections at once. */
  destroy(): void {
    for (const session of this.#connecting) session.then((open) => open.destroy()).catch(() => undefined);
    this.#connecting = [];
  }
}

async function beginReading(session: Session, reading: Reading): Promise<void> {
  await beginRead(session, reading);
  try {
    for (const lock of reading.locks.statements) await session.query(lock);
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    if (error.sqlState !== LOCK_NOT_AVAILABLE) throw error;
    // Whoever waits for the coordinator's lock stands before this connection for as long as the coordinator stays.
    const hint = 'Another session waits to change it (TRUNCATE, ALTER or DROP TABLE, say): run the export again when that has been done.';
    throw new GpuParserError('SERVER', error.message, { hint, sqlState: LOCK_NOT_AVAILABLE, cause: error });
  }
}
