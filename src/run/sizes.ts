const MIB = 1 << 20;
const PAGE_BYTES = 8192;
/** COPY bytes of a row group: large enough for good dictionaries, small enough that a few of them fit in memory. */
const BATCH_BYTES = 64 * MIB;
/** A mean column chunk under this makes files of many columns slow to read. */
const MIN_COLUMN_CHUNK_BYTES = 256 << 10;
/** Binary COPY is longer than the heap it comes from: 1.33 for numbers and short strings (measured on lineitem rows). */
const COPY_BYTES_PER_HEAP_BYTE = 4 / 3;

/** A batch lives as columns, pages and image at once; together they take up to about this many times its COPY bytes. */
const MEMORY_PER_BATCH_BYTE = 3;
const MIN_BATCH_BYTES = 4 * MIB;

export interface BatchSizes {
  /** Heap pages of a task. */
  readonly taskPages: number;
  /** COPY bytes at which a batch is closed. */
  readonly batchBytes: number;
}

/**
 * How large batches and tasks are. A task is meant to be one batch; because its bytes are known only afterwards, a batch
 * may grow by half beyond the target before it is cut.
 * @param memoryBytes for one connection, 0 for no limit.
 */
export function batchSizes(columns: number, memoryBytes: number): BatchSizes {
  const wanted = Math.max(BATCH_BYTES, columns * MIN_COLUMN_CHUNK_BYTES);
  const affordable = memoryBytes > 0 ? Math.max(MIN_BATCH_BYTES, memoryBytes / MEMORY_PER_BATCH_BYTE / 1.5) : wanted;
  const target = Math.min(wanted, affordable);
  return { taskPages: Math.ceil(target / COPY_BYTES_PER_HEAP_BYTE / PAGE_BYTES), batchBytes: target * 1.5 };
}
