import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import { cutLog, type DriverEvent } from './events.js';
import type { RayHttp } from './http.js';

/** The job's first words are answered: until they come, and shortly after, the log is asked for often. */
const FIRST_PAUSE_MS = 100;
const QUICK_MS = 15_000;
const QUICK_PAUSE_MS = 250;
const PAUSE_MS = 700;
/** Where only the whole log can be had: at most 1 MB a second of it. */
const WHOLE_PAUSE_MS = 1000;
const WHOLE_BYTES_PER_MS = 1000;
/** Lines from the log's end that are asked for; more when they do not reach back to what is known. */
const FEW_LINES = 100;
const MANY_LINES = 100_000;
/** Refusals in a row after which the log's end is not asked for any more. */
const REFUSALS = 3;
/** How long the dashboard may be away. */
const PATIENCE_MS = 120_000;

/**
 * Follows a job's log and tells each of the driver's events once, in order. It is asked for again and again: Ray's own tail,
 * a WebSocket, sends a line up to 3 s after it was written, and its streams of log files stay open on the server for ever.
 */
export class JobLog {
  readonly #http: RayHttp;
  readonly #submissionId: string;
  readonly #listener: (event: DriverEvent) => void;
  readonly #abort = new AbortController();
  #told = 0;
  /** Where the driver runs, which is where its log is. */
  #node: string | undefined;
  #lines = FEW_LINES;
  #refusals = 0;

  constructor(http: RayHttp, submissionId: string, listener: (event: DriverEvent) => void) {
    this.#http = http;
    this.#submissionId = submissionId;
    this.#listener = listener;
  }

  /** Follows until close(). @throws GpuParserError CONNECT when the dashboard has been away for two minutes. */
  async follow(): Promise<void> {
    const started = performance.now();
    let answered = started;
    while (!this.#abort.signal.aborted) {
      let pause = WHOLE_PAUSE_MS;
      try {
        const { whole, characters } = await this.catchUp();
        answered = performance.now();
        const quick = this.#told === 0 ? FIRST_PAUSE_MS : QUICK_PAUSE_MS;
        if (whole) pause = Math.max(this.#node === undefined ? quick : WHOLE_PAUSE_MS, characters / WHOLE_BYTES_PER_MS);
        else pause = answered - started < QUICK_MS ? quick : PAUSE_MS;
      } catch (error) {
        if (performance.now() - answered > PATIENCE_MS) throw error;
      }
      await sleep(pause, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    }
  }

  /** Tells what is new. Returns how much had to be read for it, and whether that was the whole log. */
  async catchUp(): Promise<{ readonly whole: boolean; readonly characters: number }> {
    let characters = 0;
    for (let lines = this.#lines; this.#node !== undefined && lines <= MANY_LINES && this.#refusals < REFUSALS; lines *= 4) {
      const end = await this.#readEnd(this.#node, lines);
      if (end === undefined) break;
      characters += end.length;
      if (this.#tell(end)) return { whole: false, characters };
    }
    const path = `/api/jobs/${this.#submissionId}/logs`;
    const { logs } = await this.#http.json<{ logs: string }>('GET', path);
    if (!this.#tell(logs)) throw new GpuParserError('PROTOCOL', "A line of the Ray job's log is damaged.");
    return { whole: true, characters: characters + logs.length };
  }

  close(): void {
    this.#abort.abort();
  }

  /** The log's last lines; undefined when this cluster, or what is in between, does not give them. */
  async #readEnd(node: string, lines: number): Promise<string | undefined> {
    const query = `node_id=${node}&filename=job-driver-${this.#submissionId}.log&lines=${lines}`;
    try {
      const { status, body } = await this.#http.request('GET', `/api/v0/logs/file?${query}`);
      if (status === 200) {
        this.#refusals = 0;
        return body.toString();
      }
    } catch (error) {
      // A proxy may forbid this path alone.
      if (!(error instanceof GpuParserError) || error.code !== 'AUTH') throw error;
    }
    this.#refusals++;
    return undefined;
  }

  /** Tells the events of a reading that are new. False when it does not reach back to those that were told, or is damaged. */
  #tell(text: string): boolean {
    const { events, lines, damaged } = cutLog(text);
    const first = events[0]?.event.n;
    if (damaged || (first === undefined ? this.#told > 0 : first > this.#told)) return false;
    for (const { event, line } of events) {
      if (event.n < this.#told || this.#abort.signal.aborted) continue;
      this.#lines = Math.max(FEW_LINES, 2 * (lines - line));
      this.#told = event.n + 1;
      if (event.ev === 'started') this.#node = event.node;
      this.#listener(event);
    }
    return true;
  }
}
