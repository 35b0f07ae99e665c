import type { Receiver } from '../../engine/receiver.js';
import type { RowConsumer } from '../../engine/row-consumer.js';
import type { Slot } from '../../engine/slot.js';
import { SLOT_BYTES, type SlotPool } from '../../engine/slot-pool.js';
import type { Stream } from '../../engine/stream.js';
import type { CopySink, DirectSink, ServerMessage } from '../../postgres/session.js';

/** Room a read should find at least; less makes many small reads. */
const MIN_WINDOW_BYTES = 64 << 10;

/** The native side of a plain socket. */
interface Direct {
  readonly receiver: Receiver;
  readonly wake: () => void;
  readonly ended: () => void;
}

/**
 * One connection's way into engine memory. The socket is read into the current slot, by native threads where it is plain;
 * native code walks the messages; a slot without room is handed to the batch and its unfinished last message moves to the head
 * of the next one.
 */
export class CopyReader implements CopySink {
  onDrain: (() => void) | undefined;
  /** Native threads read a plain socket. */
  readonly direct: DirectSink = {
    attach: (descriptor, wake, ended) => {
      this.#receiver = this.#pool.engine.openReceiver(descriptor, this.#stream);
      this.#direct = { receiver: this.#receiver, wake, ended };
    },
    detach: async () => {
      const direct = this.#direct;
      this.#direct = undefined;
      await direct?.receiver.close();
    },
  };
  readonly #stream: Stream;
  readonly #pool: SlotPool;
  readonly #consumer: RowConsumer;
  #slot: Slot | undefined;
  #next: Slot | undefined;
  /** [0, scanned) holds whole messages, [scanned, filled) the beginning of the next one. */
  #scanned = 0;
  #filled = 0;
  #need = 0;
  #rows = 0;
  #direct: Direct | undefined;
  /** The last one attached; a read of its may go on for a moment after `detach`. */
  #receiver: Receiver | undefined;
  /** What failed where nobody could be told: `next` throws it. */
  #error: unknown;
  #waiting = false;
  #closed = false;
  #fullSince: number | undefined;
  /** Time during which no slot was free, in milliseconds. */
  fullMs = 0;

  constructor(stream: Stream, pool: SlotPool, consumer: RowConsumer) {
    this.#stream = stream;
    this.#pool = pool;
    this.#consumer = consumer;
  }

  /** Before each COPY. */
  start(): void {
    this.#stream.reset();
    this.#reserve();
  }

