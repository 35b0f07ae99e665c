import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { packageFolder, packageVersion } from '../package.js';

/**
 * The npm package that carries the CUDA library to who installed gpuparser with npm. It is installed by name, as the few who have
 * GPUs want it, and always of gpuparser's own version: scripts/pack-gpu.mjs makes it.
 */
export const CUDA_PACKAGE = `@gpuparser/cuda-${process.platform}-${process.arch}`;

export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/** The CUDA package that Node finds from a folder; undefined where none is installed. */
export function installedCudaPackage(from = packageFolder): InstalledPackage | undefined {
  let file: string;
  try {
    file = createRequire(join(from, 'package.json')).resolve(`${CUDA_PACKAGE}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  return { folder: dirname(file), version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version };
}

/** What the user types to get the CUDA library into the installation in a folder. */
export function cudaInstallCommand(folder = packageFolder): string {
  if (existsSync(join(folder, 'scripts', 'build-cuda.mjs'))) return 'npm run setup:gpu';
  const wanted = `${CUDA_PACKAGE}@${packageVersion}`;
  // npx keeps each set of packages in a folder of its own, where npm install adds nothing.
  if (folder.includes(`${sep}_npx${sep}`)) return `npx -p gpuparser@${packageVersion} -p ${wanted} gpuparser`;
  return `npm install ${isGlobal(folder) ? '-g ' : ''}${wanted}`;
}

/** npm's global packages are in PREFIX/lib/node_modules, which belongs to no package. */
function isGlobal(folder: string): boolean {
  const owner = dirname(dirname(folder));
  return basename(owner) === 'lib' && !existsSync(join(owner, 'package.json'));
}
