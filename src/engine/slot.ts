import type { Pointer } from './status.js';

/** A stretch of engine memory that COPY bytes are read into. */
export class Slot {
  constructor(
    readonly id: number,
    readonly memory: Pointer,
    readonly bytes: Uint8Array,
    /** Not page-locked for a device. */
    readonly plain: boolean,
  ) {}
}
