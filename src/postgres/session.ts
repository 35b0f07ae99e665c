/** One message of PostgreSQL's protocol that is not CopyData. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export interface ServerMessage {
  /** The type byte, e.g. 0x5a for ReadyForQuery. */
  readonly type: number;
  /** What follows the length word. Valid until the next call on the sink. */
  readonly body: Uint8Array;
}

/**
 * Where a COPY's bytes go: engine memory. The socket reads straight into `window()`, then reports with `received()`.
 * The messages in the memory are walked by native code; only those that are not CopyData come back to JavaScript.
 */
export interface CopySink {
  /** Memory for the next socket read, in bytes. Never empty; asked for once per read, and never while `full`. It must stay until `received()`. */
  window(): Uint8Array;
  /** `bytes` more have arrived in the last window. */
  received(bytes: number): void;
  /**
   * The next complete message that is not CopyData, which is consumed; undefined when more bytes are needed. Throws a
   * GpuParserError when the bytes are not PostgreSQL's.
   */
  next(): ServerMessage | undefined;
  /** True while no more should be read from the socket: pause after the read in hand and wait for `onDrain`. */
  readonly full: boolean;
  /** Set by the reader; called by the sink when `full` has become false. */
  onDrain: (() => void) | undefined;
  /** Where the sink can read a plain socket by itself. Without it, it is given the bytes. */
  readonly direct?: DirectSink;
}

/** A sink's own way to a socket, on native threads. */
export interface DirectSink {
  /**
   * Lends the socket until `detach`. The sink's `next` starts a read, and returns undefined while one goes on; `wake` is called when
   * to ask it again, `ended` when the socket gave no more.
   */
  attach(descriptor: number, wake: () => void, ended: () => void): void;
  /** Cuts a read that goes on. Resolves when nothing reads into the sink's memory any more. */
  detach(): Promise<void>;
}

/** A statement's shape as the server describes it after parsing, without running it. */
export interface StatementDescription {
  /** Empty for a statement that returns no rows, or rows without columns. Domains appear as their base types. */
  readonly columns: readonly {
    readonly name: string;
    readonly typeOid: number;
    readonly typeModifier: number;
    /** The relation whose column it is as it stands, and that column's number; 0 for what is computed. */
    readonly relation: number;
    readonly attribute: number;
  }[];
  /** Number of $n parameters. */
  readonly parameters: number;
}

/** One connection to the server. Statements run one after the other. */
export interface Session {
  /** The backend's process id. */
  readonly pid: number;
  /** server_version_num, e.g. 170004. */
  readonly serverVersion: number;
  /** Whether a COPY that is stopped is read to its end, however slow, rather than cut: this transaction cannot be had again. */
  irreplaceable?: boolean;
  /** Runs one statement and returns its rows as objects of text-format values parsed by type (int8 and numeric stay strings). */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs statements without parameters in one message, so in one round trip; the rows of each. The first that fails ends it. */
  queries(statements: readonly string[]): Promise<Record<string, unknown>[][]>;
  /**
   * Has the server parse exactly one statement (extended protocol: Parse, Describe, Sync) without running it.
   * @throws GpuParserError SERVER when it is not one valid statement.
   */
  describe(sql: string): Promise<StatementDescription>;
  /**
   * Runs `COPY ... TO STDOUT (FORMAT binary)` and streams it into the sink.
   * @returns the row count of the server's command tag.
   */
  copyOut(sql: string, sink: CopySink, options?: { signal?: AbortSignal }): Promise<{ rows: number }>;
  /** Asks the server to cancel the running statement; takes no further session. */
  cancel(): Promise<void>;
  /** Warnings and notices received so far; reading clears them. */
  takeNotices(): string[];
  /** Ends the session politely; after an error, cuts the socket. */
  close(): Promise<void>;
  /** Cuts the socket at once. */
  destroy(): void;
}
