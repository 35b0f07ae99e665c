import { GpuParserError } from '../errors.js';
import { lostConnection, serverError } from './server-errors.js';
import type { CopySink, ServerMessage } from './session.js';
import type { ByteReceiver, Transport } from './socket.js';
import { messageType, parseReport, queryMessage, type ServerReport, taggedRows } from './wire.js';

/** How long a cancelled statement may take to end before its connection is cut. */
const CANCEL_GRACE_MS = 2000;
/** The same for a connection that is to be kept. */
const KEEP_GRACE_MS = 60_000;

export interface CopyContext {
  readonly signal?: AbortSignal;
  /** Asks the server to cancel the running statement. */
  readonly cancel: () => Promise<unknown>;
  readonly onNotice: (report: ServerReport) => void;
  /** The connection is to outlive an abort: what still comes goes to the sink, which must take it. */
  readonly keep?: boolean;
}

/**
 * Runs a COPY over a connection on which module pg waits for nothing, and lends it back at ReadyForQuery.
 * A rejection with the transport still open means that the connection can be used again. After any rejection or result
 * nothing writes into the sink's memory any more.
 */
export function copyOut(transport: Transport, sql: string, sink: CopySink, context: CopyContext): Promise<{ rows: number }> {
  if (sql.includes('\0')) throw new GpuParserError('USAGE', 'A statement must not contain a zero byte.');
  if (context.signal?.aborted) throw interrupted();
  return new Promise((resolve, reject) => {
    const exchange = new CopyExchange(transport, sink, context, (error, rows) => (error ? reject(error) : resolve({ rows })));
    exchange.start(sql);
  });
}

/** The messages of one COPY, from its query to ReadyForQuery. */
class CopyExchange implements ByteReceiver {
  readonly #transport: Transport;
  readonly #sink: CopySink;
  readonly #context: CopyContext;
  readonly #settle: (error: GpuParserError | undefined, rows: number) => void;
  readonly #onAbort = () => this.#abort();
  #rows = 0;
  #copying = false;
  #error: GpuParserError | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(
    transport: Transport,
    sink: CopySink,
    context: CopyContext,
    settle: (error: GpuParserError | undefined, rows: number) => void,
  ) {
    this.#transport = transport;
    this.#sink = sink;
    this.#context = context;
    this.#settle = settle;
  }

  start(sql: string): void {
    const { direct } = this.#sink;
    const descriptor = direct && this.#transport.lend();
    if (descriptor !== undefined) {
      direct?.attach(
        descriptor,
        () => this.#advance(),
        () => this.#transport.reclaim(), // the socket itself reports its end
      );
    }
    this.#transport.receiver = this;
    this.#sink.onDrain = () => {
      this.#advance(); // messages may have arrived while the sink was full
      this.#transport.resume();
    };
    this.#context.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#transport.write(queryMessage(sql));
    if (descriptor !== undefined) this.#advance();
  }

  get full(): boolean {
    return this.#sink.full;
  }

  window(): Uint8Array {
    return this.#sink.window();
  }

  received(bytes: number): void {
    this.#sink.received(bytes);
    this.#advance();
  }

  /** Deals with the messages that are there whole. */
  #advance(): void {
    try {
      for (let message = this.#sink.next(); message; message = this.#sink.next()) this.#handle(message);
    } catch (error) {
      this.#fail(GpuParserError.from(error));
    }
    if (this.#graceTimer) this.#cutIfFull();
  }

  closed(cause: Error | undefined): void {
    const detached = this.#sink.direct?.detach() ?? Promise.resolve();
    detached.finally(() => this.#end(this.#error ?? lostConnection(cause)));
  }

  #handle({ type, body }: ServerMessage): void {
    switch (type) {
      case messageType.copyOutResponse:
        if (body[0] !== 1) throw new GpuParserError('INTERNAL', 'A COPY was not in binary format.');
        this.#copying = true;
        return;
      case messageType.copyDone:
      case messageType.parameterStatus:
      case messageType.notificationResponse:
        return;
      case messageType.noticeResponse:
        return this.#context.onNotice(parseReport(body));
      case messageType.errorResponse:
        this.#error ??= serverError(parseReport(body));
        return;
      case messageType.commandComplete:
        this.#rows = taggedRows(body);
        return;
      case messageType.readyForQuery:
        if (!this.#copying) this.#error ??= new GpuParserError('INTERNAL', 'A statement given to copyOut was not a COPY TO STDOUT.');
        return this.#end(this.#error);
      default:
        throw new GpuParserError('PROTOCOL', `The server sent a message of type 0x${type.toString(16)} during COPY.`);
    }
  }

  /** The stream can no longer be followed, so the connection goes; closed() reports when it has. */
  #fail(error: GpuParserError): void {
    this.#error ??= error;
    this.#transport.destroy();
  }

  #abort(): void {
    this.#error = interrupted();
    const { keep } = this.#context;
    this.#graceTimer = setTimeout(() => this.#transport.destroy(), keep ? KEEP_GRACE_MS : CANCEL_GRACE_MS);
    this.#context.cancel().catch(() => keep || this.#transport.destroy());
    this.#cutIfFull();
  }

  /** A full sink would never see the end of the statement. */
  #cutIfFull(): void {
    if (this.#sink.full && !this.#context.keep) this.#transport.destroy();
  }

  #end(error: GpuParserError | undefined): void {
    clearTimeout(this.#graceTimer);
    this.#context.signal?.removeEventListener('abort', this.#onAbort);
    this.#sink.onDrain = undefined;
    void this.#sink.direct?.detach(); // at a COPY's end no read goes on
    this.#transport.receiver = undefined;
    this.#transport.reclaim();
    this.#settle(error, this.#rows);
  }
}

function interrupted(): GpuParserError {
  return new GpuParserError('INTERRUPTED', 'The export was stopped.');
}
