import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GpuParserError } from '../errors.js';

/** The release that the CUDA library is built with: cuDF's C++ interface changes with each. */
export const CUDF_VERSION = '26.10';
/** CUDA 13 needs this driver branch: https://docs.nvidia.com/deploy/cuda-compatibility/ */
export const LEAST_DRIVER = 580;

const INSTALL = `pip install "libcudf-cu13==${CUDF_VERSION}.*"`;
/** Names a libcudf.so, its folder, or a site-packages folder. */
const VARIABLE = 'GPUPARSER_CUDF';

/** libcudf.so finds only what lies beside it, so these are loaded before it, in this order; the folders are those of the wheels. */
const LIBRARIES: readonly (readonly [file: string, wheelFolder: string])[] = [
  ['libnvJitLink.so.13', 'nvidia/cu13/lib'],
  ['libnvrtc.so.13', 'nvidia/cu13/lib'],
  ['librapids_logger.so', 'rapids_logger/lib64'],
  ['librmm.so', 'librmm/lib64'],
  ['libkvikio.so', 'libkvikio/lib64'],
  ['libnvcomp.so.5', 'nvidia/libnvcomp/lib64'],
  ['libcudf.so', 'libcudf/lib64'],
];

const SYSTEM_FOLDERS = ['/usr/local/lib', '/usr/local/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/opt/conda/lib'];
const TOOLKIT_FOLDERS = ['/usr/local/cuda/lib64', '/usr/local/cuda-13/lib64', '/usr/local/cuda-13.0/lib64', '/opt/cuda/lib64'];
const PYTHON_TIMEOUT_MS = 5000;

export interface Cudf {
  /** libcudf.so. */
  readonly path: string;
  /** Undefined where nothing beside the library tells it; loading it then does. */
  readonly version: string | undefined;
  /** Files to load, in order; a bare name is left to the system's loader. */
  readonly libraries: readonly string[];
}

let found: Cudf | GpuParserError | undefined;

/** cuDF's library by an explicit path, a Python environment, conda, or the usual folders. Throws DEVICE where there is none of the right release. */
export function findCudf(env: NodeJS.ProcessEnv = process.env): Cudf {
  found ??= searchCudf(env);
  if (found instanceof GpuParserError) throw found;
  return found;
}

/** The same without remembering. */
export function searchCudf(env: NodeJS.ProcessEnv): Cudf | GpuParserError {
  const others: string[] = [];
  const explicit = env[VARIABLE];
  const hint = `Install it: ${INSTALL}; where it is not found by itself, set ${VARIABLE} to the folder of libcudf.so.`;
  for (const cudf of candidates(env, explicit)) {
    if (cudf.version === undefined || cudf.version.startsWith(`${CUDF_VERSION}.`)) return cudf;
    others.push(`${cudf.path} is of release ${cudf.version}`);
  }
  if (others.length > 0)
    return new GpuParserError('DEVICE', `This build needs cuDF ${CUDF_VERSION}, but ${others.join(', and ')}.`, { reason: 'cudf', hint });
  const where = explicit === undefined ? 'was not found' : `is not at ${VARIABLE}=${explicit}`;
  return new GpuParserError('DEVICE', `cuDF's library (libcudf.so) ${where}.`, { reason: 'cudf', hint });
}

function* candidates(env: NodeJS.ProcessEnv, explicit: string | undefined): Generator<Cudf> {
  const inSite = (folder: string): Cudf[] => {
    const path = join(folder, 'libcudf/lib64/libcudf.so');
    return existsSync(path)
      ? [{ path, version: siteVersion(folder), libraries: libraries((file, wheel) => [join(folder, wheel, file)], env) }]
      : [];
  };
  const inFolder = (folder: string): Cudf[] => {
    const path = join(folder, 'libcudf.so');
    return existsSync(path) ? [{ path, version: folderVersion(folder), libraries: libraries((file) => [join(folder, file)], env) }] : [];
  };
  if (explicit !== undefined) {
    const folder = existsSync(explicit) && statSync(explicit).isFile() ? dirname(explicit) : explicit;
    yield* inFolder(folder);
    yield* inSite(folder);
    return;
  }
  for (const prefix of [env.VIRTUAL_ENV, env.CONDA_PREFIX]) {
    if (prefix === undefined || prefix === '') continue;
    for (const folder of siteFolders(prefix)) yield* inSite(folder);
    yield* inFolder(join(prefix, 'lib'));
  }
  for (const folder of (env.LD_LIBRARY_PATH ?? '').split(':')) if (folder !== '') yield* inFolder(folder);
  for (const folder of SYSTEM_FOLDERS) yield* inFolder(folder);
  for (const folder of pythonFolders()) yield* inSite(folder);
}

function libraries(places: (file: string, wheelFolder: string) => string[], env: NodeJS.ProcessEnv): string[] {
  const more = [...(env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''), ...TOOLKIT_FOLDERS];
  return LIBRARIES.map(([file, wheel]) => [...places(file, wheel), ...more.map((folder) => join(folder, file))].find(existsSync) ?? file);
}

function siteFolders(prefix: string): string[] {
  const lib = join(prefix, 'lib');
  const names = existsSync(lib) ? readdirSync(lib).filter((name) => /^python3/.test(name)) : [];
  return names.flatMap((name) => ['site-packages', 'dist-packages'].map((folder) => join(lib, name, folder)));
}

/** Where the Python that a user's shell would start keeps its packages. */
function pythonFolders(): string[] {
  const program =
    'import site, sysconfig; print("\\n".join([sysconfig.get_path("purelib"), site.getusersitepackages(), *site.getsitepackages()]))';
  try {
    const text = execFileSync('python3', ['-c', program], {
      timeout: PYTHON_TIMEOUT_MS,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...new Set(text.split('\n').filter((line) => line !== ''))];
  } catch {
    return []; // no Python: nothing to find there
  }
}

function siteVersion(folder: string): string | undefined {
  const file = join(folder, 'libcudf/VERSION');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : folderVersion(join(folder, 'libcudf/lib64'));
}

/** From the headers that a system's or conda's package installs beside the library. */
function folderVersion(folder: string): string | undefined {
  const file = join(dirname(folder), 'include/cudf/version_config.hpp');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const numbers = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`CUDF_VERSION_${part}\\s+(\\d+)`).exec(text)?.[1]);
  return numbers.includes(undefined) ? undefined : numbers.map((n) => (n as string).padStart(2, '0')).join('.');
}