  /** Rows and bytes read since the last slot was handed over. */
  get pending(): { readonly rows: number; readonly bytes: number } {
    const reading = this.#receiver?.reading ? this.#receiver.received() : undefined;
    return { rows: this.#rows + (reading?.rows ?? 0), bytes: reading?.end ?? this.#scanned };
  }

  get full(): boolean {
    return this.#next === undefined || this.#slot === undefined;
  }

  /** The slot's rest, which has room: a slot without room is left as soon as there is a next one, and without one this is full. */
  window(): Uint8Array {
    return (this.#slot as Slot).bytes.subarray(this.#filled);
  }

  received(bytes: number): void {
    this.#filled += bytes;
  }

  next(): ServerMessage | undefined {
    const direct = this.#direct;
    if (this.#error !== undefined) throw this.#error;
    if (this.#receiver?.reading) return undefined;
    const slot = this.#slot;
    if (slot !== undefined && this.#filled > this.#scanned) {
      const scan = this.#stream.scan(slot, this.#scanned, this.#filled);
      this.#scanned = scan.end;
      this.#need = scan.need;
      this.#rows += scan.rows;
      if (scan.stop !== 0 && scan.need <= this.#filled - this.#scanned) {
        const body = slot.bytes.subarray(this.#scanned + 5, this.#scanned + scan.need);
        this.#scanned += scan.need;
        this.#need = 0;
        return { type: scan.stop, body };
      }
    }
    if (slot !== undefined) this.#makeRoom(slot);
    if (direct) this.#read(direct);
    return undefined;
  }

  /** Has native threads read on into the current slot, and from there into the next. */
  #read(direct: Direct): void {
    const slot = this.#slot;
    if (slot === undefined || this.full) return;
    const least = slot.bytes.length > SLOT_BYTES ? 1 : MIN_WINDOW_BYTES;
    direct.receiver.read(slot, this.#scanned, this.#filled, least, ({ rows, end, need, filled, ended, moved }, error) => {
      [this.#scanned, this.#need, this.#filled] = [end, need, filled];
      this.#rows += rows;
      if (moved) return this.#guarded(() => this.#moveOn(direct), direct.wake);
      this.#error ??= error;
      direct.wake();
      if (ended) direct.ended();
    });
    this.#offer(direct);
  }

  #offer(direct: Direct): void {
    if (this.#next !== undefined && this.#direct === direct) direct.receiver.offer(this.#next, MIN_WINDOW_BYTES);
  }

  /** Native threads are already at the next slot. */
  #moveOn(direct: Direct): void {
    this.#hand(this.#slot as Slot);
    this.#slot = this.#next;
    this.#next = undefined;
    this.#reserve();
    this.#offer(direct);
  }

  /** Hands over the rows read so far and goes on in the next slot. Call at a COPY's end, where no message has been read in part. */
  flush(): void {
    const slot = this.#slot;
    if (slot === undefined || this.#rows === 0) return;
    this.#slot = undefined;
    this.#hand(slot);
    this.#slot = this.#next;
    this.#next = undefined;
    this.#reserve();
  }

  /** Gives the slots back without handing over rows. */
  close(): void {
    this.#closed = true;
    for (const slot of [this.#slot, this.#next]) if (slot) this.#pool.give(slot);
    this.#slot = this.#next = undefined;
    this.#rows = this.#scanned = 0;
    this.#stream.close();
  }

  /** Moves on to the next slot when this one's rest is too small for the message that has begun, or for a read. */
  #makeRoom(slot: Slot): void {
    const unfinished = this.#filled - this.#scanned;
    const wanted = Math.max(this.#need, unfinished + 1);
    const room = slot.bytes.length - this.#scanned;
    if (room >= wanted && slot.bytes.length - this.#filled >= MIN_WINDOW_BYTES) return;
    if (room >= wanted && wanted > SLOT_BYTES) return; // a large slot is as long as its row needs: the row ends in it
    const large = wanted + MIN_WINDOW_BYTES > SLOT_BYTES;
    if (!large && this.#next === undefined) return; // paused: goes on when a slot is free
    const target = large ? this.#pool.takeLarge(wanted + MIN_WINDOW_BYTES) : (this.#next as Slot);
    if (!large) this.#next = undefined;
    target.bytes.set(slot.bytes.subarray(this.#scanned, this.#filled));
    this.#hand(slot);
    this.#slot = target;
    this.#filled = unfinished;
    this.#scanned = 0;
    this.#reserve();
  }

  #hand(slot: Slot): void {
    const rows = this.#rows;
    const bytes = this.#scanned;
    this.#rows = 0;
    if (rows === 0) this.#pool.give(slot);
    else this.#consumer.append(rows, bytes, (batch) => batch.append(this.#stream, slot, () => this.#pool.give(slot)));
    if (slot === this.#slot) this.#slot = undefined;
    this.#filled = this.#scanned = 0;
  }

  /** Makes sure that a slot is in use and another is ready; asks to be called back when the pool has none. */
  #reserve(): void {
    if (this.#closed) return;
    if (this.#slot === undefined) {
      this.#slot = this.#pool.take();
      this.#filled = this.#scanned = 0;
    }
    this.#next ??= this.#slot === undefined ? undefined : this.#pool.take();
    if (this.#next !== undefined || this.#waiting) return;
    this.#waiting = true;
    this.#fullSince = performance.now();
    this.#pool.whenFree(() => this.#resume());
  }

  #resume(): void {
    this.#waiting = false;
    this.fullMs += performance.now() - (this.#fullSince as number);
    this.#guarded(() => this.#goOn(), this.onDrain);
  }

  #goOn(): void {
    this.#reserve();
    if (this.#receiver?.reading) {
      if (this.#direct) this.#offer(this.#direct);
    } else if (this.#slot !== undefined && !this.full) {
      this.#makeRoom(this.#slot);
      this.onDrain?.();
    }
  }

  /** Runs what nobody waits for; its error is thrown by the `next` that `wake` leads to. */
  #guarded(step: () => void, wake: (() => void) | undefined): void {
    if (this.#error !== undefined) return;
    try {
      step();
    } catch (error) {
      this.#error = error;
      wake?.();
    }
  }
}
