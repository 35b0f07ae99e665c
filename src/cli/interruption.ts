import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm and npx pass on a SIGINT that the terminal has sent to this process as well: two in this time are one Ctrl-C. */
const SAME_PRESS_MS = 200;

/** Turns the first SIGINT, SIGTERM or SIGHUP into an abort; a second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController();
  #exitCode: number | undefined;
  #firstAt = 0;
  /** Called at the first signal, before the abort. */
  onFirst: (() => void) | undefined;

  constructor() {
    for (const name of SIGNALS) process.on(name, (signal) => this.#received(signal));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 130, 143 or 129 once a signal has come. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  #received(name: NodeJS.Signals): void {
    const code = 128 + constants.signals[name];
    if (this.#exitCode !== undefined) {
      if (performance.now() - this.#firstAt < SAME_PRESS_MS) return;
      process.exit(code);
    }
    this.#exitCode = code;
    this.#firstAt = performance.now();
    this.onFirst?.();
    this.#controller.abort();
  }
}
