import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError, type SerializedError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import type { ChunkPlan } from '../plan/plan.js';
import type { WorkerProgress } from '../run/events.js';
import type { ChunkFailure, Fleet, FleetHooks } from '../run/fleet.js';
import { openStore } from '../sink/open-store.js';
import type { Cluster } from './cluster.js';
import type { DriverEvent } from './events.js';
import { isOver, jobInfo, stopJob, submitJob } from './job.js';
import { JobLog } from './job-log.js';
import { LaneStates } from './lane-states.js';
import type { Lanes } from './lanes.js';
import { endedError, nodesError, waitingText } from './messages.js';
import { buildPackage, DRIVER_MODULE, type Package, packagePath, uploadPackage } from './package.js';
import { makePlacing, makeSpec, type Placing, type Spec, slotBytes, slotUri } from './spec.js';

const STATUS_MS = 2000;
/** What an ended job's log still holds is there within this. */
const LAST_WORDS_MS = 300;
const PROBE_WAIT_MS = 5000;

export interface RayFleetParts {
  readonly cluster: Cluster;
  readonly lanes: Lanes;
  readonly options: ExportOptions;
  readonly hooks: FleetHooks;
  /** For tests: another worker, other waits. */
  readonly adjust?: (spec: Spec) => Spec;
  readonly package?: () => Promise<Package>;
  readonly placing?: Partial<Placing>;
}

/**
 * An export's workers on a Ray cluster: one job whose driver hands chunks to lanes, followed through its log. Files are
 * written by the lanes into the same folder that this machine sees.
 */
