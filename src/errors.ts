/** What kind of thing went wrong; the command line turns it into an exit code. */
export type ErrorCode =
  | 'USAGE' // an option or argument is wrong
  | 'CONNECT' // the server cannot be reached, or TLS failed
  | 'AUTH' // the server refused user, password or database
  | 'PERMISSION' // the role may not read the relation
  | 'NOT_FOUND' // no such relation, column or file
  | 'VALUE' // a value that a policy forbids or its Parquet type cannot hold
  | 'SERVER' // any other error the server reported
  | 'PROTOCOL' // bytes that PostgreSQL's protocol does not allow
  | 'SNAPSHOT' // the snapshot is gone or was taken elsewhere
  | 'OUTPUT' // the output cannot be written
  | 'FILE' // a file that is not Parquet, damaged, or not joinable
  | 'DEVICE' // a device or its library is missing or failed
  | 'MEMORY' // memory, or another of the system's resources, is exhausted
  | 'WORKER' // a worker process ended or broke its protocol
  | 'INTERRUPTED' // the run was stopped from outside
  | 'INTERNAL'; // a defect of gpuparser

/** What went wrong, where a program acts on it: what an engine says of a value, that cuDF cannot be used, or that a password is missing. Sentences are for people. */
export type ErrorReason =
  | 'nan'
  | 'infinity'
  | 'range'
  | 'fraction'
  | 'overflow'
  | 'dimensions'
  | 'lower_bound'
  | 'utf8'
  | 'srid'
  | 'geometry'
  | 'cudf'
  | 'password';

export interface ErrorDetails {
  readonly reason?: ErrorReason;
  /** What the reader can do: a flag, a command, a setting. One sentence. */
  readonly hint?: string;
  /** The server's own detail, or more of the context, kept word for word. */
  readonly detail?: string;
  /** PostgreSQL's SQLSTATE where the server reported one. */
  readonly sqlState?: string;
  /** Whether trying the same again may succeed. Default false. */
  readonly retry?: boolean;
  readonly cause?: unknown;
}

/** The one error class: `message` is a sentence that names the table, column and row it is about. Holds no secrets. */
export class GpuParserError extends Error {
  override readonly name = 'GpuParserError';
  readonly code: ErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly hint: string | undefined;
  readonly detail: string | undefined;
  readonly sqlState: string | undefined;
  readonly retry: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.hint = details.hint;
    this.detail = details.detail;
    this.sqlState = details.sqlState;
    this.retry = details.retry ?? false;
  }

  /** The error as it crosses a process border. */
  toJSON(): SerializedError {
    const { code, message, reason, hint, detail, sqlState, retry } = this;
    return { code, message, ...(reason && { reason }), hint, detail, sqlState, retry };
  }

  static fromJSON(error: SerializedError): GpuParserError {
    return new GpuParserError(error.code, error.message, error);
  }

  /** Any thrown thing as a GpuParserError; what is not one already is a defect. */
  static from(thrown: unknown): GpuParserError {
    if (thrown instanceof GpuParserError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const code = (thrown as { code?: unknown } | undefined)?.code;
    if (code === 'EMFILE' || code === 'ENFILE') {
      const whose = code === 'EMFILE' ? 'this process may have no more files and connections' : 'the system can have no more files';
      const hint =
        code === 'EMFILE'
          ? 'Raise the limit (ulimit -n), or use fewer connections (--jobs).'
          : 'Close other programs, or raise fs.file-max.';
      return new GpuParserError('MEMORY', `A limit is reached: ${whose} open (${message}).`, { hint, cause: thrown });
    }
    return new GpuParserError('INTERNAL', message, { cause: thrown });
  }
}

export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly reason?: ErrorReason;
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
  readonly sqlState?: string | undefined;
  readonly retry?: boolean;
}
