import { EarlySlots } from './early-slots.js';
import type { Engine } from './engine.js';
import type { Slot } from './slot.js';

/** Reads are at most this long; a slot with less room left is handed over. Unix sockets deliver up to about 200 KiB at once. */
export const SLOT_BYTES = 1 << 20;

/**
 * The slots of one engine: at most `capacity` of the usual size, recycled. Who finds none free is called back when one is,
 * and pauses its socket until then: that is how a slow engine or a slow disk pushes back on the server. Until the engine's
 * device runs, the slots are others, which are not kept; they help out until the first slot of the usual kind comes back, for then
 * the device has taken all that had been read before.
 */
export class SlotPool {
  readonly #capacity: number;
  readonly #early: EarlySlots | undefined;
  readonly #free: Slot[] = [];
  readonly #all: Slot[] = [];
  readonly #waiting: (() => void)[] = [];
  #held = false;
  #out = 0;

  /** @param early slots for the time in which the engine's device starts. */
  constructor(
    readonly engine: Engine,
    capacity: number,
    early = 0,
  ) {
    this.#capacity = capacity;
    if (!engine.running && early > 0) this.#early = new EarlySlots(engine, early, SLOT_BYTES);
    engine.start().then(
      () => this.#notify(),
      () => undefined, // the engine's batches fail with it
    );
  }

  /** A free slot, or undefined when all are in use or the pool is held. */
  take(): Slot | undefined {
    if (this.#held) return undefined;
    const usual = this.engine.running ? (this.#free.pop() ?? this.#grow()) : undefined;
    const slot = usual ?? this.#early?.take();
    if (slot) this.#out++;
    return slot;
  }

  /** A slot for one row of `bytes`, larger than the usual; it is freed, not recycled. */
  takeLarge(bytes: number): Slot {
    this.#out++;
    return this.engine.allocate(bytes);
  }

  /** Returns a slot that the engine has finished with. */
  give(slot: Slot): void {
    this.#out--;
    if (slot.bytes.length > SLOT_BYTES) this.engine.release(slot);
    else if (!this.#early?.give(slot)) {
      this.#early?.end();
      this.#free.push(slot);
    }
    this.#notify();
  }

  /** Calls `ready` once, when a slot may be free. */
  whenFree(ready: () => void): void {
    this.#waiting.push(ready);
  }

  /** While held, no slot is handed out: images wait for the disk. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#notify();
  }

  /** Resolves when every slot has been given back: those of a dropped batch come later than its end. */
  async home(): Promise<void> {
    while (this.#out > 0) await new Promise<void>((resolve) => this.whenFree(resolve));
  }

  /** Releases the memory; every slot must have been given back. */
  close(): void {
    this.#early?.end();
    for (const slot of this.#all) this.engine.release(slot);
    this.#all.length = 0;
    this.#free.length = 0;
  }

  #grow(): Slot | undefined {
    if (this.#all.length === this.#capacity) return undefined;
    const slot = this.engine.allocate(SLOT_BYTES);
    this.#all.push(slot);
    return slot;
  }

  #notify(): void {
    for (const ready of this.#waiting.splice(0)) ready();
  }
}
