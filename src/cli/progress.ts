import { count, counted } from '../counted.js';
import type { Plan, WorkerProgress } from '../index.js';
import { bytes, percent, roughly, short } from './format.js';
import { Meter, type ProgressEvent } from './meter.js';
import { progressLines, type Row } from './progress-line.js';
import { fit, isScreen, type Output } from './terminal.js';

export interface Progress {
  planned(plan: Plan): void;
  update(event: ProgressEvent): void;
  /** Called a few times a second, so that a stalled run shows as one. */
  tick(): void;
  /** Prints lines that stay, above what is redrawn. */
  print(text: string): void;
  /** Removes what is redrawn, for good; lines can still be printed. */
  end(): void;
}

export interface ProgressOptions {
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Seconds since any fixed moment. */
  readonly now: () => number;
}

/** Redrawn lines on a terminal, a plain line every few seconds elsewhere. */
export function newProgress(options: ProgressOptions): Progress {
  return isScreen(options.output, options.environment) ? new ScreenProgress(options) : new LineProgress(options);
}

const REDRAW_SECONDS = 0.1;

class ScreenProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #meter = new Meter();
  #drawn = false;
  #ended = false;
  #drawnAt = -Infinity;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  planned(plan: Plan): void {
    this.#meter.planned(plan);
  }

  update(event: ProgressEvent): void {
    const now = this.#options.now();
    this.#meter.update(event, now);
    if (now - this.#drawnAt >= REDRAW_SECONDS) this.#draw(now);
  }

  tick(): void {
    const now = this.#options.now();
    this.#meter.repeat(now);
    if (this.#meter.event) this.#draw(now);
  }

  print(text: string): void {
    const drawn = this.#drawn;
    this.#options.output.write(this.#erase() + text);
    if (drawn) this.#draw(this.#options.now());
  }

  end(): void {
    this.#ended = true;
    const erase = this.#erase();
    if (erase !== '') this.#options.output.write(erase);
  }

  /**
   * The cursor waits at the start of the first line: wherever a terminal that becomes narrower puts what it wraps, it moves both
   * together, and all that was drawn lies behind.
   */
  #draw(now: number): void {
    if (this.#ended) return;
    const lines = screenLines(this.#meter, this.#options.output.columns || 80, this.#options.output.rows || 24);
    const up = lines.length > 1 ? `\u001b[${lines.length - 1}A` : '';
    const text = `${this.#erase()}${lines.join('\n')}\r${up}`;
    this.#drawn = true;
    this.#drawnAt = now;
    this.#options.output.write(text);
  }

  #erase(): string {
    const text = this.#drawn ? '\r\u001b[J' : '';
    this.#drawn = false;
    return text;
  }
}

/** One line per worker where there are several, and one for all. The last column stays free: some terminals wrap a full line. */
function screenLines(meter: Meter, columns: number, rows: number): string[] {
  const { workers, elapsedSeconds } = meter.event!;
  const [first] = workers;
  const several = workers.length > 1;
  const total: Row = { label: several ? 'all' : (first?.device ?? 'all'), done: meter.total, elapsedSeconds };
  const shown = !several ? 0 : workers.length + 2 <= rows ? workers.length : Math.max(0, rows - 3);
  const lines = progressLines([...workers.slice(0, shown).map((worker) => workerRow(worker, meter)), total], columns - 1);
  if (several && shown < workers.length) lines.splice(-1, 0, `and ${counted(workers.length - shown, 'more worker')}`);
  return lines.map((text) => fit(text, columns - 1));
}

function workerRow(worker: WorkerProgress, meter: Meter): Row {
  const label = `${worker.device} #${worker.worker} ${worker.chunk === undefined ? 'idle' : `chunk ${worker.chunk}`}`;
  return { label, done: meter.worker(worker) };
}

const LINE_SECONDS = 5;

class LineProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #meter = new Meter();
  #printedAt: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#printedAt = options.now();
  }

  planned(plan: Plan): void {
    this.#meter.planned(plan);
  }

  update(event: ProgressEvent): void {
    this.#meter.update(event, this.#options.now());
    this.#printWhenDue();
  }

  tick(): void {
    this.#meter.repeat(this.#options.now());
    this.#printWhenDue();
  }

  print(text: string): void {
    this.#options.output.write(text);
  }

  end(): void {}

  #printWhenDue(): void {
    const now = this.#options.now();
    if (!this.#meter.event || now - this.#printedAt < LINE_SECONDS) return;
    this.#printedAt = now;
    const { rows, rowsPerSecond, bytesPerSecond, share, secondsLeft } = this.#meter.total;
    const expected = this.#meter.event.estimatedRows;
    const parts = [
      share === undefined ? counted(rows, 'row') : `${count(rows)} of about ${counted(expected!, 'row')} (${percent(share)})`,
      `${short(rowsPerSecond)} rows/s`,
      `${bytes(bytesPerSecond)}/s`,
    ];
    if (secondsLeft !== undefined) parts.push(`about ${roughly(secondsLeft)} left`);
    this.#options.output.write(`${parts.join(', ')}\n`);
  }
}
