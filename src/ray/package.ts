import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { CUDA_LIBRARY, findCudaLibrary } from '../engine/library-file.js';
import { GpuParserError } from '../errors.js';
import { packageFolder } from '../package.js';
import type { RayHttp } from './http.js';
import { type ZipEntry, zip } from './zip.js';

export interface Package {
  /** `gcs://_ray_pkg_<hash>.zip`: the same contents always have the same name. */
  readonly uri: string;
  readonly entries: readonly ZipEntry[];
}

/** Where the package has the worker, and the driver as a module of Python's. */
export const WORKER_PATH = 'dist/src/run/worker-main.js';
export const DRIVER_MODULE = 'gpuparser_driver';

/** Native binaries of other systems than Ray's usual ones, and what only people read. */
const LEFT_OUT =
  /(^|\/)(musl_|darwin|win32|freebsd|openbsd|doc|vendor|test|tests)[^/]*(\/|$)|\.(md|ts|mts|map|flow|c|cc|cpp|h|hh|hpp|inc|txt)$|\.test\.js$/;

/** Everything a worker needs beside Node.js and the CUDA libraries; zipped only when a cluster lacks it. */
export async function buildPackage(extra: readonly ZipEntry[] = []): Promise<Package> {
  const entries: ZipEntry[] = [
    { name: 'package.json', bytes: await readFile(join(packageFolder, 'package.json')) },
    ...(await folder(join(packageFolder, 'src', 'ray', DRIVER_MODULE), DRIVER_MODULE, (name) => name.endsWith('.py'))),
    ...(await folder(join(packageFolder, 'dist', 'src'), 'dist/src', (name) => name.endsWith('.js'))),
    ...(await folder(join(packageFolder, 'prebuilt'), 'prebuilt', (name) => name.endsWith('.so'))),
    ...(await cudaLibrary()),
    ...(await modules(['koffi', 'pg'])),
    ...extra,
  ];
  if (!entries.some(({ name }) => name.startsWith('prebuilt/'))) {
    throw new GpuParserError('DEVICE', 'The native library that Ray workers need is not in this installation.', {
      hint: 'In a clone, run "npm run setup" to build it.',
    });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash('sha256');
  for (const { name, bytes, executable } of entries) hash.update(`${name}\0${bytes.length}\0${executable ?? false}\0`).update(bytes);
  return { uri: `gcs://_ray_pkg_${hash.digest('hex').slice(0, 32)}.zip`, entries };
}

/** Where npm installed it as a package of its own: a worker finds it as in a clone. */
async function cudaLibrary(): Promise<ZipEntry[]> {
  const file = findCudaLibrary();
  if (typeof file !== 'string' || file === join(packageFolder, CUDA_LIBRARY)) return [];
  return [{ name: CUDA_LIBRARY, bytes: await readFile(file) }];
}

/** Uploads the package unless the cluster has it. */
export async function uploadPackage(http: RayHttp, { uri, entries }: Package): Promise<void> {
  const path = packagePath(uri);
  const known = await http.request('GET', path);
  if (known.status === 200) return;
  if (known.status !== 404) throw http.unexpected('GET', path, known);
  const put = await http.request('PUT', path, zip(entries), 300_000);
  if (put.status !== 200) throw http.unexpected('PUT', path, put);
}

/** The REST path of a package. */
export function packagePath(uri: string): string {
  return `/api/packages/gcs/${uri.slice('gcs://'.length)}`;
}

/** Installed modules with all they depend on, in one flat node_modules. */
async function modules(names: readonly string[]): Promise<ZipEntry[]> {
  const found = new Map<string, string>();
  const visit = async (name: string, from: string): Promise<void> => {
    if (found.has(name)) return;
    const root = await moduleFolder(name, from);
    if (root === undefined) return;
    found.set(name, root);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
      optionalDependencies?: Record<string, string>;
    };
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) await visit(next, root);
  };
  for (const name of names) await visit(name, packageFolder);
  const lists = [...found].map(([name, root]) => folder(root, `node_modules/${name}`, (path) => !path.includes('node_modules/')));
  return (await Promise.all(lists)).flat();
}

/** The folder of an installed module; undefined for optional ones that are for other systems. */
async function moduleFolder(name: string, from: string): Promise<string | undefined> {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  for (const place of places) {
    const root = join(place, name);
    if (
      await readFile(join(root, 'package.json')).then(
        () => true,
        () => false,
      )
    )
      return root;
  }
  return undefined;
}

async function folder(root: string, prefix: string, keep: (name: string) => boolean): Promise<ZipEntry[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const entries = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath ?? dirname(join(root, file.name)), file.name))
    .map((path) => ({ path, name: relative(root, path).split(sep).join('/') }))
    .filter(({ name }) => keep(name) && !LEFT_OUT.test(name));
  return Promise.all(entries.map(async ({ path, name }) => ({ name: `${prefix}/${name}`, bytes: await readFile(path) })));
}
