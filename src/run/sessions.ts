import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { connect } from '../postgres/connect.js';
import type { Session } from '../postgres/session.js';
import { beginRead } from '../postgres/snapshot.js';

/** A worker's connections: opened while the plan is made, put under its snapshot, and replaced after a failure. */
export class Sessions {
  readonly #config: ConnectionConfig;
  readonly #count: number;
  #connecting: Promise<Session>[] = [];
  #snapshot: { readonly snapshotId: string; readonly rowSecurity: boolean } | undefined;

  constructor(config: ConnectionConfig, count: number) {
    this.#config = config;
    this.#count = count;
  }

  /** Begins to connect, without waiting. */
  connect(): void {
    this.#connecting = Array.from({ length: this.#count }, async () => (await connect(this.#config)).session);
    for (const session of this.#connecting) session.catch(() => undefined);
  }

  /** All connections, inside the snapshot. Fails when one of them cannot be had. */
  async begin(snapshot: { readonly snapshotId: string; readonly rowSecurity: boolean }): Promise<Session[]> {
    this.#snapshot = snapshot;
    const sessions = await Promise.all(this.#connecting);
    await Promise.all(sessions.map((session) => beginRead(session, snapshot)));
    return sessions;
  }

  /** New connections in place of those that a failure left in an unknown state. */
  async replace(): Promise<Session[]> {
    if (this.#snapshot === undefined) throw new GpuParserError('INTERNAL', 'Connections were replaced before there was a plan.');
    this.destroy();
    this.connect();
    return this.begin(this.#snapshot);
  }

  /** One more connection inside the snapshot. */
  async openOne(): Promise<Session> {
    const { session } = await connect(this.#config);
    if (this.#snapshot) await beginRead(session, this.#snapshot);
    return session;
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
