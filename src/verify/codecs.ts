import { GpuParserError } from '../errors.js';
import type { Codecs } from '../parquet/pages/row-group-reader.js';

/** The codecs that our files are written with, loaded when pages are to be decoded. */
export async function loadCodecs(): Promise<Codecs> {
  try {
    const { compressors } = await import('hyparquet-compressors');
    return compressors as Codecs;
  } catch (cause) {
    throw new GpuParserError('NOT_FOUND', 'hyparquet-compressors, which decompresses pages, cannot be loaded.', {
      hint: 'Install gpuparser again with its dependencies.',
      detail: (cause as Error).message,
      cause,
    });
  }
}
