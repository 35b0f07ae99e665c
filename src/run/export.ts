import { GpuParserError, type SerializedError } from '../errors.js';
import { EXPORT_OPTIONS } from '../export-options.js';
import type { AskPassword, ExportOptions } from '../options.js';
import type { Plan } from '../plan/plan.js';
import { updateManifest } from '../sink/manifest.js';
import { openStore } from '../sink/open-store.js';
import { endStdout, STDOUT } from '../sink/stdout.js';
import type { Store } from '../sink/store.js';
import { Arrivals } from './arrivals.js';
import { Coordinating } from './coordinating.js';
import { type Coordinator, coordinatorOf, pollInterval } from './coordinator.js';
import type { ExportSummary } from './events.js';
import type { ChunkFailure, Fleet, FleetHooks, FleetOpeners, OpenedFleet, Site } from './fleet.js';
import { type ExportHooks, heedingListener } from './hooks.js';
import { Interruption, interrupted } from './interruption.js';
import { openLocalFleet } from './local-fleet.js';
import { Output } from './output.js';
import { planRequest, prepareRequest, workersOf } from './prologue.js';
import type { WorkerRequest } from './protocol.js';
import { Report } from './report.js';
import { Results } from './results.js';
import { StageClock } from './stage-clock.js';
import { StallWatch } from './stall-watch.js';
import { validateOptions } from './validate.js';

/** Each begins with a new snapshot. */
const MAX_ATTEMPTS = 5;
const PROGRESS_INTERVAL_MS = 250;
/** How long a worker may take to clean up before it is killed. */
const GRACE_MS = 2000;

/**
 * Exports a table or query to `<output>/<stem>_chunk_<i>.parquet`.
 * @returns the summary; chunks that failed while others succeeded are in `failed`.
 * @throws GpuParserError when nothing could be exported.
 */
export async function exportTable(options: ExportOptions, hooks: ExportHooks = {}, fleets: FleetOpeners = {}): Promise<ExportSummary> {
  validateOptions(options);
  return heedingListener(hooks, (heeded) => new ExportRun(options, heeded, fleets).export());
}

/** What exportTable would do: the plan, made against the server, with nothing read or written. */
export async function planExport(options: ExportOptions, hooks: ExportHooks = {}, fleets: FleetOpeners = {}): Promise<Plan> {
  validateOptions(options);
  return heedingListener(hooks, (heeded) => new ExportRun(options, heeded, fleets).planOnly());
}

/** An export from its first connection to its last file. */
class ExportRun {
  readonly #options: ExportOptions;
  readonly #fleets: FleetOpeners;
  readonly #report: Report;
  readonly #interruption: Interruption;
  readonly #askPassword: AskPassword | undefined;
  readonly #store: Store;
  readonly #results = new Results();
  readonly #clock = new StageClock();
  readonly #pids = new Map<number, readonly number[]>();
  #site: Site | undefined;
  #coordinating: Coordinating | undefined;
  #coordinator: Coordinator | undefined;
  #plan: Plan | undefined;
  #output: Output | undefined;
  #arrivals: Arrivals | undefined;
  /** The end of a stream to standard output. */
  #end: string | undefined;

  constructor(options: ExportOptions, { onEvent, signal, askPassword }: ExportHooks, fleets: FleetOpeners) {
    this.#options = options.output === STDOUT ? { ...options, chunks: 1, retries: 0 } : options;
    this.#fleets = fleets;
    this.#report = new Report(onEvent);
    this.#interruption = new Interruption(signal);
    this.#askPassword = askPassword;
    this.#store = openStore(options.output ?? EXPORT_OPTIONS.output.default);
  }

