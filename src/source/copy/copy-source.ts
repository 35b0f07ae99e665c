import type { WorkerPlan } from '../../plan/plan.js';
import type { TaskPiece } from '../../plan/split.js';
import type { Shortage } from '../../postgres/gather.js';
import type { Session } from '../../postgres/session.js';
import type { Connection, LocatedRow, Source } from '../source.js';
import { CopyConnection } from './copy-connection.js';
import { locateRow } from './locate.js';
import type { Locks } from './locks.js';
import type { ReadingSessions } from './reading-sessions.js';
import { serverWarnings } from './server-warnings.js';
import { TextError, textError } from './text-error.js';
import { userSqlFault } from './user-sql-fault.js';

/** Rows as the server sends them: `COPY ... TO STDOUT (FORMAT binary)` by ctid ranges. */
export class CopySource implements Source {
  readonly #plan: WorkerPlan;
  readonly #locks: Locks;
  readonly #sessions: ReadingSessions;
  #open: readonly Session[] = [];

  constructor(sessions: ReadingSessions, plan: WorkerPlan, locks: Locks) {
    this.#sessions = sessions;
    this.#plan = plan;
    this.#locks = locks;
  }

  get most(): number {
    return this.#sessions.most;
  }

  get shortage(): Shortage | undefined {
    return this.#sessions.shortage;
  }

  async open(): Promise<readonly Connection[]> {
    return this.#read(await this.#sessions.begin());
  }

  async replace(): Promise<readonly Connection[]> {
    return this.#read(await this.#sessions.replace());
  }

  async locate(piece: TaskPiece, row: number, column?: string): Promise<LocatedRow> {
    return this.#sessions.lookUp((session) => locateRow(session, piece, row, column));
  }

  async explain(error: unknown): Promise<unknown> {
    if (error instanceof TextError) return textError(error, this.#plan.columns, (look) => this.#sessions.lookUp(look));
    return userSqlFault(error, this.#plan.request, this.#plan);
  }

  takeNotes(): string[] {
    return serverWarnings(this.#open);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  destroy(): void {
    this.#sessions.destroy();
  }

  #read(sessions: readonly Session[]): Connection[] {
    this.#open = sessions;
    return sessions.map((session) => new CopyConnection(session, !this.#locks.complete));
  }
}
