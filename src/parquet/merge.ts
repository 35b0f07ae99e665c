import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GpuParserError } from '../errors.js';
import { AtomicFile, outputError } from '../sink/local/atomic-file.js';
import { MANIFEST_FILE } from '../sink/manifest.js';
import { readFooter } from './footer.js';
import { ParquetJoin } from './join.js';
import { commonMetadata, type FileMetadata, metadataOf } from './metadata.js';
import type { ByteSink } from './sink.js';
import { FileSource } from './source.js';

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
  await checkOutput(files, output, options.overwrite ?? false);
  const metadata: FileMetadata[] = [];
  for (const path of files) metadata.push(await withFile(path, async (source) => metadataOf(await readFooter(source))));
  const { createdBy, sameWriter, keyValueMetadata, warnings } = commonMetadata(metadata);

  // Not made of the output's name, which may be as long as names can be.
  const temporary = join(dirname(output), `.gpuparser-merge-${randomBytes(6).toString('hex')}.tmp`);
  const file = await AtomicFile.create(output, temporary);
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
      warnings: [...warnings, ...amongChunks(output)],
    };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Whoever reads a folder of chunks reads what was merged of them once more. */
function amongChunks(output: string): string[] {
  const folder = dirname(output);
  if (!existsSync(join(folder, MANIFEST_FILE))) return [];
  return [`${output} is among the files of an export: whoever reads the folder ${folder} reads its rows twice. Move it to another folder.`];
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

async function withFile<R>(path: string, use: (source: FileSource) => Promise<R>): Promise<R> {
  const source = await FileSource.open(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

async function checkOutput(files: readonly string[], output: string, overwrite: boolean): Promise<void> {
  let target: string;
  try {
    const found = await lstat(output);
    if (found.isDirectory())
      throw new GpuParserError('OUTPUT', `${output} is a folder, not a file.`, {
        hint: `Name a file in it: ${join(output, 'merged.parquet')}.`,
      });
    if (!found.isFile() && !found.isSymbolicLink())
      throw new GpuParserError('OUTPUT', `${output} is a device or the like, not a file.`, { hint: 'Give the output another name.' });
    target = await realpath(output);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw outputError(output, error);
    const folder = await stat(dirname(output)).catch(() => undefined);
    if (folder?.isDirectory() === true) return;
    throw new GpuParserError('OUTPUT', `There is no folder ${dirname(output)} to write ${basename(output)} in.`, {
      hint: 'Create it first.',
    });
  }
  for (const path of files) {
    if ((await realpath(path).catch(() => path)) === target)
      throw new GpuParserError('USAGE', `${output} is both an input and the output.`, { hint: 'Give the output another name.' });
  }
  if (!overwrite)
    throw new GpuParserError('OUTPUT', `${output} exists already.`, { hint: 'Choose another name, or replace it with --overwrite.' });
}
