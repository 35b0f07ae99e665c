import type { VerifyEvent } from '../index.js';
import type { Context } from './context.js';
import { printable } from './format.js';
import { newProgress, type Progress } from './progress.js';

const TICK_MS = 250;

/** Shows on stderr how far a comparison with the server has come, table by table, as an export is shown. */
export class ComparisonDisplay {
  readonly #progress: Progress;
  readonly #timer: NodeJS.Timeout;
  readonly #started = performance.now();

  constructor({ stderr, environment, interruption }: Context) {
    this.#progress = newProgress({ output: stderr, environment, now: () => performance.now() / 1000 });
    this.#timer = setInterval(() => this.#progress.tick(), TICK_MS).unref();
    interruption().onFirst = () => this.#progress.end();
  }

  show(event: VerifyEvent): void {
    if (event.type === 'notice') return this.print(`${printable(event.message)}\n`);
    const { table, rows, bytes, expectedRows } = event;
    const worker = { worker: 0, device: `comparing ${printable(table)}`, chunk: undefined, rows, bytes };
    const elapsedSeconds = (performance.now() - this.#started) / 1000;
    this.#progress.update({ type: 'progress', workers: [worker], rows, bytes, estimatedRows: expectedRows, elapsedSeconds });
  }

  print(text: string): void {
    this.#progress.print(text);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#progress.end();
  }
}
