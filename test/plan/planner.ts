import assert from 'node:assert/strict';
import type { GpuParserError } from '../../src/errors.js';
import type { ExportOptions } from '../../src/options.js';
import type { Plan, ScanPlan } from '../../src/plan/plan.js';
import { splitTasks, type TaskPiece } from '../../src/plan/split.js';
import { planExport } from '../../src/planning/plan-export.js';
import { connect } from '../../src/postgres/connect.js';
import type { Session } from '../../src/postgres/session.js';
import { beginRead } from '../../src/postgres/snapshot.js';
import { lockStatements } from '../../src/source/copy/locks.js';
import { copyStatement } from '../../src/source/copy/statements.js';
import type { PlanContext } from '../../src/source/look-up.js';
import type { TestServer } from '../support/server.js';

export interface Planned {
  readonly plan: Plan;
  /** The coordinator, inside its transaction. */
  readonly coordinator: Session;
  /** The rows of each chunk as a data connection reads them, in order. */
  read(): Promise<Record<string, unknown>[][]>;
  /** A data connection inside the snapshot. */
  reader(): Promise<Session>;
}

export interface PlannerOptions extends Partial<PlanContext> {
  readonly user?: string;
}

/** Makes plans against a test server, and closes every session it opened. */
export class Planner {
  readonly #server: TestServer;
  readonly #sessions: Session[] = [];

  constructor(server: TestServer) {
    this.#server = server;
  }

  async session(user = 'postgres'): Promise<Session> {
    const { session } = await connect(this.#server.config({ user }));
    this.#sessions.push(session);
    return session;
  }

  async plan(options: ExportOptions, { user, ...context }: PlannerOptions = {}): Promise<Planned> {
    const coordinator = await this.session(user);
    const plan = await planExport(coordinator, options, {
      devices: 1,
      cores: 4,
      createdBy: 'gpuparser version 0.0.0 (build test)',
      openSession: () => this.session(user),
      ...context,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan, 'a plan is JSON');
    const reader = async () => {
      const session = await this.session(user);
      await beginRead(session, { snapshotId: plan.snapshot.id, rowSecurity: plan.writer.rowSecurity });
      return session;
    };
    const read = async () => {
      const session = await reader();
      const chunks = [];
      for (const chunk of plan.chunks) {
        for (const lock of lockStatements(chunk.scans).statements) await session.query(lock);
        const rows = [];
        for (const piece of splitTasks(chunk, 3, 1, 2).flatMap(({ pieces }) => pieces))
          rows.push(...(await session.query(selectOf(piece))));
        chunks.push(rows);
      }
      return chunks;
    };
    return { plan, coordinator, read, reader };
  }

  /** The error that planning ends with. */
  async refusal(options: ExportOptions, context: PlannerOptions = {}): Promise<GpuParserError> {
    const error: unknown = await this.plan(options, context).then(
      () => assert.fail('it was planned'),
      (thrown: unknown) => thrown,
    );
    assert.equal((error as Error).name, 'GpuParserError', String((error as Error).stack));
    return error as GpuParserError;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((session) => session.close()));
  }
}

/** The SELECT inside a piece's COPY. */
export function selectOf(piece: TaskPiece): string {
  const match = /^COPY \((.*)\) TO STDOUT \(FORMAT binary\)$/s.exec(copyStatement(piece));
  return match?.[1] as string;
}

/** All scans of a plan. */
export function scansOf(plan: Plan): ScanPlan[] {
  return plan.chunks.flatMap(({ scans }) => [...scans]);
}
