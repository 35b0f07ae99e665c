import { randomBytes } from 'node:crypto';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GpuParserError } from '../../errors.js';
import { MANIFEST_FILE } from '../names.js';
import type { Pending } from '../store.js';
import { AtomicFile, outputError } from './atomic-file.js';

/**
 * Checks that `output` can be made of `files`; the result creates it.
 * @throws GpuParserError USAGE, OUTPUT
 */
export async function newFile(output: string, files: readonly string[], overwrite: boolean): Promise<() => Promise<Pending>> {
  await checkOutput(files, output, overwrite);
  // Not made of the output's name, which may be as long as names can be.
  const temporary = join(dirname(output), `.gpuparser-merge-${randomBytes(6).toString('hex')}.tmp`);
  return () => AtomicFile.create(output, temporary);
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

/** Whoever reads a folder of chunks reads what was merged of them once more. */
export async function amongChunks(output: string): Promise<string[]> {
  const folder = dirname(output);
  const others = (await readdir(folder).catch(() => [])).filter((name) => name !== basename(output));
  if (!others.some((name) => name === MANIFEST_FILE || /_chunk_\d+\.parquet$/.test(name))) return [];
  return [`${output} is among the files of an export: whoever reads the folder ${folder} reads its rows twice. Move it to another folder.`];
}
