import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GpuParserError } from '../errors.js';
import { packageFolder } from '../package.js';

/** Each is a library of its own behind the same door. */
export type EngineName = 'cpu' | 'cuda';

/** Whether this installation has the CUDA engine; it still needs cuDF and a GPU. */
export function hasCudaLibrary(): boolean {
  return existsSync(libraryFile('cuda'));
}

function libraryFile(name: EngineName): string {
  return join(
    packageFolder,
    'prebuilt',
    `${process.platform}-${process.arch}`,
    name === 'cpu' ? 'libgpuparser.so' : 'libgpuparser_cuda.so',
  );
}

/** Where an engine's library is. Throws DEVICE when it is not in this installation. */
export function libraryPath(name: EngineName): string {
  const path = libraryFile(name);
  if (existsSync(path)) return path;
  const platform = `${process.platform}-${process.arch}`;
  if (name === 'cuda')
    throw new GpuParserError('DEVICE', `The CUDA engine for ${platform} is not in this installation (${path}).`, {
      hint: 'In a clone, run "npm run setup:gpu" to build it; or use --device cpu.',
    });
  throw new GpuParserError('DEVICE', `The native library for ${platform} is not in this installation (${path}).`, {
    hint: 'In a clone, run "npm run setup" to build it; prebuilt packages carry linux-x64.',
  });
}
