import { Engine } from '../engine/engine.js';
import type { Schema } from '../engine/schema.js';
import type { Slot } from '../engine/slot.js';
import { SLOT_BYTES, SlotPool } from '../engine/slot-pool.js';
import { GpuParserError } from '../errors.js';
import { leafCount } from '../plan/nodes.js';
import type { ChunkPlan, WorkerPlan } from '../plan/plan.js';
import { isFull } from '../postgres/gather.js';
import { openStore } from '../sink/open-store.js';
import type { Store } from '../sink/store.js';
import { CopySource } from '../source/copy/copy-source.js';
import { Sessions } from '../source/copy/sessions.js';
import type { Connection, Source } from '../source/source.js';
import { ChunkJob } from './chunk-job.js';
import type { PlanRequest, WorkerEvent, WorkerRequest } from './protocol.js';
import { type BatchSizes, batchSizes } from './sizes.js';
import { watchCoordinator } from './watch.js';

/** Two for the socket (one filling, one reserved) and two on their way through the engine. */
const SLOTS_PER_CONNECTION = 4;
/** What rows may take that come before a GPU runs: a server of 16 cores sends 1.5 to 2 GB/s, CUDA needs 0.2 to 0.6 s. */
const MOST_EARLY_BYTES = 2 * 2 ** 30;
/** The share of the worker's memory that this may be. */
const EARLY_SHARE = 1 / 4;
/** What one write to a chunk's file takes: large enough that a disk is at its full speed. */
const BLOCK_BYTES = 4 << 20;

/**
 * One device's worker: opens its engine and connections, then exports the chunks it is handed, one after the other.
 * Requests may arrive before earlier ones are done; they are handled in order.
 */
export class Worker {
  readonly #say: (event: WorkerEvent) => void;
  #opening: Promise<Engine> | undefined;
  #engine: Engine | undefined;
  readonly #given: ((request: PlanRequest) => Source) | undefined;
  #source: Source | undefined;
  #connections: readonly Connection[] = [];
  #pool: SlotPool | undefined;
  #block: Slot | undefined;
  #schema: Schema | undefined;
  #plan: WorkerPlan | undefined;
  #store: Store | undefined;
  #memoryBytes = 0;
  #sizes: BatchSizes | undefined;
  #job: ChunkJob | undefined;
  #broken = false;
  #stopped = false;
  #orphaned: GpuParserError | undefined;
  #queue: Promise<void> = Promise.resolve();

  /** @param source what it reads from. Default: connections of its own, as many as the plan gives it. */
  constructor(say: (event: WorkerEvent) => void, source?: (request: PlanRequest) => Source) {
    this.#say = say;
    this.#given = source;
  }

  /** Whether no chunk is in hand. */
  get idle(): boolean {
    return this.#job === undefined;
  }

  get onGpu(): boolean {
    return this.#engine !== undefined && this.#engine.device !== 'cpu';
  }

  handle(request: WorkerRequest): void {
    this.#queue = this.#queue.then(() => this.#run(request));
  }

  /** Stops the chunk in hand, removes its file and ends the connections. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#job === undefined) return this.#source?.close();
    this.#job.stop(new GpuParserError('INTERRUPTED', 'The worker was told to stop.'));
    this.#source?.destroy();
    await this.#queue;
  }

  /** Gives memory and threads back, where the process lives on. Once, after `stop`. */
  async release(): Promise<void> {
    await this.#queue;
    const engine = await this.#opening?.catch(() => undefined);
    if (engine === undefined) return;
    await engine.start().catch(() => undefined);
    await this.#pool?.home();
    this.#pool?.close();
    if (this.#block) engine.release(this.#block);
    this.#schema?.close();
    await engine.close();
  }

  async #run(request: WorkerRequest): Promise<void> {
    if (this.#stopped) return;
    const [chunk, attempt] = request.type === 'chunk' ? [request.chunk.index, request.attempt] : [undefined, 0];
    try {
      if (request.type === 'prepare') this.#prepare(request);
      else if (request.type === 'reach') await this.#reach(request);
      else if (request.type === 'plan') await this.#begin(request);
      else await this.#export(request.chunk, request.attempt);
    } catch (thrown) {
      this.#broken = true;
      const unfit = await this.#unfit();
      const error = GpuParserError.from(unfit ?? thrown);
      // Without a connection it has not tried its chunk.
      const unable = unfit !== undefined || (error.code === 'CONNECT' && isFull(error));
      this.#say({ type: 'failed', chunk: unable ? undefined : chunk, attempt, error: error.toJSON() });
    }
  }

  /** Why the engine's device cannot be used, where it cannot: then the worker is of no use, whatever else has failed. */
  async #unfit(): Promise<unknown> {
    return this.#engine?.start().then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  /** The engine starts while the plan is made and the connections are opened; its failure is reported when it is needed. */
  #prepare(request: Extract<WorkerRequest, { type: 'prepare' }>): void {
    this.#memoryBytes = request.memoryBytes;
    this.#opening = Promise.resolve().then(() => new Engine(request.device, request.threads));
    this.#opening.catch(() => undefined);
  }

