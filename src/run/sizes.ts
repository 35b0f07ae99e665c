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

/**
 * On a GPU a batch is half a million lineitem rows: large enough that four at once keep the card busy, small enough that
 * little is left to encode when the last connection ends.
 */
const GPU_BATCH_BYTES = 96 * MIB;
/** Rows, fields, columns, uncompressed and compressed pages: what cuDF's writer needs at once for a byte of COPY data. */
const GPU_MEMORY_PER_BATCH_BYTE = 8;

/**
 * The smallest task at a chunk's end, in heap pages: tasks are row groups, and small row groups read slowly. 4 MiB are 25,000
 * lineitem rows, which one backend sends in 50 ms: that is how far apart connections may end.
 */
const SMALLEST_TASK_PAGES = 512;
/**
 * Where tasks are small themselves, and on a GPU, the smallest is this share of them: cuDF's writer and the driver take some 6 ms for a
 * batch however small it is, one after the other, and 16 connections with little batches make them wait.
 */
const SMALLEST_TASK_SHARE = 1 / 4;

export interface BatchSizes {
  /** Heap pages of a task. */
  readonly taskPages: number;
  /** Heap pages of the last tasks of a chunk, by which connections end together. */
  readonly smallestTaskPages: number;
  /** COPY bytes at which a batch is closed. */
  readonly batchBytes: number;
}

/**
 * How large batches and tasks are. A task is meant to be one batch; because its bytes are known only afterwards, a batch
 * may grow by half beyond the target before it is cut.
 * @param memoryBytes for one connection, of the host or, with `gpu`, of the device; 0 for no limit.
 */
export function batchSizes(columns: number, memoryBytes: number, gpu = false): BatchSizes {
  const wanted = Math.max(gpu ? GPU_BATCH_BYTES : BATCH_BYTES, columns * MIN_COLUMN_CHUNK_BYTES);
  const perByte = gpu ? GPU_MEMORY_PER_BATCH_BYTE : MEMORY_PER_BATCH_BYTE;
  const affordable = memoryBytes > 0 ? Math.max(MIN_BATCH_BYTES, memoryBytes / perByte / 1.5) : wanted;
  const target = Math.min(wanted, affordable);
  const taskPages = Math.ceil(target / COPY_BYTES_PER_HEAP_BYTE / PAGE_BYTES);
  const share = Math.floor(taskPages * SMALLEST_TASK_SHARE);
  return { taskPages, smallestTaskPages: gpu ? share : Math.min(share, SMALLEST_TASK_PAGES), batchBytes: target * 1.5 };
}
