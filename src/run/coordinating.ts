import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import type { AskPassword, ExportOptions } from '../options.js';
import { packageVersion } from '../package.js';
import type { Plan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import { serverWarnings } from '../source/copy/server-warnings.js';
import type { Site } from './fleet.js';
import type { Interruption } from './interruption.js';
import type { Report } from './report.js';
import type { StageClock } from './stage-clock.js';

/** Loaded while the workers start. */
const loadControl = () => import('./control.js');

/** The coordinator's connection, which holds locks and snapshot, and the plan that was made through it. */
export class Coordinating {
  readonly session: Session;
  readonly connection: ConnectionConfig;
  readonly #report: Report;
  /** By this machine's clock: the server's may be another. */
  #snapshotAt = 0;
  #stopKeepAlive: (() => void) | undefined;

  private constructor(session: Session, connection: ConnectionConfig, report: Report) {
    this.session = session;
    this.connection = connection;
    this.#report = report;
  }

  static async connect(
    options: ExportOptions,
    report: Report,
    interruption: Interruption,
    askPassword: AskPassword | undefined,
  ): Promise<Coordinating> {
    const { connectAsking, resolveConnection } = await loadControl();
    const config = await resolveConnection(options.connection ?? {}, process.env);
    for (const message of config.warnings) report.warn(message);
    const { host, port, database, user } = config.connection;
    report.emit({ type: 'connecting', host, port, database, user });
    const { session, config: resolved } = await connectAsking(config.connection, askPassword, interruption.signal);
    if (interruption.asked) session.destroy();
    return new Coordinating(session, resolved, report);
  }

  get snapshotSeconds(): number {
    return (performance.now() - this.#snapshotAt) / 1000;
  }

  async plan(options: ExportOptions, { devices, cores, sharesMemory }: Site, clock: StageClock): Promise<Plan> {
    const { names } = devices;
    const { connect, makePlan } = await loadControl();
    const cuda = names[0]?.startsWith('cuda') ?? false;
    const sessions = [this.session];
    const plan = await makePlan(this.session, options, {
      devices: names.length,
      cuda,
      cores,
      memory: sharesMemory && !cuda ? options.memory : undefined,
      createdBy: `gpuparser version ${packageVersion} (build ${cuda ? 'cuda' : 'cpu'})`,
      onNotice: (message) => this.#report.notice(message),
      onLock: (waiting) => clock.enter(waiting ? 'lock' : 'plan'),
      onSnapshot: () => {
        this.#snapshotAt = performance.now();
      },
      openSession: async (signal) => {
        const { session: further } = await connect(this.connection, signal);
        sessions.push(further);
        return further;
      },
    });
    for (const message of plan.warnings) this.#report.warn(message);
    // Who counted rows has met what is wrong with them first, and the server does not say it again.
    for (const note of serverWarnings(sessions)) this.#report.warn(`${note.charAt(0).toUpperCase()}${note.slice(1)}.`);
    this.#report.emit({ type: 'planned', plan });
    return plan;
  }

  /** Keeps the transaction from looking dead, until close(). */
  async keepAlive(): Promise<void> {
    this.#stopKeepAlive = (await loadControl()).keepAlive(this.session);
  }

  async cancelBackends(pids: readonly number[]): Promise<void> {
    const { cancelBackend } = await loadControl();
    for (const pid of pids) if (pid !== this.session.pid) await cancelBackend(this.session, pid).catch(() => undefined);
  }

  /** A type in the columns that somebody has changed since the plan was made. Ends the transaction. */
  async changedType({ columns }: Plan): Promise<string | undefined> {
    const { changedType } = await loadControl();
    try {
      return await changedType(this.session, columns);
    } catch (error) {
      this.#report.warn(`Whether types were changed while rows were read could not be asked: ${GpuParserError.from(error).message}`);
      return undefined;
    }
  }

  destroy(): void {
    this.session.destroy();
  }

  async close(): Promise<void> {
    this.#stopKeepAlive?.();
    await this.session.close();
  }
}