export class RayFleet implements Fleet {
  readonly runId: string = randomBytes(6).toString('hex');
  readonly submissionId: string = `gpuparser-${this.runId}`;
  readonly #parts: RayFleetParts;
  readonly #lanes: LaneStates;
  readonly #failures: ChunkFailure[] = [];
  #chunks = new Map<number, ChunkPlan>();
  #starting: Promise<void> | undefined;
  /** The driver's public key. */
  #key: string | undefined;
  #told = false;
  /** Why there is no run, known before or while it goes on. */
  #fatal: SerializedError | undefined;
  #comeNear: () => void = () => undefined;
  /** The first lane has its place, or none will have one. */
  readonly #near = new Promise<void>((resolve) => {
    this.#comeNear = resolve;
  });
  #log: JobLog | undefined;
  #spec: Spec | undefined;
  #state: 'new' | 'submitted' | 'ended' = 'new';
  #submitting: Promise<void> | undefined;
  #slotTaken = false;
  #stopped = false;
  #resolve: () => void = () => undefined;

  constructor(parts: RayFleetParts) {
    this.#parts = parts;
    this.#lanes = new LaneStates(parts.lanes.names);
  }

  /** Submits the job at once: its driver has lanes placed while nobody holds a snapshot yet. */
  start(): void {
    this.#starting = this.#submit();
    this.#starting.catch(() => undefined); // ready() and run() report it
  }

  async ready(): Promise<void> {
    await this.#starting;
    await this.#near;
    if (this.#fatal !== undefined && !this.#stopped) throw GpuParserError.fromJSON(this.#fatal);
  }

  async #submit(): Promise<void> {
    const { cluster, lanes, options } = this.#parts;
    const made = await (this.#parts.package ?? buildPackage)();
    await uploadPackage(cluster.http, made);
    if (this.#stopped) return;
    const placing = makePlacing({ count: lanes.names.length, resources: lanes.resources }, options);
    const told = JSON.stringify({ ...placing, ...this.#parts.placing });
    this.#state = 'submitted';
    this.#submitting = submitJob(cluster.http, {
      submissionId: this.submissionId,
      // A shell runs it; some systems have Python only under its longer name.
      entrypoint: `$(command -v python || command -v python3) -m ${DRIVER_MODULE} ${this.runId} '${told}'`,
      workingDir: made.uri,
    });
    await this.#submitting;
    if (this.#stopped) return;
    this.#log = new JobLog(cluster.http, this.submissionId, (event) => this.#hear(event));
    this.#log.follow().catch((error) => this.#giveUp(GpuParserError.from(error).toJSON()));
    void this.#watch(this.#log);
  }

  async run(chunks: readonly ChunkPlan[], most = this.#parts.lanes.names.length): Promise<readonly ChunkFailure[]> {
    const { hooks, lanes, options, adjust } = this.#parts;
    if (chunks.length === 0) return [];
    await this.#starting;
    this.#chunks = new Map(chunks.map((chunk) => [chunk.index, chunk]));
    const finished = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    if (this.#fatal !== undefined) this.#giveUp(this.#fatal);
    const count = Math.min(most, lanes.names.length);
    const plain = makeSpec(this.runId, hooks.prologue(0), chunks, { count, resources: lanes.resources }, options);
    const spec = (this.#spec = adjust?.(plain) ?? plain);
    const { place, marker } = spec.boot.reach;
    await openStore(place).put(marker, this.runId);
    this.#tell();
    if (!this.#stopped) await finished;
    this.#log?.close();
    return this.#failures;
  }

  /** Gives the driver its instructions as soon as both are there. */
  #tell(): void {
    if (this.#spec === undefined || this.#key === undefined || this.#told || this.#stopped) return;
    this.#told = true;
    this.#fillSlot(slotBytes(this.#spec, this.#key)).catch((error) => this.#giveUp(GpuParserError.from(error).toJSON()));
  }

  progress(): WorkerProgress[] {
    return this.#lanes.progress();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#log?.close();
    this.#comeNear();
    this.#resolve();
    const { http } = this.#parts.cluster;
    try {
      await this.#starting?.catch(() => undefined);
      await this.#submitting?.catch(() => undefined);
      if (this.#state === 'submitted') {
        if (!this.#slotTaken) await this.#fillSlot(Buffer.alloc(0)).catch(() => undefined);
        if (!(await stopJob(http, this.submissionId))) throw new GpuParserError('CONNECT', 'it is still running');
      }
    } catch (error) {
      const reason = GpuParserError.from(error).message;
      this.#parts.hooks.onWarning(
        `The Ray job ${this.submissionId} could not be stopped (${reason}); stop it with "ray job stop ${this.submissionId}".`,
      );
    } finally {
      http.close();
    }
  }

  async #fillSlot(bytes: Buffer): Promise<void> {
    const path = packagePath(slotUri(this.runId));
    const response = await this.#parts.cluster.http.request('PUT', path, bytes, 120_000);
    if (response.status !== 200) throw this.#parts.cluster.http.unexpected('PUT', path, response);
  }

  /** Sees a job that ends without a last word: stopped from outside, or never started. */
  async #watch(log: JobLog): Promise<void> {
    while (this.#state !== 'ended' && !this.#stopped) {
      await sleep(STATUS_MS);
      try {
        const { status, message } = await jobInfo(this.#parts.cluster.http, this.submissionId);
        if (!isOver(status)) continue;
        await sleep(LAST_WORDS_MS);
        await log.catchUp();
        this.#giveUp(endedError(this.submissionId, status, message));
      } catch {
        // The log says when the dashboard is gone for good.
      }
    }
  }

  #hear(event: DriverEvent): void {
    const { hooks } = this.#parts;
    switch (event.ev) {
      case 'key':
        this.#key = event.public;
        this.#tell();
        break;
      case 'near':
        this.#comeNear();
        break;
      case 'started':
        this.#slotTaken = true;
        break;
      case 'lane':
        this.#lanes.of(event.lane).node = event.node;
        hooks.onNotice(
          `worker ${event.lane}: node ${event.node}${event.devices === null ? '' : `, CUDA_VISIBLE_DEVICES=${event.devices}`}`,
          true,
        );
        break;
      case 'node':
        hooks.onNotice(`worker ${event.lane}: Node.js ${event.version} at ${event.path}`, true);
        break;
      case 'waiting':
        hooks.onNotice(waitingText(event), false);
        break;
      case 'notice':
        hooks.onNotice(event.text, false);
        break;
      case 'ready':
        hooks.onReady?.(this.#lanes.handle(event.lane), event.event);
        if (event.probe !== null) void this.#readProbe(event.lane, event.probe);
        break;
      case 'progress':
        for (const [index, chunk, rows, bytes] of event.lanes) Object.assign(this.#lanes.of(index), { chunk, rows, bytes });
        break;
      case 'done':
        this.#done(event);
        break;
      case 'retry': {
        const chunk = this.#chunks.get(event.chunk);
        if (chunk) hooks.onRetry(chunk, event.attempt, event.error);
        break;
      }
      case 'failed':
        this.#fail(event.chunk, event.error);
        break;
      case 'lost':
        hooks.onNotice(event.error.message, false);
        break;
      case 'fatal':
        this.#giveUp(nodesError(event.error, event.nodes, this.#spec?.secret.connection));
        break;
      case 'end':
        this.#end({ code: 'WORKER', message: 'The Ray job ended without a word about this chunk.', retry: false });
    }
  }

  #done({ lane, event }: Extract<DriverEvent, { ev: 'done' }>): void {
    const chunk = this.#chunks.get(event.chunk);
    // A node that was lost to the driver may have finished its chunk all the same; the first one counts.
    this.#lanes.finish(lane, chunk && event.result);
    if (chunk === undefined) return;
    this.#chunks.delete(event.chunk);
    this.#parts.hooks.onDone(chunk, this.#lanes.handle(lane), event.result);
  }

  #fail(index: number, error: SerializedError): void {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return;
    this.#chunks.delete(index);
    this.#failures.push({ chunk, error });
  }

  /** The rest of the run cannot be had; the job, if it runs, is stopped by stop(). */
  #giveUp(error: SerializedError): void {
    if (this.#stopped) return;
    this.#fatal ??= error;
    this.#comeNear();
    for (const index of [...this.#chunks.keys()]) this.#fail(index, error);
    this.#resolve();
  }

  #end(error: SerializedError): void {
    this.#state = 'ended';
    this.#giveUp(error);
  }

  /** The other half of the lane's check: what it wrote can be read here. */
  async #readProbe(lane: number, probe: string): Promise<void> {
    const store = openStore((this.#spec as Spec).boot.reach.place);
    const deadline = performance.now() + PROBE_WAIT_MS;
    while ((await store.read(probe).catch(() => undefined)) !== this.runId) {
      if (this.#stopped || this.#chunks.size === 0) return;
      if (performance.now() > deadline) {
        const { node } = this.#lanes.of(lane);
        this.#giveUp({
          code: 'OUTPUT',
          message: `What the node ${node} writes to ${store.place} does not appear there on this machine.`,
          hint: 'The output folder must be one shared folder that every node sees under the same path; choose one with --output.',
        });
        return;
      }
      await sleep(200);
    }
    await store.remove([probe]);
  }
}
