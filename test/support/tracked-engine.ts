import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import type { Slot } from '../../src/engine/slot.js';

/** Knows which memory is out, and that none comes back twice. */
export class TrackedEngine extends Engine {
  readonly out = new Set<bigint>();

  override allocate(bytes: number, plain?: boolean): Slot {
    const slot = super.allocate(bytes, plain);
    this.out.add(slot.memory);
    return slot;
  }

  override release(slot: Slot): void {
    assert.ok(this.out.delete(slot.memory), 'memory is released once');
    super.release(slot);
  }
}
