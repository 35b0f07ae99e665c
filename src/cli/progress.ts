import type { Plan } from '../index.js';
import { bytes, count, counted, duration, percent, roughly, short } from './format.js';
import { Meter, type ProgressEvent, type Reading } from './meter.js';
import { fit, isScreen, type Output } from './terminal.js';

export interface Progress {
  planned(plan: Plan): void;
  update(event: ProgressEvent): void;
  /** Called a few times a second, so that a stalled run shows as one. */
  tick(): void;
  /** Prints lines that stay, above what is redrawn. */
  print(text: string): void;
  /** Removes what is redrawn. */
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
  #drawnLines = 0;
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
    const drawn = this.#drawnLines > 0;
    this.#options.output.write(this.#erase() + text);
    if (drawn) this.#draw(this.#options.now());
  }

  end(): void {
    const erase = this.#erase();
    if (erase !== '') this.#options.output.write(erase);
  }

  #draw(now: number): void {
    const lines = screenLines(this.#meter, this.#options.output.columns ?? 80, this.#options.output.rows ?? 24);
    const text = this.#erase() + lines.map((line) => `${line}\n`).join('');
    this.#drawnLines = lines.length;
    this.#drawnAt = now;
    this.#options.output.write(text);
  }

  /** Moves to the first drawn line and clears to the end of the screen. */
  #erase(): string {
    const text = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A\r\u001b[J`;
    this.#drawnLines = 0;
    return text;
  }
}

/** One line per worker where there are several, and one for all. The last column stays free: some terminals wrap a full line. */
function screenLines(meter: Meter, columns: number, rows: number): string[] {
  const { workers, elapsedSeconds } = meter.event!;
  const lines: string[] = [];
  if (workers.length > 1) {
    const shown = workers.length + 2 <= rows ? workers.length : Math.max(0, rows - 3);
    for (const worker of workers.slice(0, shown)) {
      const label = `${worker.device} #${worker.worker} ${worker.chunk === undefined ? 'idle' : `chunk ${worker.chunk}`}`;
      lines.push(line(label.padEnd(20), meter.worker(worker), undefined, columns - 1));
    }
    if (shown < workers.length) lines.push(`and ${workers.length - shown} more workers`);
  }
  const label = workers.length > 1 ? 'all'.padEnd(20) : (workers[0]?.device ?? 'all');
  lines.push(line(label, meter.total, elapsedSeconds, columns - 1));
  return lines.map((text) => fit(text, columns - 1));
}

/** Label, bar, percent and figures in fixed places. The bar gives way first, then whatever stands at the end. */
function line(label: string, done: Reading, elapsedSeconds: number | undefined, columns: number): string {
  const figures = [
    `${short(done.rows)} rows`.padStart(11),
    `${short(done.rowsPerSecond)} rows/s`.padStart(13),
    `${bytes(done.bytesPerSecond)}/s`.padStart(9),
  ];
  if (done.secondsLeft !== undefined) figures.push(`${roughly(done.secondsLeft)} left`);
  else if (elapsedSeconds !== undefined) figures.push(duration(elapsedSeconds));
  const text = figures.join('  ');
  if (done.share === undefined) return `${label}  ${text}`;
  const room = Math.min(30, columns - label.length - FIGURES_WIDTH - 10);
  return `${label}  ${room >= 8 ? `${bar(done.share, room)} ` : ''}${percent(done.share).padStart(4)}  ${text}`;
}

/** Four figures with room for `12 min 34 s left`. */
const FIGURES_WIDTH = 11 + 13 + 9 + 16 + 3 * 2;

function bar(share: number, cells: number): string {
  const full = Math.floor(share * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
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
