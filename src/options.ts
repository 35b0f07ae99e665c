/** Options of an export, for the library and, flag by flag, the command line. What is undefined has the stated default. */
export interface ExportOptions {
  /** SQL syntax: `name`, `schema.name`, `schema."Name"`. Exactly one of table and query. */
  readonly table?: string;
  /** A SELECT to export instead of a table. */
  readonly query?: string;
  /** Exactly min(rows, rows there). Default: all. */
  readonly rows?: number;
  /** Number of devices. Default: all GPUs, or one CPU worker with all cores. */
  readonly gpus?: number;
  /** Output folder, created with its parents; `-` for one file on standard output, with nothing left beside it. Default `./ray_output`. */
  readonly output?: string;
  readonly connection?: ConnectionOptions;
  /** Default `auto`. */
  readonly device?: 'auto' | 'cpu' | 'cuda';
  /** Default `local`. */
  readonly cluster?: 'local' | 'ray';
  /** Of Ray's dashboard. Default: what RAY_API_SERVER_ADDRESS or RAY_ADDRESS name, else http://127.0.0.1:8265. */
  readonly rayAddress?: string;
  /** Holds the cluster's token. Default: where Ray itself looks for it. */
  readonly rayTokenFile?: string;
  /** Workers on the cluster. Default: one per GPU, or one per node where the CPU is used. */
  readonly rayWorkers?: number;
  /** Node.js on the cluster's nodes: from the PATH, installed by Ray from PyPI, or a path. Default: `auto`, the first of them that is there. */
  readonly rayNode?: string;
  /** Wait for resources that the cluster does not have yet. Default false: an error. */
  readonly rayWait?: boolean;
  /** Where workers on a cluster get the password from: sent to them once, or from the files of their node. Default `client`. */
  readonly raySecretFrom?: 'client' | 'node';
  /** Connections per export. Default: two per core and at most 8, no more than the table is worth or the server has free. */
  readonly jobs?: number;
  /** How long planning waits for a lock that another session holds, in milliseconds. Default 30 s. */
  readonly lockTimeout?: number;
  /** Files. Default: one per device. */
  readonly chunks?: number;
  /** Column names, as the catalogue has them. Default: all. */
  readonly columns?: readonly string[];
  /** Columns to leave out, by name. Default: none. */
  readonly excludeColumns?: readonly string[];
  /** Column name to the name that it gets in the files; other options go on calling it by its own. */
  readonly rename?: Readonly<Record<string, string>>;
  /** A condition over the table's columns, one SQL expression. */
  readonly where?: string;
  /** Default `snappy`. */
  readonly compression?: Codec;
  /** zstd 1..22, for every column. Default: each column chunk gets what a sample of it is worth, about level 3 at most. */
  readonly compressionLevel?: number;
  /**
   * `compatible` (default): PLAIN and dictionaries, which every reader has. `auto`: also DELTA_BINARY_PACKED,
   * DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT where they win; the CUDA engine does not have them.
   */
  readonly encodings?: Encodings;
  /** Exported columns whose chunks get bloom filters; the CUDA engine does not write them. Default: none. */
  readonly bloomFilters?: readonly string[];
  /** Budget of the whole process tree in bytes. Default: sized to the machine. */
  readonly memory?: number;
  /**
   * Column name to form, for columns that are to become something else than docs/types.md's default:
   * `{ price: 'decimal(18,4)', payload: 'text', x: 'double' }`. A form that cannot hold the type is an error.
   */
  readonly types?: Readonly<Record<string, string>>;
  /** Unbounded numeric: `string` (default), `double`, or `decimal(P,S)`. */
  readonly numeric?: PerColumn<string>;
  /** NaN in a DECIMAL. Default `error`. */
  readonly nan?: PerColumn<'error' | 'null'>;
  /** Infinite or out-of-range dates, times, intervals and decimals. Default `error`. */
  readonly infinity?: PerColumn<'error' | 'null' | 'saturate'>;
  /** Enum types: STRING (default), or annotated as ENUM and always encoded by a dictionary. */
  readonly enum?: PerColumn<'string' | 'dictionary'>;
  /** Text that is not UTF-8, in SQL_ASCII databases above all. Default `error`. */
  readonly invalidUtf8?: PerColumn<'error' | 'replace' | 'binary'>;
  /**
   * Arrays are lists. Those of several dimensions or with a lower bound other than 1 are an error (`error`, default), or all arrays
   * become the server's text (`text`), or lists of lists to the declared depth (`nested`), and those of another depth are an error.
   */
  readonly arrays?: PerColumn<'error' | 'text' | 'nested'>;
  /** Ranges and multiranges: the server's `text` (default), or a `struct` of bounds and flags. */
  readonly ranges?: PerColumn<'text' | 'struct'>;
  /** Export only the rows a row-level security policy shows. Default false: such a policy is an error. */
  readonly allowRowSecurity?: boolean;
  /** Replace this table's files of an earlier run. Default false. */
  readonly overwrite?: boolean;
  /** Retries of a failed chunk. Default 2. */
  readonly retries?: number;
}

/** One value for all columns, or a value for single ones by name and, where `default` is given, for all others. */
export type PerColumn<Value> = Value | { readonly default?: Value; readonly columns?: Readonly<Record<string, Value>> };

/** What flags say about the connection; everything else comes from the places libpq looks in. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
}

/** Who asks for a password, of whom. */
export interface PasswordQuestion {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Called when the server asks for a password and none was found; undefined or an empty text leaves that an error. */
export type AskPassword = (question: PasswordQuestion) => Promise<string | undefined>;

export type Codec = 'snappy' | 'zstd' | 'lz4' | 'none';

/** `compatible`: PLAIN and dictionaries. `auto`: Parquet 2's encodings too, where they make a column chunk smaller. */
export type Encodings = 'compatible' | 'auto';