  /** What has gone to standard output cannot be taken back: nothing is tried again. */
  get #streams(): boolean {
    return this.#options.output === STDOUT;
  }

  async planOnly(): Promise<Plan> {
    let coordinating: Coordinating | undefined;
    const unhear = this.#interruption.on(() => coordinating?.destroy());
    try {
      const { fleet, site } = await this.#openFleet();
      await fleet.stop(0);
      coordinating = await this.#connect();
      this.#sayDevice(site);
      return await coordinating.plan(this.#options, site, this.#clock);
    } catch (error) {
      throw this.#interruption.asked ? new GpuParserError('INTERRUPTED', 'Planning was interrupted.', { cause: error }) : error;
    } finally {
      unhear();
      await coordinating?.close();
    }
  }

  async export(): Promise<ExportSummary> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt();
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#wasOvertaken(error)) throw error;
        this.#report.notice('Another session asked to change what is exported just as reading began; starting again behind it.');
        this.#plan = undefined;
        this.#report.forget();
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
    const { fleet, site } = await this.#openFleet();
    fleet.start();
    let stopped: Promise<void> | undefined;
    const unhear = this.#interruption.on(() => this.#coordinating?.destroy());
    try {
      const plan = await this.#prepare(fleet, site);
      unhear();
      this.#clock.enter('start');
      const failures = await this.#dispatch(fleet, site, plan);
      const changed = this.#interruption.asked ? undefined : await this.#coordinating?.changedType(plan);
      if (changed !== undefined) await this.#output?.refuse(changed);
      // The workers end while the manifest is written.
      stopped = fleet.stop(GRACE_MS);
      stopped.catch(() => undefined); // reported when it is awaited
      return await this.#finish(plan, failures);
    } catch (error) {
      throw this.#interruption.asked ? interrupted() : error;
    } finally {
      unhear();
      await this.#clear(stopped ?? fleet.stop(GRACE_MS));
    }
  }

  /** Connects, plans and takes the place of the files. Nobody reads yet. */
  async #prepare(fleet: Fleet, site: Site): Promise<Plan> {
    const waited = await this.#interruption.during(() => fleet.ready());
    if (waited === 'interrupted') throw interrupted();
    this.#clock.enter('connect');
    const coordinating = await this.#connect();
    this.#coordinating = coordinating;
    this.#clock.enter('plan');
    this.#sayDevice(site);
    const plan = await coordinating.plan(this.#options, site, this.#clock);
    this.#plan = plan;
    this.#arrivals = new Arrivals(workersOf(plan, site.devices), plan.jobs, (message) => this.#report.warn(message));
    if (site.remote) this.#coordinator = await coordinatorOf(coordinating.session, pollInterval(site.devices.names.length));
    await coordinating.keepAlive();
    this.#output = new Output(this.#store, plan);
    await this.#output.take(this.#options.overwrite ?? false);
    return plan;
  }

  async #dispatch(fleet: Fleet, { devices }: Site, plan: Plan): Promise<readonly ChunkFailure[]> {
    const coordinating = this.#coordinating as Coordinating;
    const stall = new StallWatch(coordinating.session, (message) => this.#report.notice(message));
    const timer = setInterval(() => stall.see(this.#report.progress(fleet, plan), this.#allPids), PROGRESS_INTERVAL_MS);
    try {
      const failures = await this.#interruption.during(() => fleet.run(plan.chunks, workersOf(plan, devices)));
      this.#arrivals?.end();
      if (failures !== 'interrupted') return failures;
      await fleet.stop(GRACE_MS);
      await coordinating.cancelBackends(this.#allPids);
      return this.#unfinished(plan, interrupted().toJSON());
    } finally {
      clearInterval(timer);
      this.#clock.enter('finish');
      this.#report.progress(fleet, plan);
    }
  }

  get #allPids(): readonly number[] {
    return [...this.#pids.values()].flat();
  }

  #unfinished(plan: Plan, error: SerializedError): ChunkFailure[] {
    return plan.chunks.filter(({ index }) => !this.#results.has(index)).map((chunk) => ({ chunk, error }));
  }

  async #finish(plan: Plan, failures: readonly ChunkFailure[]): Promise<ExportSummary> {
    const { warnings } = this.#report;
    if (this.#results.count > 0) await updateManifest(this.#store, plan.stem, this.#results.manifest(plan, failures, warnings));
    const [first] = failures;
    if (first && (this.#results.count === 0 || first.error.code === 'INTERRUPTED')) throw GpuParserError.fromJSON(first.error);
    this.#results.check(plan, failures);
    if (this.#end !== undefined) await endStdout(Buffer.from(this.#end, 'hex'));
    const { snapshotSeconds } = this.#coordinating as Coordinating;
    const times = { seconds: this.#report.seconds, snapshotSeconds, phases: this.#clock.times };
    return this.#results.summary(plan, this.#store, failures, warnings, times);
  }

  /** Leaves nothing behind that others would meet, whatever has happened. */
  async #clear(stopped: Promise<void>): Promise<void> {
    const [output, coordinating] = [this.#output, this.#coordinating];
    this.#output = this.#coordinating = undefined;
    try {
      await stopped;
      const kept = (await output?.clear(this.#results.count > 0)) ?? [];
      if (kept.length === 0) return;
      const what =
        kept.length === 1 ? `the file (${kept[0]}) of an earlier export is` : `the ${kept.length} files of an earlier export are`;
      this.#report.notice(`No new file was written: ${what} as before.`);
    } finally {
      await output?.release();
      await coordinating?.close();
    }
  }

  /** The workers' place: this machine, or a cluster, whose devices are known once it has answered. */
  async #openFleet(): Promise<OpenedFleet> {
    const { cluster = 'local' } = this.#options;
    const session = () => this.#coordinating?.session;
    const request = { options: this.#options, streams: this.#streams, session, hooks: this.#fleetHooks() };
    const opened = cluster === 'local' ? openLocalFleet(request) : await this.#fleets[cluster]?.(request);
    if (opened === undefined) throw new GpuParserError('INTERNAL', `Nobody opens a fleet of kind ${cluster}.`);
    this.#site = opened.site;
    for (const message of opened.warnings) this.#report.warn(message);
    return opened;
  }

  #connect(): Promise<Coordinating> {
    return Coordinating.connect(this.#options, this.#report, this.#interruption, this.#askPassword);
  }

  #sayDevice({ devices: { names, reason } }: Site): void {
    this.#report.emit({ type: 'device', device: names[0] as string, count: names.length, reason });
  }

  #fleetHooks(): FleetHooks {
    return {
      prologue: (worker) => this.#prologue(worker),
      onDone: (chunk, worker, result) => {
        const file = this.#results.add(chunk, worker.device, result);
        this.#end = result.end;
        this.#output?.replace();
        for (const note of result.notes) this.#report.warn(`${chunk.file}: ${note}.`);
        this.#report.emit({ type: 'chunk', file, done: this.#results.count, total: this.#plan?.chunks.length ?? 0 });
      },
      onRetry: (chunk, attempt, error) => this.#report.emit({ type: 'retry', chunk: chunk.index, attempt, error }),
      onReady: (worker, { pids, shortage }) => {
        this.#pids.set(worker.index, pids);
        this.#arrivals?.ready(worker.index, pids.length, shortage);
        if (this.#plan !== undefined && this.#clock.phase === 'start') this.#clock.enter('read');
      },
      onNotice: (message, detail) => this.#report.notice(message, detail),
      onWarning: (message) => this.#report.warn(message),
    };
  }

  #prologue(worker: number): WorkerRequest[] {
    const { devices } = this.#site as Site;
    const prepare = prepareRequest(worker, devices, this.#options.memory);
    if (this.#plan === undefined) return [prepare];
    const { connection } = this.#coordinating as Coordinating;
    return [prepare, planRequest(worker, devices, this.#plan, this.#store.place, connection, this.#coordinator, this.#options)];
  }
}
