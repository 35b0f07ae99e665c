import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import { type DriverEvent, LogCutter } from './events.js';
import type { RayHttp } from './http.js';
import { openWebSocket } from './websocket.js';

/** Ray's tail sends what is new after 0.5 to 2 s; while the log is short, asking for all of it is quicker. */
const QUICK_MS = 15_000;
const QUICK_PAUSE_MS = 250;
const QUICK_BYTES = 256 << 10;
const POLL_MS = 1000;
/** Where only polling works, which reads the whole log each time: at most 1 MB a second. */
const POLL_BYTES_PER_MS = 1000;
/** How long the dashboard may be away. */
const PATIENCE_MS = 120_000;

/**
 * Follows a job's log and tells each of the driver's events once, in order. Every reading of the log starts at its
 * beginning, so a broken one is simply begun again.
 */
export class JobLog {
  readonly #http: RayHttp;
  readonly #path: string;
  readonly #listener: (event: DriverEvent) => void;
  readonly #abort = new AbortController();
  #told = 0;
  #socket: { close(): void } | undefined;
  /** False once a tail has ended before the job did: what lies between passes no WebSocket. */
  #tail = true;

  constructor(http: RayHttp, submissionId: string, listener: (event: DriverEvent) => void) {
    this.#http = http;
    this.#path = `/api/jobs/${submissionId}/logs`;
    this.#listener = listener;
  }

  /** Follows until close(). @throws GpuParserError CONNECT when the dashboard has been away for two minutes. */
  async follow(): Promise<void> {
    const started = performance.now();
    let answered = started;
    while (!this.#abort.signal.aborted) {
      let quick = performance.now() - started < QUICK_MS;
      let bytes = 0;
      try {
        bytes = await this.catchUp();
        quick &&= bytes < QUICK_BYTES;
        answered = performance.now();
        if (!quick && this.#tail) await this.#follow();
      } catch (error) {
        if (performance.now() - answered > PATIENCE_MS) throw error;
      }
      await sleep(quick ? QUICK_PAUSE_MS : Math.max(POLL_MS, bytes / POLL_BYTES_PER_MS), undefined, { signal: this.#abort.signal }).catch(
        () => undefined,
      );
    }
  }

  /** Reads the log as it is now; returns its length. */
  async catchUp(): Promise<number> {
    const { logs } = await this.#http.json<{ logs: string }>('GET', this.#path);
    this.#cutter().push(logs);
    return logs.length;
  }

  close(): void {
    this.#abort.abort();
    this.#socket?.close();
  }

  /** One tail, to its end. */
  async #follow(): Promise<void> {
    const cutter = this.#cutter();
    const before = this.#told;
    let end: (code: number) => void = () => undefined;
    const closed = new Promise<number>((resolve) => {
      end = resolve;
    });
    try {
      this.#socket = await openWebSocket(this.#http, `${this.#path}/tail`, { text: (text) => cutter.push(text), closed: end });
    } catch {
      this.#tail = false;
      return;
    }
    const code = this.#abort.signal.aborted ? this.#socket.close() : await closed;
    if (code !== 1006 || this.#told === before) this.#tail = false;
  }

  #cutter(): LogCutter {
    return new LogCutter((index, text) => {
      if (index < this.#told || this.#abort.signal.aborted) return;
      this.#told = index + 1;
      this.#listener(parsed(text));
    });
  }
}

function parsed(text: string): DriverEvent {
  try {
    return JSON.parse(text) as DriverEvent;
  } catch (cause) {
    throw new GpuParserError('PROTOCOL', "A line of the Ray job's log is damaged.", { cause });
  }
}
