/** What `verify` found: plain data, JSON in every part. Frozen: these keys never change their meaning. */
export interface Verification {
  /** As an absolute path. */
  readonly folder: string;
  /** True when everything that was to be checked was checked and is as it should be. */
  readonly ok: boolean;
  /** Whether pages were decoded, and values compared with the server. */
  readonly deep: boolean;
  readonly server: boolean;
  readonly seconds: number;
  readonly tables: readonly TableVerification[];
  /** Of files that belong to no table of the manifest. */
  readonly problems: readonly Problem[];
}

export interface TableVerification {
  /** As the manifest names it: `public.customer`. */
  readonly table: string;
  readonly ok: boolean;
  /** As the manifest has them. */
  readonly rows: number;
  readonly bytes: number;
  readonly files: readonly FileVerification[];
  /** Of the table as a whole: its entry, files that are not in it, the server's side. */
  readonly problems: readonly Problem[];
  /** What may surprise and is no problem. */
  readonly notes: readonly string[];
  /** Column by column, then of whole rows; empty unless values were compared with the server. */
  readonly columns: readonly ColumnComparison[];
}

export interface FileVerification {
  /** Name in the folder. */
  readonly file: string;
  readonly ok: boolean;
  /** What was looked at: `size`, `footer`, `rows`, `schema`, `origin`, `checksum`, `pages`, `statistics`, `indexes`. */
  readonly checked: readonly string[];
  readonly problems: readonly Problem[];
}

export interface Problem {
  /** One of FileVerification.checked, or `missing`, `stale`, `name`, `manifest`, `failures`, `server`. */
  readonly check: string;
  readonly file?: string;
  readonly column?: string;
  /** A sentence. */
  readonly message: string;
  readonly hint?: string;
}

export interface ColumnComparison {
  /** Null stands for whole rows. */
  readonly column: string | null;
  readonly postgresType: string | null;
  readonly status: 'same' | 'different' | 'not compared';
  readonly files: Checksum | null;
  readonly server: Checksum | null;
  /** Why it was not compared, or on which terms it was. */
  readonly reason: string | null;
}

/** Of a column: values that are not NULL, and the sum of their 64-bit hashes modulo 2^64 as 16 hex digits. */
export interface Checksum {
  readonly values: number;
  readonly checksum: string;
}

/** Most problems of one kind that one file reports; a damaged file has thousands that say the same. */
export const MOST_PROBLEMS = 20;

/** What happens during a comparison with the server, for progress. */
export type VerifyEvent =
  | { readonly type: 'progress'; readonly table: string; readonly rows: number; readonly expectedRows: number; readonly bytes: number }
  | { readonly type: 'notice'; readonly message: string };
