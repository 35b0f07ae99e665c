import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GpuParserError, type SerializedError } from '../../errors.js';
import type { FileDescription, FolderDescription } from '../../index.js';
import type { Context } from '../context.js';
import { descriptionText } from '../description.js';
import { EXIT, exitCodeOf } from '../exit.js';
import { folderText } from '../folder-description.js';
import { reportError } from '../report.js';
import { painter } from '../terminal.js';

/** `gpuparser inspect [--ddl] FILE...`: a bad file does not keep the others from being shown. */
export async function runInspect(context: Context): Promise<number> {
  const { values, operands, stdout, stderr } = context;
  const { inspect, inspectFolder, tableDefinition } = await context.library();
  const paint = painter(stdout, context.environment);
  const verbose = values.verbose ?? false;
  const files: FileDescription[] = [];
  const folders: FolderDescription[] = [];
  const failed: { path: string; error: SerializedError }[] = [];
  const fail = (path: string, error: SerializedError & { readonly stack?: string | undefined }): void => {
    const { stack: _, ...shown } = error;
    failed.push({ path, error: shown });
    reportError(stderr, context.environment, error, verbose);
  };
  const show = (text: string): void => {
    if (!values.json) stdout.write(`${files.length + folders.length > 1 ? '\n' : ''}${text}`);
  };
  const showFolder = async (path: string): Promise<void> => {
    const description = await inspectFolder(path);
    if (values.ddl) {
      for (const file of oneOfEach(description)) stdout.write(await tableDefinition(join(path, file)));
    } else {
      folders.push(description);
      show(folderText(description, paint));
    }
    for (const { path: file, error } of description.failed) fail(file, error);
  };
  for (const path of operands) {
    try {
      if (await isFolder(path)) await showFolder(path);
      else if (values.ddl) stdout.write(await tableDefinition(path));
      else {
        files.push(await inspect(path));
        show(descriptionText(files.at(-1) as FileDescription, verbose, paint));
      }
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      fail(path, { ...error.toJSON(), stack: error.stack });
    }
  }
  if (values.json && !values.ddl) stdout.write(`${JSON.stringify({ files, folders, failed })}\n`);
  return failed[0] === undefined ? EXIT.done : exitCodeOf(failed[0].error.code);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A file of each table, and those of none. */
function oneOfEach({ files }: FolderDescription): string[] {
  const seen = new Set<string>();
  return files.filter(({ table }) => table === undefined || (!seen.has(table) && seen.add(table))).map(({ file }) => file);
}
