import type { Plan } from '../plan/plan.js';
import type { ExportEvent } from './events.js';
import type { Fleet } from './fleet.js';

/** What an export tells its caller, as it goes and in the end. */
export class Report {
  readonly #emit: (event: ExportEvent) => void;
  readonly #started = performance.now();
  /** All so far. */
  readonly warnings: string[] = [];

  constructor(onEvent: ((event: ExportEvent) => void) | undefined) {
    this.#emit = onEvent ?? (() => undefined);
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  emit(event: ExportEvent): void {
    this.#emit(event);
  }

  notice(message: string, detail = false): void {
    this.#emit({ type: 'notice', message, detail });
  }

  warn(message: string): void {
    this.warnings.push(message);
    this.#emit({ type: 'warning', message });
  }

  /** @returns the bytes received so far. */
  progress(fleet: Fleet, { estimatedRows }: Plan): number {
    const workers = fleet.progress();
    const rows = workers.reduce((sum, worker) => sum + worker.rows, 0);
    const bytes = workers.reduce((sum, worker) => sum + worker.bytes, 0);
    this.#emit({
      type: 'progress',
      workers,
      rows,
      bytes,
      elapsedSeconds: this.seconds,
      ...(estimatedRows === undefined ? {} : { estimatedRows }),
    });
    return bytes;
  }

  /** Everything begins again, and says its warnings again. */
  forget(): void {
    this.warnings.length = 0;
  }
}
