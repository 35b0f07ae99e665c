import { type Origin, originIn } from '../origin/origin.js';
import type { OpenFile } from '../sink/byte-source.js';
import { readFooter } from './footer.js';
import { metadataOf } from './metadata.js';

/** What a file says of where its rows came from; undefined where it does not. Closes it. Errors: FILE for what is not Parquet. */
export async function originOf(file: OpenFile): Promise<Origin | undefined> {
  try {
    return originIn(metadataOf(await readFooter(file)).keyValues);
  } finally {
    await file.close();
  }
}
