import { GpuParserError } from '../errors.js';
import { tableDefinition } from '../origin/ddl.js';
import { ORIGIN_KEY, type Origin } from '../origin/origin.js';
import { openFile } from '../sink/open-store.js';
import { originOf } from './file-origin.js';

/** Only a program's own word says that an origin is whole: a damaged one lacks what its type promises. */
function definitionOf(origin: Origin, path: string): string {
  try {
    return tableDefinition(origin);
  } catch (cause) {
    throw new GpuParserError('FILE', `What ${path} says of the table its rows came from is damaged.`, {
      hint: 'Copy or export the file again.',
      cause,
    });
  }
}

/** The SQL of the table that a file's rows came from. Errors: NOT_FOUND, or FILE for what is not Parquet or does not tell its origin. */
export async function tableDefinitionOf(path: string): Promise<string> {
  const origin = await originOf(await openFile(path));
  if (origin !== undefined) return definitionOf(origin, path);
  throw new GpuParserError('FILE', `${path} does not say what table its rows came from.`, {
    hint: `Files that this program exports do, in the footer's key-value metadata under ${ORIGIN_KEY}.`,
  });
}
