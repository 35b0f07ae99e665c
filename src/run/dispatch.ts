import { GpuParserError, type SerializedError } from '../errors.js';
import type { ChunkPlan } from '../plan/plan.js';
import type { WorkerProgress } from './events.js';
import type { ChunkFailure, Fleet, FleetHooks } from './fleet.js';
import type { WorkerHandle, WorkerListener } from './launcher.js';
import type { WorkerEvent } from './protocol.js';
import { causeOf, endsSnapshot, type RetryPolicy } from './retry-policy.js';

export interface DispatchHooks extends Omit<FleetHooks, 'onNotice' | 'onWarning'> {
  /** Starts worker `index`, also in place of one that died. */
  launch(index: number, listener: WorkerListener): WorkerHandle;
  /** The one who takes over when all workers have ended, the last of them by this error; asked once. */
  standIn?(error: SerializedError, index: number, listener: WorkerListener): WorkerHandle | undefined;
}

interface Job {
  readonly chunk: ChunkPlan;
  readonly attempt: number;
  /** Why the first attempt failed: what later ones fail of is often only its consequence. */
  readonly cause?: SerializedError | undefined;
}

interface Lane {
  worker: WorkerHandle;
  ready: boolean;
  alive: boolean;
  job: Job | undefined;
  launches: number;
  rows: number;
  bytes: number;
  doneRows: number;
  doneBytes: number;
}

const UNUSED_GRACE_MS = 2000;

/**
 * Hands chunks to ready workers one by one, tries failed ones again (on another worker where there is one) and replaces
 * workers that die. Knows nothing of processes, files or PostgreSQL.
 */
export class Dispatcher implements Fleet, WorkerListener {
  readonly #hooks: DispatchHooks;
  readonly #policy: RetryPolicy;
  readonly #count: number;
  readonly #lanes: Lane[] = [];
  readonly #unused: Promise<void>[] = [];
  #queue: (Job & { readonly avoid: number | undefined })[] = [];
  /** The first error that may have ended the snapshot: who misses it later misses it because of this. */
  #snapshotEnd: SerializedError | undefined;
  readonly #failures: ChunkFailure[] = [];
  #unfinished = 0;
  #planned = false;
  #stopping = false;
  #stoodIn = false;
  #resolve: (failures: readonly ChunkFailure[]) => void = () => undefined;
  #lastError: SerializedError | undefined;

  /** @param count workers to start. */
  constructor(hooks: DispatchHooks, policy: RetryPolicy, count: number) {
    this.#hooks = hooks;
    this.#policy = policy;
    this.#count = count;
  }

  /** Starts the workers; they may prepare while the plan is being made. */
  start(): void {
    for (let index = 0; index < this.#count; index++) {
      const worker = this.#hooks.launch(index, this);
      for (const request of this.#hooks.prologue(index)) worker.send(request);
      this.#lanes.push({ worker, ready: false, alive: true, job: undefined, launches: 1, rows: 0, bytes: 0, doneRows: 0, doneBytes: 0 });
    }
  }

  /** Processes of this machine start faster than a plan is made. */
  async ready(): Promise<void> {}

  run(chunks: readonly ChunkPlan[], most = this.#lanes.length): Promise<readonly ChunkFailure[]> {
    // They have no connection yet, and would take one that the server cannot spare.
    for (const { worker } of this.#lanes.splice(most)) this.#unused.push(worker.stop(UNUSED_GRACE_MS));
    this.#queue = chunks.map((chunk) => ({ chunk, attempt: 1, avoid: undefined }));
    this.#unfinished = chunks.length;
    this.#planned = true;
    const finished = new Promise<readonly ChunkFailure[]>((resolve) => {
      this.#resolve = resolve;
    });
    for (const lane of this.#lanes) {
      if (!lane.alive) this.#replace(lane, this.#lastError as SerializedError);
      else for (const request of this.#hooks.prologue(lane.worker.index).slice(1)) lane.worker.send(request);
    }
    this.#settle();
    return finished;
  }

  progress(): WorkerProgress[] {
    return this.#lanes.map(({ worker, job, rows, bytes, doneRows, doneBytes }) => {
      return { worker: worker.index, device: worker.device, chunk: job?.chunk.index, rows: doneRows + rows, bytes: doneBytes + bytes };
    });
  }

  /** Ends all workers; those that do not obey are killed after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#unused, ...this.#lanes.filter(({ alive }) => alive).map(({ worker }) => worker.stop(graceMs))]);
  }

  event(worker: WorkerHandle, event: WorkerEvent): void {
    const lane = this.#lanes[worker.index];
    if (lane === undefined || lane.worker !== worker) return;
    if (event.type === 'progress') {
      lane.rows = event.rows;
      lane.bytes = event.bytes;
    } else if (event.type === 'ready') {
      lane.ready = true;
      this.#hooks.onReady?.(worker, event);
      this.#feed();
    } else if (event.type === 'done') {
      const job = lane.job;
      lane.job = undefined;
      lane.launches = 1;
      lane.doneRows += event.result.rows;
      lane.doneBytes += event.result.receivedBytes;
      lane.rows = lane.bytes = 0;
      this.#unfinished--;
      if (job) this.#hooks.onDone(job.chunk, worker, event.result);
      this.#feed();
    } else if (event.chunk === undefined) {
      this.#lastError = event.error;
      lane.alive = false;
      void worker.stop(1000);
      this.#handBack(lane);
      this.#lost(lane, event.error);
      this.#feed();
    } else {
      this.#failed(lane, event.error);
      this.#feed();
    }
  }

  ended(worker: WorkerHandle, reason: string): void {
    const lane = this.#lanes[worker.index];
    if (lane === undefined || lane.worker !== worker || !lane.alive || this.#stopping) return;
    lane.alive = false;
    const hint = 'Memory may have run out (see the system log), or the process was killed from outside; --memory lowers what it takes.';
    const message = `Worker ${worker.index} (${worker.device}) ${reason}.`;
    this.#lost(lane, { code: 'WORKER', message, hint, retry: true });
  }

  #lost(lane: Lane, error: SerializedError): void {
    lane.ready = false;
    this.#lastError = error;
    if (!this.#planned) return;
    if (lane.job) this.#failed(lane, error);
    this.#replace(lane, error);
    this.#settle();
  }

  /** A worker whose device turned out to be of no use has not tried its chunk. */
  #handBack(lane: Lane): void {
    if (lane.job) this.#queue.unshift({ ...lane.job, avoid: undefined });
    lane.job = undefined;
    lane.rows = lane.bytes = 0;
  }

