import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GpuParserError } from '../errors.js';
import { packageFolder, packageVersion } from '../package.js';
import { CUDA_PACKAGE, cudaInstallCommand, installedCudaPackage } from './cuda-package.js';

/** Each is a library of its own behind the same door. */
export type EngineName = 'cpu' | 'cuda';

const platform = `${process.platform}-${process.arch}`;

/** Below the package's folder, also in what Ray's workers get. */
export const CUDA_LIBRARY = `prebuilt/${platform}/libgpuparser_cuda.so`;
const CPU_LIBRARY = `prebuilt/${platform}/libgpuparser.so`;

/** Where an engine's library is. Throws DEVICE when it is not in this installation, or of another version. */
export function libraryPath(name: EngineName): string {
  const path = name === 'cuda' ? findCudaLibrary() : findCpuLibrary();
  if (path instanceof GpuParserError) throw path;
  return path;
}

/** What a clone has built, else the package that npm installed beside this one; why there is none otherwise. */
export function findCudaLibrary(folder = packageFolder): string | GpuParserError {
  const own = join(folder, CUDA_LIBRARY);
  if (existsSync(own)) return own;
  const installed = installedCudaPackage(folder);
  const command = cudaInstallCommand(folder);
  if (installed === undefined)
    return new GpuParserError('DEVICE', 'The CUDA engine is not in this installation of gpuparser.', {
      hint:
        platform === 'linux-x64' ? `To add it: ${command}; or use --device cpu.` : `There is none for ${platform} yet; use --device cpu.`,
    });
  if (installed.version !== packageVersion)
    return new GpuParserError(
      'DEVICE',
      `${CUDA_PACKAGE} in ${installed.folder} is of version ${installed.version}, but gpuparser of ${packageVersion}.`,
      { hint: `Install the same version: ${command}; or use --device cpu.` },
    );
  return join(installed.folder, 'libgpuparser_cuda.so');
}

function findCpuLibrary(): string | GpuParserError {
  const path = join(packageFolder, CPU_LIBRARY);
  if (existsSync(path)) return path;
  return new GpuParserError('DEVICE', `The native library for ${platform} is not in this installation (${path}).`, {
    hint: 'In a clone, run "npm run setup" to build it; prebuilt packages carry linux-x64.',
  });
}
