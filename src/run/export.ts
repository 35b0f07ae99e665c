import { availableParallelism } from 'node:os';
import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError, type SerializedError } from '../errors.js';
import type { AskPassword, ExportOptions } from '../options.js';
import { packageVersion } from '../package.js';
import type { Plan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import { refuseEarlierRun, removeTemporaryFiles } from '../sink/earlier-files.js';
import { EarlierRun } from '../sink/earlier-run.js';
import { updateManifest } from '../sink/manifest.js';
import { openStore } from '../sink/open-store.js';
import { endStdout, STDOUT } from '../sink/stdout.js';
import type { Release, Store } from '../sink/store.js';
import { serverWarnings } from '../source/copy/server-warnings.js';
import { Arrivals } from './arrivals.js';
import { type Coordinator, coordinatorOf, pollInterval } from './coordinator.js';
import { chooseDevices, type Devices } from './devices.js';
import type { ExportEvent, ExportSummary } from './events.js';
import type { ChunkFailure, Fleet, FleetHooks } from './fleet.js';
import { formerFiles } from './former-files.js';
import { type ExportHooks, heedingListener } from './hooks.js';
import { localDispatcher } from './local-dispatcher.js';
import { planRequest, prepareRequest, workersOf } from './prologue.js';
import type { WorkerRequest } from './protocol.js';
import { Results } from './results.js';
import { StageClock } from './stage-clock.js';
import { StallWatch } from './stall-watch.js';
import { validateOptions } from './validate.js';

/** Loaded while the workers start. */
const loadControl = () => import('./control.js');
const loadRay = () => import('../ray/launch.js');

const DEFAULT_OUTPUT = './ray_output';
const DEFAULT_RETRIES = 2;
/** Each begins with a new snapshot. */
const MAX_ATTEMPTS = 5;
const PROGRESS_INTERVAL_MS = 250;
/** How long a worker may take to clean up before it is killed. */
const GRACE_MS = 2000;
/** Until the cluster has said what it has. */
const NO_DEVICES: Devices = { names: [], reason: '', threads: 1 };

/**
 * Exports a table or query to `<output>/<stem>_chunk_<i>.parquet`.
 * @returns the summary; chunks that failed while others succeeded are in `failed`.
 * @throws GpuParserError when nothing could be exported.
 */
export async function exportTable(options: ExportOptions, hooks: ExportHooks = {}): Promise<ExportSummary> {
  validateOptions(options);
  return heedingListener(hooks, (heeded) => new ExportRun(options, heeded).export());
}

/** What exportTable would do: the plan, made against the server, with nothing read or written. */
export async function planExport(options: ExportOptions, hooks: ExportHooks = {}): Promise<Plan> {
  validateOptions(options);
  return heedingListener(hooks, (heeded) => new ExportRun(options, heeded).planOnly());
}

class ExportRun {
  readonly #options: ExportOptions;
  readonly #emit: (event: ExportEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #askPassword: AskPassword | undefined;
  #devices: Devices;
  readonly #store: Store;
  readonly #results = new Results();
  #earlier: EarlierRun | undefined;
  readonly #warnings: string[] = [];
  readonly #pids = new Map<number, readonly number[]>();
  readonly #started = performance.now();
  readonly #clock = new StageClock();
  /** By this machine's clock: the server's may be another. */
  #snapshotAt = 0;
  #plan: Plan | undefined;
  #connection: ConnectionConfig | undefined;
  #coordinator: Coordinator | undefined;
  /** That holds the snapshot. */
  #session: Session | undefined;
  #arrivals: Arrivals | undefined;
  /** The end of a stream to standard output. */
  #end: string | undefined;

  constructor(options: ExportOptions, hooks: ExportHooks) {
    this.#options = options.output === STDOUT ? { ...options, chunks: 1, retries: 0 } : options;
    this.#emit = hooks.onEvent ?? (() => undefined);
    this.#signal = hooks.signal;
    this.#askPassword = hooks.askPassword;
    this.#devices = options.cluster === 'ray' ? NO_DEVICES : chooseDevices(options);
    if (this.#streams) this.#devices = { ...this.#devices, names: this.#devices.names.slice(0, 1) };
    this.#store = openStore(options.output ?? DEFAULT_OUTPUT);
  }

  /** What has gone to standard output cannot be taken back: nothing is tried again. */
  get #streams(): boolean {
    return this.#options.output === STDOUT;
  }

  async planOnly(): Promise<Plan> {
    let session: Session | undefined;
    const unhear = this.#onAbort(() => session?.destroy());
    try {
      await (await this.#openFleet()).stop(0);
      session = await this.#connect();
      return await this.#makePlan(session);
    } catch (error) {
      throw this.#signal?.aborted ? new GpuParserError('INTERRUPTED', 'Planning was interrupted.', { cause: error }) : error;
    } finally {
      unhear();
      await session?.close();
    }
  }

  async export(): Promise<ExportSummary> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt();
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#wasOvertaken(error)) throw error;
        this.#emit({
          type: 'notice',
          message: 'Another session asked to change what is exported just as reading began; starting again behind it.',
          detail: false,
        });
        this.#plan = undefined;
        this.#warnings.length = 0;
        this.#pids.clear();
      }
    }
  }

  /**
   * Whether a TRUNCATE or ALTER TABLE came to wait for the coordinator's lock before the data connections had theirs: they can
   * never have them then, and must let it pass.
   */
  #wasOvertaken(error: unknown): boolean {
    return !this.#streams && this.#plan !== undefined && this.#results.count === 0 && GpuParserError.from(error).sqlState === '55P03';
  }

  async #attempt(): Promise<ExportSummary> {
    this.#clock.enter('start');
    const dispatcher = await this.#openFleet();
    dispatcher.start(this.#options.jobs === 1 ? 1 : this.#devices.names.length);
    let session: Session | undefined;
    let stopKeepAlive: (() => void) | undefined;
    let unlock: Release | undefined;
    let stopped: Promise<void> | undefined;
    const unhear = this.#onAbort(() => session?.destroy());
    try {
      this.#clock.enter('connect');
      this.#session = session = await this.#connect();
      this.#clock.enter('plan');
      const plan = await this.#makePlan(session);
      this.#arrivals = new Arrivals(workersOf(plan, this.#devices), plan.jobs, (message) => this.#warn(message));
      if (this.#options.cluster === 'ray') this.#coordinator = await coordinatorOf(session, pollInterval(this.#devices.names.length));
      stopKeepAlive = (await loadControl()).keepAlive(session);
      await this.#store.prepare();
      unlock = await this.#store.lock(plan.stem);
      const former = await formerFiles(this.#store, plan);
      await refuseEarlierRun(this.#store, plan.stem, plan.table, this.#options.overwrite ?? false, former);
      this.#earlier = await EarlierRun.setAside(this.#store, plan.stem, plan.table, former);
      unhear();
      this.#clock.enter('start');
      const failures = await this.#dispatch(dispatcher, plan, session);
      await this.#refuseChangedTypes(session, plan);
      // The workers end while the manifest is written.
      stopped = dispatcher.stop(GRACE_MS);
      stopped.catch(() => undefined); // reported when it is awaited
      return await this.#finish(plan, failures);
    } catch (error) {
      throw this.#signal?.aborted ? interrupted() : error;
    } finally {
      unhear();
      stopKeepAlive?.();
      try {
        await (stopped ?? dispatcher.stop(GRACE_MS));
        if (unlock) await removeTemporaryFiles(this.#store, (this.#plan as Plan).stem);
        await this.#endEarlier();
      } finally {
        await unlock?.();
        await session?.close();
      }
    }
  }

  async #endEarlier(): Promise<void> {
    const earlier = this.#earlier;
    this.#earlier = undefined;
    const kept = (await earlier?.end(this.#results.count > 0)) ?? [];
    if (kept.length === 0) return;
    const what = kept.length === 1 ? `the file (${kept[0]}) of an earlier export is` : `the ${kept.length} files of an earlier export are`;
    this.#emit({ type: 'notice', message: `No new file was written: ${what} as before.`, detail: false });
  }

  /** Listens to the caller's signal, which may outlive many exports; returns what ends that. */
  #onAbort(listener: () => void): () => void {
    this.#signal?.addEventListener('abort', listener);
    return () => this.#signal?.removeEventListener('abort', listener);
  }

  async #connect(): Promise<Session> {
    const { connectAsking, resolveConnection } = await loadControl();
    const config = await resolveConnection(this.#options.connection ?? {}, process.env);
    for (const message of config.warnings) this.#warn(message);
    const { host, port, database, user } = config.connection;
    this.#emit({ type: 'connecting', host, port, database, user });
    const { session, config: resolved } = await connectAsking(config.connection, this.#askPassword, this.#signal);
    this.#connection = resolved;
    if (this.#signal?.aborted) session.destroy();
    return session;
  }

  async #makePlan(session: Session): Promise<Plan> {
    const { names, reason } = this.#devices;
    this.#emit({ type: 'device', device: names[0] as string, count: names.length, reason });
    const connection = this.#connection as ConnectionConfig;
    const { connect, makePlan } = await loadControl();
    const cuda = names[0]?.startsWith('cuda') ?? false;
    const sessions = [session];
    const plan = await makePlan(session, this.#options, {
      devices: names.length,
      cuda,
      cores: this.#options.cluster === 'ray' ? this.#devices.names.length * Math.max(1, this.#devices.threads) : availableParallelism(),
      createdBy: `gpuparser version ${packageVersion} (build ${cuda ? 'cuda' : 'cpu'})`,
      onNotice: (message) => this.#emit({ type: 'notice', message, detail: false }),
      onLock: (waiting) => this.#clock.enter(waiting ? 'lock' : 'plan'),
      onSnapshot: () => {
        this.#snapshotAt = performance.now();
      },
      openSession: async (signal) => {
        const { session: further } = await connect(connection, signal);
        sessions.push(further);
        return further;
      },
    });
    this.#plan = plan;
    for (const message of plan.warnings) this.#warn(message);
    // Who counted rows has met what is wrong with them first, and the server does not say it again.
    for (const note of serverWarnings(sessions)) this.#warn(`${note.charAt(0).toUpperCase()}${note.slice(1)}.`);
    this.#emit({ type: 'planned', plan });
    return plan;
  }

  /** The workers' place: this machine, or a cluster, whose devices are known once it has answered. */
  async #openFleet(): Promise<Fleet> {
    if (this.#options.cluster === 'ray') {
      const { fleet, devices, warnings } = await (await loadRay()).openRayFleet(this.#options, process.env, this.#fleetHooks());
      this.#devices = devices;
      for (const message of warnings) this.#warn(message);
      return fleet;
    }
    const retries = this.#options.retries ?? DEFAULT_RETRIES;
    return localDispatcher(this.#fleetHooks(), this.#devices, retries, () => this.#session, this.#options.jobs === 1, this.#streams);
  }

  #fleetHooks(): FleetHooks {
    return {
      prologue: (worker) => this.#prologue(worker),
      onDone: (chunk, worker, result) => {
        const file = this.#results.add(chunk, worker.device, result);
        this.#end = result.end;
        this.#earlier?.replace(() => (this.#plan as Plan).chunks.map(({ file: name }) => name));
        for (const note of result.notes) this.#warn(`${chunk.file}: ${note}.`);
        this.#emit({ type: 'chunk', file, done: this.#results.count, total: this.#plan?.chunks.length ?? 0 });
      },
      onRetry: (chunk, attempt, error) => this.#emit({ type: 'retry', chunk: chunk.index, attempt, error }),
      onReady: (worker, { pids, shortage }) => {
        this.#pids.set(worker.index, pids);
        this.#arrivals?.ready(worker.index, pids.length, shortage);
        if (this.#plan !== undefined && this.#clock.phase === 'start') this.#clock.enter('read');
      },
      onNotice: (message, detail) => this.#emit({ type: 'notice', message, detail }),
      onWarning: (message) => this.#warn(message),
    };
  }

  #prologue(worker: number): WorkerRequest[] {
    const prepare = prepareRequest(worker, this.#devices, this.#options.memory);
    if (this.#plan === undefined) return [prepare];
    const connection = this.#connection as ConnectionConfig;
    const secretFrom = this.#options.raySecretFrom === 'node' ? ('node' as const) : undefined;
    return [prepare, planRequest(worker, this.#devices, this.#plan, this.#store.place, connection, this.#coordinator, secretFrom)];
  }

  async #dispatch(dispatcher: Fleet, plan: Plan, session: Session): Promise<readonly ChunkFailure[]> {
    const signal = this.#signal;
    const stall = new StallWatch(session, (message) => this.#emit({ type: 'notice', message, detail: false }));
    const timer = setInterval(() => stall.see(this.#progress(dispatcher, plan), [...this.#pids.values()].flat()), PROGRESS_INTERVAL_MS);
    let unhear = () => {};
    const abort = new Promise<'aborted'>((resolve) => {
      unhear = this.#onAbort(() => resolve('aborted'));
    });
    try {
      const failures = signal?.aborted
        ? 'aborted'
        : await Promise.race([dispatcher.run(plan.chunks, workersOf(plan, this.#devices)), abort]);
      this.#arrivals?.end();
      if (failures !== 'aborted') return failures;
      await dispatcher.stop(GRACE_MS);
      await this.#cancelBackends(session);
      return this.#unfinished(plan, interrupted().toJSON());
    } finally {
      unhear();
      clearInterval(timer);
      this.#clock.enter('finish');
      this.#progress(dispatcher, plan);
    }
  }

  async #cancelBackends(session: Session): Promise<void> {
    const { cancelBackend } = await loadControl();
    const pids = [...this.#pids.values()].flat().filter((pid) => pid !== session.pid);
    for (const pid of pids) await cancelBackend(session, pid).catch(() => undefined);
  }

  /** Files that may mix rows of two forms are not left behind. */
  async #refuseChangedTypes(session: Session, plan: Plan): Promise<void> {
    if (this.#signal?.aborted) return;
    const { changedType } = await loadControl();
    let type: string | undefined;
    try {
      type = await changedType(session, plan.columns);
    } catch (error) {
      this.#warn(`Whether types were changed while rows were read could not be asked: ${GpuParserError.from(error).message}`);
    }
    if (type === undefined) return;
    await this.#store.remove(plan.chunks.map(({ file }) => file));
    throw new GpuParserError(
      'SERVER',
      `Type ${type} was changed while rows of ${plan.table} were read, some with other members than others.`,
      {
        hint: 'Run the export again.',
        retry: true,
      },
    );
  }

  #unfinished(plan: Plan, error: SerializedError): ChunkFailure[] {
    return plan.chunks.filter(({ index }) => !this.#results.has(index)).map((chunk) => ({ chunk, error }));
  }

  async #finish(plan: Plan, failures: readonly ChunkFailure[]): Promise<ExportSummary> {
    if (this.#results.count > 0) await updateManifest(this.#store, plan.stem, this.#results.manifest(plan, failures, this.#warnings));
    const [first] = failures;
    if (first && (this.#results.count === 0 || first.error.code === 'INTERRUPTED')) throw GpuParserError.fromJSON(first.error);
    this.#results.check(plan, failures);
    if (this.#end !== undefined) await endStdout(Buffer.from(this.#end, 'hex'));
    const seconds = (performance.now() - this.#started) / 1000;
    const snapshotSeconds = (performance.now() - this.#snapshotAt) / 1000;
    return this.#results.summary(plan, this.#store, failures, this.#warnings, { seconds, snapshotSeconds, phases: this.#clock.times });
  }

  /** @returns the bytes received so far. */
  #progress(dispatcher: Fleet, plan: Plan): number {
    const workers = dispatcher.progress();
    const rows = workers.reduce((sum, worker) => sum + worker.rows, 0);
    const bytes = workers.reduce((sum, worker) => sum + worker.bytes, 0);
    const elapsedSeconds = (performance.now() - this.#started) / 1000;
    this.#emit({ type: 'progress', workers, rows, bytes, estimatedRows: plan.estimatedRows, elapsedSeconds });
    return bytes;
  }

  #warn(message: string): void {
    this.#warnings.push(message);
    this.#emit({ type: 'warning', message });
  }
}

function interrupted(): GpuParserError {
  return new GpuParserError('INTERRUPTED', 'The export was interrupted; finished files stay, unfinished ones were removed.');
}
