import type { Engine } from './engine.js';
import type { Slot } from './slot.js';

/**
 * Slots of plain memory for the time in which a GPU starts: rows are read into them at the server's speed, and wait for the device.
 * One stretch of memory, of which only what is read into is ever touched; it is given back when the last slot has come home.
 */
export class EarlySlots {
  readonly #engine: Engine;
  readonly #memory: Slot;
  readonly #count: number;
  readonly #slotBytes: number;
  readonly #free: Slot[] = [];
  /** Made when they are first asked for: most exports on a GPU need few of the thousands. */
  readonly #known = new Set<Slot>();
  #open = true;

  constructor(engine: Engine, count: number, slotBytes: number) {
    this.#engine = engine;
    this.#count = count;
    this.#slotBytes = slotBytes;
    this.#memory = engine.allocate(count * slotBytes, true);
  }

  /** Undefined when all are in use, or after `end`. */
  take(): Slot | undefined {
    return this.#open ? (this.#free.pop() ?? this.#make()) : undefined;
  }

  /** Takes one of these back; false when it is another. */
  give(slot: Slot): boolean {
    if (!this.#known.has(slot)) return false;
    this.#free.push(slot);
    this.#releaseIfHome();
    return true;
  }

  /** Hands out no more. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#releaseIfHome();
  }

  #make(): Slot | undefined {
    if (this.#known.size === this.#count) return undefined;
    const slot = this.#engine.slice(this.#memory, this.#known.size * this.#slotBytes, this.#slotBytes);
    this.#known.add(slot);
    return slot;
  }

  #releaseIfHome(): void {
    if (!this.#open && this.#free.length === this.#known.size) this.#engine.release(this.#memory);
  }
}
