import type { ExportRequest } from '../export-options.js';
import type { Codec, Encodings } from '../options.js';
import type { Origin, SnapshotInfo, SourceKind } from '../origin/origin.js';

/** The plan of one export: everything that was decided before the first row is read. JSON in every part, no secrets. */
export interface Plan {
  readonly version: 1;
  /** As messages name it: `public.customer`, `public."Order Lines"`, or `query`. */
  readonly table: string;
  /** First part of file names: `<stem>_chunk_<i>.parquet`. */
  readonly stem: string;
  /** What was asked for. */
  readonly request: ExportRequest;
  readonly source: SourceKind;
  readonly columns: readonly ColumnPlan[];
  readonly chunks: readonly ChunkPlan[];
  /** Rows expected by the server's statistics, or exact when `-r` counted them; undefined when nothing is known. */
  readonly estimatedRows?: number;
  readonly exactRows: boolean;
  /** Heap bytes the scans will read, 0 when unknown. */
  readonly heapBytes: number;
  /** Undefined when the source can be read by ctid ranges, else why not, as a clause: "a view has no ctid". */
  readonly unsplittable?: string;
  readonly snapshot: SnapshotInfo;
  readonly writer: WriterPlan;
  /** Where the rows come from; in every file's footer and in the manifest. */
  readonly origin: Origin;
  /** Written into every file's footer. */
  readonly keyValueMetadata: Readonly<Record<string, string>>;
  /** What rules columns that no option of their own does; see ColumnPlan.policies. */
  readonly policies: Readonly<Record<string, string>>;
  /** Connections per export, all workers together. */
  readonly jobs: number;
  readonly warnings: readonly string[];
}

export interface WriterPlan {
  readonly codec: Codec;
  /** 0: the codec's default. */
  readonly level: number;
  /** Default `compatible`. */
  readonly encodings?: Encodings;
  readonly createdBy: string;
  /** Whether row-level security may hide rows from the data connections, or is an error where it would. */
  readonly rowSecurity: boolean;
}

export type Policy = 'error' | 'null' | 'saturate';

/** How a field looks on the wire and what it becomes; the names are gp_kind's, lower case (native/include/gpuparser.h). */
export type Kind =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'oid'
  | 'float4'
  | 'float8'
  | 'decimal'
  | 'numeric_double'
  | 'numeric_text'
  | 'money'
  | 'text'
  | 'jsonb'
  | 'bytea'
  | 'uuid'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  | 'interval'
  | 'char'
  | 'utf8'
  | 'geometry'
  | 'list'
  | 'struct'
  | 'map'
  | 'range'
  | 'multirange'
  | 'vector'
  | 'halfvec';

/** A column, or a value inside a nested one. */
export interface NodePlan {
  /** Inside a list `element`, inside a map `key` and `value`, inside a range `lower` and `upper`. */
  readonly name: string;
  /** format_type(): `numeric(12,2)`. */
  readonly postgresType: string;
  /** For people: `DECIMAL(12,2)`, `STRING`, `LIST<INT32>`. */
  readonly parquetType: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** Digits of a decimal; dimensions of a list; of a geometry: the SRID that every value must have. */
  readonly precision: number;
  readonly scale: number;
  /** Annotation of kind `text`. */
  readonly logical: 'none' | 'string' | 'json' | 'enum';
  readonly onNan: Policy;
  readonly onInfinity: Policy;
  /** What a nested kind holds, in order; absent where it holds nothing. */
  readonly children?: readonly NodePlan[];
}

export interface ColumnPlan extends NodePlan {
  /** The source's name for it, where --rename gave the file another. */
  readonly source?: string;
  /** SQL in the select list that yields the wire form: `"price"`, `"shape"::text` or `"shapes"::text[]`. */
  readonly expression: string;
  /** True when the type has no native form here and travels as its exact text; of an array, when its elements do. */
  readonly asText: boolean;
  /** The policies that rule this column, and `type` where --type gave its form; by option, in the words of the options. */
  readonly policies: Readonly<Record<string, string>>;
  /** With a bloom filter in every column chunk. */
  readonly bloomFilter?: boolean;
}

export interface ChunkPlan {
  readonly index: number;
  /** File name without folder: `customer_chunk_0.parquet`. */
  readonly file: string;
  readonly scans: readonly ScanPlan[];
  /** Exact when Plan.exactRows. */
  readonly rows?: number;
}

/** One SELECT over one relation, split by ctid where it can be. */
export interface ScanPlan {
  /** Quoted and qualified, for messages and row look-ups: `"public"."customer_2024"`. */
  readonly relation: string;
  /** `SELECT <expressions> FROM <from>`; never ends in a WHERE. */
  readonly select: string;
  /** What follows FROM: `ONLY "public"."customer_2024" AS "customer"`, or a whole tree's root, or `(<query>) AS "query"`. */
  readonly from: string;
  /** What LOCK TABLE is to be given for it: `ONLY "public"."customer_2024"`. Absent where LOCK TABLE takes none; see lockStatements(). */
  readonly lock?: string;
  /** True when one scan reads several relations (a tree through its root), so that a ctid alone does not name a row. */
  readonly several?: boolean;
  /** The user's condition, already proved to be one expression; placed in parentheses with a newline behind it. */
  readonly where?: string;
  /** Rows to read at most, for sources that cannot be split. */
  readonly limit?: number;
  /** Present when the scan can be cut by ctid. */
  readonly range?: CtidRange;
}

/** Rows with from <= ctid < to. Tids are `(page,line)`. */
export interface CtidRange {
  readonly from: Tid;
  /** Undefined: to the end of the relation, however far it has grown. */
  readonly to?: Tid;
  /** Pages at planning time from `from` to the end, for splitting into tasks; at least 1. */
  readonly pages: number;
}

export interface Tid {
  readonly page: number;
  readonly line: number;
}

/** The part of a plan that workers need. */
export type WorkerPlan = Omit<Plan, 'chunks'>;
