import { flatNodes } from '../plan/nodes.js';
import type { ColumnPlan, WriterPlan } from '../plan/plan.js';
import { FILLED, layoutOf } from './abi.js';
import type { Events, Image, ImageWriter } from './batch.js';
import { CODES, EVENTS } from './enums.js';
import { describeLibrary, type Library, loadLibrary } from './library.js';
import { libraryPath } from './library-file.js';
import { type ReadEvents, Receiver } from './receiver.js';
import { nativeColumn, nativeWriter, Schema } from './schema.js';
import { Slot } from './slot.js';
import { check, newStatus, open, type Pointer, statusError } from './status.js';
import { Stream } from './stream.js';
import { type PageSnapshot, Visibility } from './visibility.js';

const { bytes: EVENT_BYTES, at: AT } = layoutOf(FILLED.gp_event);
const EVENT_CAPACITY = 64;
/** gp_wait comes back now and then even if nothing happens, so that a lost event cannot hang a run unseen. */
const WAIT_TIMEOUT_MS = 10_000;

/** One device's engine. Owns the thread-safe border: all events of slots and batches arrive here, on the JavaScript thread. */
export class Engine implements Events, ReadEvents {
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #slotWaiters = new Map<number, () => void>();
  readonly #readWaiters = new Map<number, (failed: boolean) => void>();
  readonly #batchWaiters = new Map<number, { batch: Pointer; resolve: (image: Image) => void; reject: (error: Error) => void }>();
  readonly #events = Buffer.alloc(EVENT_BYTES * EVENT_CAPACITY);
  readonly #count = Buffer.alloc(4);
  readonly #waitStatus = newStatus();
  #running: boolean;
  #starting: Promise<void> | undefined;
  #waiting = false;
  #closed = false;
  #nextId = 1;

  /**
   * A GPU goes on starting in the background, and takes rows meanwhile: see `start`.
   * @param device `cpu` or `cuda:K`. @param threads that decode and encode; 0: as many as cores.
   */
  constructor(
    readonly device: string,
    threads = 0,
  ) {
    this.#library = loadLibrary(device);
    const options = { threads, reserved: 0, cpu_library: device === 'cpu' ? null : libraryPath('cpu') };
    this.#handle = open((out, status) => this.#library.engineOpen(device, options, out, status));
    this.#running = device === 'cpu';
  }

  /** Whether the device runs: until then `allocate` and `openSchema` would wait for it, or fail. */
  get running(): boolean {
    return this.#running;
  }

  /** Whose Parquet the images are: cuDF's writer cannot express every annotation of a schema, and gets some statistics wrong. */
  get imageWriter(): ImageWriter {
    return this.device === 'cpu' ? 'gpuparser' : 'cudf';
  }

  /** Resolves when the device runs. Rejects where it cannot be used; every batch then fails with the same error. */
  start(): Promise<void> {
    this.#starting ??= this.#running ? Promise.resolve() : this.#await();
    return this.#starting;
  }

