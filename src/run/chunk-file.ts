import type { Image, ImageWriter } from '../engine/batch.js';
import type { Schema } from '../engine/schema.js';
import { parseFooter } from '../parquet/footer.js';
import { type JoinOptions, ParquetJoin } from '../parquet/join.js';
import { MemorySource } from '../parquet/source.js';
import type { WriterPlan } from '../plan/plan.js';
import type { Pending, Store } from '../sink/store.js';
import type { ImageReceiver } from './batch-feeder.js';
import type { ChunkResult } from './protocol.js';

/** Images that may wait for the disk, beyond the one being written, before the sockets are paused. */
const WAITING_IMAGES = 2;
/** A GPU's come in bursts, when connections that began together end their batches together. */
const WAITING_GPU_IMAGES = 16;

/** One chunk's file: images arrive in any order and leave memory as soon as they are written. */
export class ChunkFile implements ImageReceiver {
  readonly #file: Pending;
  readonly #join: ParquetJoin;
  readonly #hold: (held: boolean) => void;
  readonly #fail: (error: unknown) => void;
  readonly #writes: Promise<void>[] = [];
  readonly #mostWaiting: number;
  #waiting = 0;
  #images = 0;
  /** What the engine had to say of its batches. */
  readonly notes = new Set<string>();
  decodeNs = 0;
  encodeNs = 0;
  writeMs = 0;

  private constructor(
    file: Pending,
    join: ParquetJoin,
    mostWaiting: number,
    hold: (held: boolean) => void,
    fail: (error: unknown) => void,
  ) {
    this.#mostWaiting = mostWaiting;
    this.#file = file;
    this.#join = join;
    this.#hold = hold;
    this.#fail = fail;
  }

  /**
   * @param schema whose elements cuDF's images get; their statistics are repaired too.
   * @param block memory of whole pages to write from, the file's until it is committed or abandoned.
   * @param hold told true while images pile up in memory, false when they have gone.
   * @param fail told the first error of a batch or of the disk.
   */
  static async create(
    store: Store,
    name: string,
    attempt: number,
    writer: WriterPlan,
    keyValueMetadata: Readonly<Record<string, string>>,
    imageWriter: ImageWriter,
    schema: Schema,
    block: Uint8Array,
    hold: (held: boolean) => void,
    fail: (error: unknown) => void,
  ): Promise<ChunkFile> {
    const file = await store.create(name, attempt, block);
    const base = { keyValueMetadata, createdBy: writer.createdBy, sortedAlone: true };
    const cudf = imageWriter === 'cudf';
    const options: JoinOptions = cudf
      ? { ...base, schema: parseFooter(schema.describe(), 'the schema').schema, statistics: 'repair' }
      : base;
    return new ChunkFile(file, new ParquetJoin(file, options), cudf ? WAITING_GPU_IMAGES : WAITING_IMAGES, hold, fail);
  }

  get path(): string {
    return this.#file.path;
  }

  /** Whether an image has been received; a file needs one, be it empty, for its schema. */
  get empty(): boolean {
    return this.#images === 0;
  }

  receive(image: Promise<Image>, order: readonly number[]): void {
    this.#images++;
    const write = image.then((ready) => this.#write(ready, order));
    this.#writes.push(write.catch((error) => this.#fail(error)));
  }

  /** Waits for all images, writes the footer and gives the file its name. */
  async commit(): Promise<Pick<ChunkResult, 'rows' | 'bytes' | 'crc32' | 'end'>> {
    await this.settle();
    const started = performance.now();
    const { rows, bytes } = await this.#join.finish();
    await this.#file.commit();
    this.writeMs += performance.now() - started;
    const { crc32, end } = this.#file;
    return { rows, bytes, crc32, ...(end && { end: Buffer.from(end).toString('hex') }) };
  }

  /** Waits until no image is being encoded or written. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** Removes the file once nothing writes to it. */
  async abandon(): Promise<void> {
    await this.settle();
    await this.#file.abandon();
  }

  async #write(image: Image, order: readonly number[]): Promise<void> {
    this.decodeNs += image.decodeNs;
    this.encodeNs += image.encodeNs;
    if (image.note !== undefined) this.notes.add(image.note);
    if (++this.#waiting > this.#mostWaiting) this.#hold(true);
    const started = performance.now();
    try {
      await this.#join.append(new MemorySource(image.bytes, this.#file.path), order);
    } finally {
      image.free();
      if (--this.#waiting <= this.#mostWaiting) this.#hold(false);
      this.writeMs += performance.now() - started;
    }
  }
}
