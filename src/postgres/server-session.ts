import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { sendCancelRequest } from './cancel-request.js';
import type { ControlClient } from './control-client.js';
import { copyOut } from './copy.js';
import { describeStatement } from './describe.js';
import { statementError } from './server-errors.js';
import type { CopySink, Session, StatementDescription } from './session.js';
import type { Transport } from './socket.js';

/** How long a polite goodbye may take. */
const CLOSE_GRACE_MS = 1000;
/** Notices beyond these say the same again. */
const MAX_NOTICES = 1000;

/** A started connection: module pg for statements, our own reader for COPY, one at a time. */
export class ServerSession implements Session {
  /** beginRead() corrects it behind a pooler, which reports a number of its own. */
  pid: number;
  readonly serverVersion: number;
  irreplaceable = false;
  readonly #client: ControlClient;
  readonly #transport: Transport;
  readonly #config: ConnectionConfig;
  /** Settled when the statements asked for so far are done. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether the server has said ReadyForQuery to the last statement; pg reports an error before that. */
  #ready = true;
  #onReady: (() => void) | undefined;
  #lost: Error | undefined;
  #notices: string[] = [];

  /** `client` has connected over `transport`. */
  constructor(client: ControlClient, transport: Transport, config: ConnectionConfig) {
    this.#client = client;
    this.#transport = transport;
    this.#config = config;
    this.pid = client.processID;
    this.serverVersion = versionNumber(client.parameters.get('server_version') ?? '');
    client.on('error', (error) => (this.#lost ??= error));
    client.on('notice', (notice) => this.#addNotice(String(notice.severity), String(notice.message)));
    (client.connection as unknown as NodeJS.EventEmitter).on('readyForQuery', () => this.#setReady());
    transport.control.once('close', () => this.#setReady());
  }

  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.#control(async () => {
      const result: unknown = await this.#client.query(sql, parameters as unknown[] | undefined);
      const last = (Array.isArray(result) ? result.at(-1) : result) as { rows: Row[] };
      return last.rows;
    });
  }

  queries(statements: readonly string[]): Promise<Record<string, unknown>[][]> {
    return this.#control(async () => {
      // For several statements pg gives an array, which its types do not say.
      const result: { rows: Record<string, unknown>[] } = await this.#client.query(statements.join(';\n'));
      return [result].flat().map(({ rows }) => rows);
    });
  }

  describe(sql: string): Promise<StatementDescription> {
    return this.#control(() => describeStatement(this.#client, sql));
  }

  copyOut(sql: string, sink: CopySink, options: { signal?: AbortSignal } = {}): Promise<{ rows: number }> {
    return this.#inTurn(() =>
      copyOut(this.#transport, sql, sink, {
        signal: options.signal,
        cancel: () => this.cancel(),
        keep: this.irreplaceable,
        onNotice: (report) => this.#addNotice(report.severity, report.message),
      }),
    );
  }

  cancel(): Promise<void> {
    return sendCancelRequest(this.#config, this.#client.processID, this.#client.secretKey);
  }

  takeNotices(): string[] {
    return this.#notices.splice(0);
  }

  async close(): Promise<void> {
    if (this.#transport.closed) return;
    if (!this.#ready || this.#lost) return this.destroy();
    const timer = setTimeout(() => this.destroy(), CLOSE_GRACE_MS);
    await this.#client.end().catch(() => this.destroy());
    clearTimeout(timer);
  }

  destroy(): void {
    this.#lost ??= new GpuParserError('SERVER', 'The connection was closed.');
    this.#transport.destroy();
  }

  #control<Result>(statement: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      this.#ready = false;
      try {
        return await statement();
      } catch (error) {
        throw statementError(this.#lost ?? error);
      }
    });
  }

  #inTurn<Result>(statement: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(async () => {
      await this.#untilReady();
      if (this.#lost || this.#transport.closed) throw statementError(this.#lost);
      return statement();
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #untilReady(): Promise<void> | undefined {
    if (this.#ready) return undefined;
    return new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  #setReady(): void {
    this.#ready = true;
    this.#onReady?.();
    this.#onReady = undefined;
  }

  #addNotice(severity: string, message: string): void {
    // Notices, which say little, leave room for warnings.
    const most = severity === 'WARNING' ? 2 * MAX_NOTICES : MAX_NOTICES;
    if (this.#notices.length < most) this.#notices.push(`${severity}: ${message}`);
  }
}

/** `17.6 (Debian 17.6-1)` is 170006, `18beta1` is 180000. */
function versionNumber(text: string): number {
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return Number(major ?? 0) * 10_000 + Number(minor ?? 0);
}