  async #await(): Promise<void> {
    const status = newStatus();
    const code = await new Promise<number>((resolve, reject) => {
      this.#library.engineAwait(this.#handle, status, (error, result) => (error ? reject(error) : resolve(result)));
    });
    check(code, status);
    this.#running = true;
  }

  openSchema(columns: readonly ColumnPlan[], writer: WriterPlan): Schema {
    const nodes = flatNodes(columns).map(nativeColumn);
    const handle = open((out, status) => this.#library.schemaOpen(this.#handle, nodes, nodes.length, nativeWriter(writer), out, status));
    return new Schema(this.#library, handle, this, () => this.nextId());
  }

  openVisibility(snapshot: PageSnapshot): Visibility {
    return new Visibility(this.#library, snapshot);
  }

  openStream(): Stream {
    const handle = open((out, status) => this.#library.streamOpen(this.#handle, out, status));
    return new Stream(this.#library, handle);
  }

  /** @param descriptor of a connected socket, whose bytes are the stream's until the receiver is closed. */
  openReceiver(descriptor: number, stream: Stream): Receiver {
    const handle = open((out, status) => this.#library.receiverOpen(this.#handle, stream.handle, descriptor, out, status));
    return new Receiver(this, this.#library, handle);
  }

  /** Free bytes of this engine's GPU, which must run; undefined on the CPU. */
  freeDeviceBytes(): number | undefined {
    const [, ordinal] = /^cuda:(\d+)$/.exec(this.device) ?? [];
    if (ordinal === undefined) return undefined;
    const { devices } = describeLibrary(this.device) as { devices?: readonly { readonly free?: number }[] };
    return devices?.[Number(ordinal)]?.free ?? 0;
  }

  /**
   * Memory of whole pages, that sockets read into: page-locked where the device wants that.
   * @param plain not page-locked. Default: as long as the device does not run.
   */
  allocate(bytes: number, plain = !this.#running): Slot {
    const memory = open((out, status) => this.#library.memoryAlloc(plain ? null : this.#handle, bytes, out, status));
    return new Slot(this.#nextId++, memory, new Uint8Array(this.#library.view(memory, bytes)), plain);
  }

  /** A stretch of a slot that is a slot of its own; it ends with the whole. */
  slice(slot: Slot, from: number, bytes: number): Slot {
    return new Slot(this.#nextId++, slot.memory + BigInt(from), slot.bytes.subarray(from, from + bytes), slot.plain);
  }

  release(slot: Slot): void {
    this.#library.memoryFree(slot.plain ? null : this.#handle, slot.memory);
  }

  nextId(): number {
    return this.#nextId++;
  }

  /** Calls `free` once the engine no longer needs the slot. */
  onSlotFree(slot: Slot, free: () => void): void {
    this.#slotWaiters.set(slot.id, free);
    this.#pump();
  }

  onRead(id: number, done: (failed: boolean) => void): void {
    this.#readWaiters.set(id, done);
    this.#pump();
  }

  dropRead(id: number): void {
    this.#readWaiters.delete(id);
  }

  onBatch(id: number, batch: Pointer): Promise<Image> {
    return new Promise((resolve, reject) => {
      this.#batchWaiters.set(id, { batch, resolve, reject });
      this.#pump();
    });
  }

  /** Ends the engine. Every schema, stream and batch must be closed and every slot free. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting) {
      this.#library.wake(this.#handle);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#library.engineClose(this.#handle);
  }

  get #pending(): number {
    return this.#slotWaiters.size + this.#readWaiters.size + this.#batchWaiters.size;
  }

  #pump(): void {
    if (this.#waiting || this.#closed || this.#pending === 0) return;
    this.#waiting = true;
    const status = this.#waitStatus;
    this.#library.wait(this.#handle, this.#events, EVENT_CAPACITY, WAIT_TIMEOUT_MS, this.#count, status, (error, code) => {
      // Callbacks may ask for more events: these are read out before the next wait writes over them.
      if (error || code !== 0) this.#fail(error ?? statusError(status));
      else for (let at = 0; at < this.#count.readInt32LE(0) * EVENT_BYTES; at += EVENT_BYTES) this.#dispatch(at);
      this.#waiting = false;
      if (!error && code === 0) this.#pump();
    });
  }

  #dispatch(at: number): void {
    const events = this.#events;
    const int64 = (offset: number) => Number(events.readBigInt64LE(at + offset));
    const failed = events.readInt32LE(at + AT.code) !== CODES.ok;
    const id = int64(AT.id);
    const type = events.readInt32LE(at + AT.type);
    if (type === EVENTS.slot) {
      const free = this.#slotWaiters.get(id);
      this.#slotWaiters.delete(id);
      free?.();
      return;
    }
    if (type === EVENTS.read) {
      const done = this.#readWaiters.get(id);
      this.#readWaiters.delete(id);
      done?.(failed);
      return;
    }
    const waiter = this.#batchWaiters.get(id);
    if (!waiter) return;
    this.#batchWaiters.delete(id);
    const status = newStatus();
    this.#library.batchStatus(waiter.batch, status);
    const error = statusError(status);
    if (failed) {
      waiter.reject(error);
      return;
    }
    const memory = events.readBigUInt64LE(at + AT.image);
    waiter.resolve({
      bytes: new Uint8Array(this.#library.view(memory, int64(AT.bytes))),
      rows: int64(AT.rows),
      inputBytes: int64(AT.input_bytes),
      decodeNs: int64(AT.decode_ns),
      encodeNs: int64(AT.encode_ns),
      note: error.message === '' ? undefined : error.message,
      free: () => this.#library.imageFree(this.#handle, memory),
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#batchWaiters.values()) reject(error);
    this.#batchWaiters.clear();
    for (const free of this.#slotWaiters.values()) free();
    this.#slotWaiters.clear();
    for (const done of this.#readWaiters.values()) done(true);
    this.#readWaiters.clear();
  }
}
