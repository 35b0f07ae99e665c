import type { Batch } from './batch.js';

/** Takes rows that lie in engine memory, in order. */
export interface RowConsumer {
  /**
   * @param bytes the rows' length where they came from
   * @param into appends the rows to a batch; called once
   */
  append(rows: number, bytes: number, into: (batch: Batch) => void): void;
}
