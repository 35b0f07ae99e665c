import type { ConnectionConfig } from '../../config/connection.js';
import type { WorkerPlan } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Session } from '../../postgres/session.js';
import type { Connection, LocatedRow, Source } from '../source.js';
import { CopyConnection } from './copy-connection.js';
import { locateRow } from './locate.js';
import type { Locks } from './locks.js';
import { serverWarnings } from './server-warnings.js';
import { Sessions } from './sessions.js';
import { TextError, textError } from './text-error.js';
import { userSqlFault } from './user-sql-fault.js';

/** Rows as the server sends them: `COPY ... TO STDOUT (FORMAT binary)` by ctid ranges. */
export class CopySource implements Source {
  readonly #plan: WorkerPlan;
  readonly #lockChunks: boolean;
  readonly #sessions: Sessions;
  #open: readonly Session[] = [];

  /** Begins to connect. */
  constructor(config: ConnectionConfig, connections: number, plan: WorkerPlan, locks: Locks) {
    this.#plan = plan;
    this.#lockChunks = !locks.complete;
    this.#sessions = new Sessions(config, connections, { snapshotId: plan.snapshot.id, rowSecurity: plan.writer.rowSecurity, locks });
    this.#sessions.connect();
  }

  async open(): Promise<readonly Connection[]> {
    this.#open = await this.#sessions.begin();
    return this.#open.map((session) => new CopyConnection(session, this.#lockChunks));
  }

  async replace(): Promise<readonly Connection[]> {
    this.#sessions.destroy();
    this.#sessions.connect();
    return this.open();
  }

  async locate(piece: TaskPiece, row: number, column?: string): Promise<LocatedRow> {
    return this.#lookAgain((session) => locateRow(session, piece, row, column));
  }

  async explain(error: unknown): Promise<unknown> {
    if (error instanceof TextError) return textError(error, this.#plan.columns, (look) => this.#lookAgain(look));
    return userSqlFault(error, this.#plan.request, this.#plan.source);
  }

  takeNotes(): string[] {
    return [...serverWarnings(this.#open), ...this.#sessions.takeNotes()];
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  destroy(): void {
    this.#sessions.destroy();
  }

  async #lookAgain<Result>(look: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await this.#sessions.openOne();
    try {
      return await look(session);
    } finally {
      await session.close();
    }
  }
}