  async #reach(request: Extract<WorkerRequest, { type: 'reach' }>): Promise<void> {
    const { reachStore } = await import('./reach.js');
    await reachStore(request).catch((error: unknown) => {
      this.#stopped = true; // what follows would be in vain
      throw error;
    });
  }

  async #begin(request: PlanRequest): Promise<void> {
    const { plan, place, locks, coordinator, secretFrom } = request;
    const connection =
      secretFrom === 'node' ? await (await import('./node-secret.js')).withNodeSecret(request.connection) : request.connection;
    this.#plan = plan;
    this.#store = openStore(place);
    const start = { snapshotId: plan.snapshot.id, rowSecurity: plan.writer.rowSecurity, locks };
    const own = () => new CopySource(new Sessions(connection, request.connections, start, request.gathering), plan, locks);
    const source = this.#given?.(request) ?? own();
    this.#source = source;
    const { most: connections } = source;
    // The connections take their snapshot and locks while the engine is opened.
    const opened = source.open();
    opened.catch(() => undefined); // reported when it is awaited
    const engine = await (this.#opening as Promise<Engine>);
    this.#engine = engine;
    this.#sizes = batchSizes(leafCount(plan.columns), this.onGpu ? 0 : this.#memoryBytes / connections, this.onGpu);
    this.#schema = engine.openSchema(plan.columns, plan.writer);
    const early = Math.min(MOST_EARLY_BYTES, this.#memoryBytes * EARLY_SHARE) / SLOT_BYTES;
    const slots = connections * SLOTS_PER_CONNECTION;
    this.#pool = new SlotPool(engine, slots, Math.max(slots, Math.floor(early)));
    this.#block = engine.allocate(BLOCK_BYTES, true);
    if (this.onGpu) this.#followStart(engine, leafCount(plan.columns), connections);
    this.#connections = await opened;
    if (coordinator) {
      watchCoordinator(connection, coordinator, (error) => this.#orphan(error));
      await engine.start(); // who is ready, the cluster's driver takes for fit
    }
    this.#say({ type: 'ready', device: engine.device, pids: this.#connections.map(({ pid }) => pid), shortage: source.shortage });
  }

  /** Rows may come before a GPU runs: when it does, its memory tells how large batches can be; when it does not, they come in vain. */
  #followStart(engine: Engine, leaves: number, connections: number): void {
    engine
      .start()
      .then(() => {
        this.#sizes = batchSizes(leaves, (engine.freeDeviceBytes() as number) / connections, true);
      })
      .catch((error: unknown) => this.#job?.stop(error));
  }

  async #export(chunk: ChunkPlan, attempt: number): Promise<void> {
    if (this.#orphaned) throw this.#orphaned;
    const source = this.#source as Source;
    if (this.#broken) this.#connections = await source.replace();
    this.#broken = false;
    const context = {
      engine: this.#engine as Engine,
      schema: this.#schema as Schema,
      pool: this.#pool as SlotPool,
      block: (this.#block as Slot).bytes,
      plan: this.#plan as WorkerPlan,
      store: this.#store as Store,
      sizes: () => this.#sizes as BatchSizes,
      source,
      connections: this.#connections,
      onProgress: (rows: number, bytes: number) => this.#say({ type: 'progress', chunk: chunk.index, rows, bytes }),
    };
    this.#job = new ChunkJob(context, chunk, attempt);
    try {
      const result = await this.#job.run();
      this.#say({ type: 'done', chunk: chunk.index, attempt, result: { ...result, notes: [...result.notes, ...source.takeNotes()] } });
    } finally {
      this.#job = undefined;
    }
  }

  /** Nobody waits for the files any more. */
  #orphan(error: GpuParserError): void {
    this.#orphaned = error;
    this.#job?.stop(error);
    this.#source?.destroy();
  }
}
