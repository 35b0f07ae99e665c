import { GpuParserError } from '../errors.js';
import type { OpenFile } from '../sink/byte-source.js';
import { amongChunks, newFile, openFile } from '../sink/open-store.js';
import { readFooter } from './footer.js';
import { ParquetJoin } from './join.js';
import { commonMetadata, type FileMetadata, metadataOf } from './metadata.js';
import type { ByteSink } from './sink.js';

export interface MergeOptions {
  /** Replace the output file. Default false. */
  readonly overwrite?: boolean;
  /** Ends the merge with the error INTERRUPTED; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** Frozen: these keys never change their meaning. */
export interface MergeSummary {
  readonly path: string;
  /** How many were merged. */
  readonly files: number;
  readonly rows: number;
  readonly rowGroups: number;
  /** Of the output. */
  readonly bytes: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/**
 * Makes one Parquet file of many with the same schema, in the given order, whoever wrote them. No page is decoded or encoded
 * again. Memory: the inputs' metadata, one file at a time, and 1 MiB of data. The output appears when it is complete.
 * Errors: USAGE, NOT_FOUND, FILE for an input that cannot be merged, OUTPUT.
 */
export async function merge(files: readonly string[], output: string, options: MergeOptions = {}): Promise<MergeSummary> {
  const started = performance.now();
  if (files.length === 0) throw new GpuParserError('USAGE', 'There is no file to merge.', { hint: 'Name one or more Parquet files.' });
  const create = await newFile(output, files, options.overwrite ?? false);
  const metadata: FileMetadata[] = [];
  for (const path of files) metadata.push(await withFile(path, async (source) => metadataOf(await readFooter(source))));
  const { createdBy, sameWriter, keyValueMetadata, warnings } = commonMetadata(metadata);

  const file = await create();
  try {
    const joined = new ParquetJoin(interruptible(file, output, options.signal), {
      createdBy,
      keyValueMetadata,
      ...(sameWriter ? {} : { statistics: 'drop binary' }),
    });
    for (const [index, path] of files.entries()) await withFile(path, (source) => joined.append(source, [index]));
    const { rows, rowGroups, bytes } = await joined.finish();
    await file.commit();
    return {
      path: output,
      files: files.length,
      rows,
      rowGroups,
      bytes,
      seconds: (performance.now() - started) / 1000,
      warnings: [...warnings, ...(await amongChunks(output))],
    };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Looks at the signal before each write, so at least once in 1 MiB. */
function interruptible(sink: ByteSink, output: string, signal: AbortSignal | undefined): ByteSink {
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (signal?.aborted === true)
      throw new GpuParserError('INTERRUPTED', `The merge was interrupted; ${output} was not written.`, { hint: 'Run it again.' });
    await sink.write(bytes);
  };
  return { write };
}

async function withFile<R>(path: string, use: (source: OpenFile) => Promise<R>): Promise<R> {
  const source = await openFile(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}