  #replace(lane: Lane, error: SerializedError): void {
    if (lane.launches >= this.#policy.launches || error.retry !== true || this.#stopping) return;
    lane.launches++;
    lane.alive = true;
    lane.worker = this.#hooks.launch(lane.worker.index, this);
    for (const request of this.#hooks.prologue(lane.worker.index)) lane.worker.send(request);
  }

  #standIn(): boolean {
    const [lane] = this.#lanes;
    if (!lane || this.#stopping || this.#stoodIn || this.#queue.length === 0 || !this.#lastError) return false;
    this.#stoodIn = true;
    const worker = this.#hooks.standIn?.(this.#lastError, 0, this);
    if (worker === undefined) return false;
    lane.worker = worker;
    lane.alive = true;
    for (const request of this.#hooks.prologue(0)) worker.send(request);
    return true;
  }

  #failed(lane: Lane, error: SerializedError): void {
    const job = lane.job;
    lane.job = undefined;
    lane.rows = lane.bytes = 0;
    if (job === undefined) return;
    if (endsSnapshot(this.#policy, error)) this.#snapshotEnd ??= error;
    const first = job.cause ?? (error.code === 'SNAPSHOT' ? this.#snapshotEnd : undefined);
    const cause = causeOf(this.#policy, first, error);
    if (error.retry === true && job.attempt <= this.#policy.retries) {
      this.#hooks.onRetry(job.chunk, job.attempt + 1, error);
      this.#queue.push({ chunk: job.chunk, attempt: job.attempt + 1, cause, avoid: lane.worker.index });
    } else {
      this.#unfinished--;
      this.#failures.push({ chunk: job.chunk, error: cause });
    }
  }

  #feed(): void {
    for (const lane of this.#lanes) {
      if (!lane.ready || lane.job || this.#queue.length === 0) continue;
      const others = this.#lanes.some((other) => other !== lane && other.alive);
      const at = this.#queue.findIndex(({ avoid }) => !others || avoid !== lane.worker.index);
      const [next] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (next === undefined) continue;
      lane.job = { chunk: next.chunk, attempt: next.attempt, cause: next.cause };
      lane.worker.send({ type: 'chunk', chunk: next.chunk, attempt: next.attempt });
    }
    this.#settle();
  }

  #settle(): void {
    if (!this.#planned) return;
    if (this.#lanes.every(({ alive }) => !alive) && !this.#standIn()) {
      const error = this.#lastError ?? new GpuParserError('WORKER', 'No worker could be started.').toJSON();
      for (const { chunk, cause } of this.#queue) this.#failures.push({ chunk, error: cause ?? error });
      this.#unfinished -= this.#queue.length;
      this.#queue = [];
    }
    if (this.#unfinished === 0) this.#resolve(this.#failures);
  }
}
