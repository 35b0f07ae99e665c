import type { ErrorCode, SerializedError } from '../errors.js';
import { EXPORT_OPTIONS } from '../export-options.js';

/** What is tried again, and which error is told in the end. Data, so that Ray's driver has the same. */
export interface RetryPolicy {
  /** Of a chunk, after its first attempt. */
  readonly retries: number;
  /** A worker that dies this often without finishing a chunk is not started again. */
  readonly launches: number;
  /** Codes of what may fail only because something else has failed before; a value or a full disk speaks for itself. */
  readonly consequences: readonly ErrorCode[];
  /** Of an error that ends the snapshot: a lost connection (no SQLSTATE), a conflict with recovery, a server that goes down. */
  readonly endsSnapshot: { readonly code: ErrorCode; readonly sqlStates: readonly (string | null)[]; readonly classes: readonly string[] };
}

export function retryPolicy(retries: number = EXPORT_OPTIONS.retries.default): RetryPolicy {
  return {
    retries,
    launches: 3,
    consequences: ['SNAPSHOT', 'CONNECT', 'SERVER', 'WORKER'],
    endsSnapshot: { code: 'SERVER', sqlStates: [null, '40001'], classes: ['57P'] },
  };
}

/** Whether whoever misses the snapshot later misses it because of this error: the coordinator may have met the same. */
export function endsSnapshot({ endsSnapshot: ends }: RetryPolicy, { code, sqlState }: SerializedError): boolean {
  return code === ends.code && (ends.sqlStates.includes(sqlState ?? null) || ends.classes.some((start) => sqlState?.startsWith(start)));
}

/** Of what a chunk failed of first and what it fails of now, the one to tell. */
export function causeOf({ consequences }: RetryPolicy, first: SerializedError | undefined, error: SerializedError): SerializedError {
  return first !== undefined && consequences.includes(error.code) ? first : error;
}
