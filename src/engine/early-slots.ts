import type { Engine } from './engine.js';
import type { Slot } from './slot.js';

/**
 * Slots of plain memory for the time in which a GPU starts: rows are read into them at the server's speed, and wait for the device.
 * One stretch of memory, of which only what is read into is ever touched; it is given back when the last slot has come home.
 */
export class EarlySlots {
  readonly #engine: Engine;
  readonly #memory: Slot;
  readonly #free: Slot[];
  readonly #known: Set<Slot>;
  #open = true;

  constructor(engine: Engine, count: number, slotBytes: number) {
    this.#engine = engine;
    this.#memory = engine.allocate(count * slotBytes, true);
    this.#free = Array.from({ length: count }, (_, i) => engine.slice(this.#memory, (count - 1 - i) * slotBytes, slotBytes));
    this.#known = new Set(this.#free);
  }

  /** Undefined when all are in use, or after `end`. */
  take(): Slot | undefined {
    return this.#open ? this.#free.pop() : undefined;
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

  #releaseIfHome(): void {
    if (!this.#open && this.#free.length === this.#known.size) this.#engine.release(this.#memory);
  }
}
