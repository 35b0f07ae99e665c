/** What an export waits for or does, one after the other. */
export type Phase =
  | 'start' // for workers that are there and have their connections: on a cluster, Ray's placing them
  | 'connect' // for the coordinator's connection
  | 'lock' // for another session that holds what is exported
  | 'plan'
  | 'read' // rows arrive and are written
  | 'finish'; // files become visible, the manifest is written

/** By the clock, each phase's share of the run. */
export type PhaseTimes = Readonly<Record<Phase, number>>;

/** Which phase took how long; each moment is one phase's. */
export class StageClock {
  readonly #now: () => number;
  readonly #ms = { start: 0, connect: 0, lock: 0, plan: 0, read: 0, finish: 0 };
  #phase: Phase = 'start';
  #since: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    const now = this.#now();
    this.#ms[this.#phase] += now - this.#since;
    this.#phase = phase;
    this.#since = now;
  }

  /** Milliseconds until now. */
  get times(): PhaseTimes {
    this.enter(this.#phase);
    return { ...this.#ms };
  }
}
