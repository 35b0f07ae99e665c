import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { usableMemory } from '../run/memory.js';
import { looksLikeUrl, withoutUrl } from '../url-like.js';
import { type Check, gibibytes } from './check.js';

/** Node.js, cores, memory and the output folder. */
export async function machineChecks(output: string): Promise<Check[]> {
  return [nodeCheck(process.versions.node), await coresCheck(), await memoryCheck(), await outputCheck(output)];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const found = { area: 'machine', name: 'Node.js', message: `${version} on ${process.platform} ${process.arch}` } as const;
  if (major > 20 || (major === 20 && minor >= 19)) return { ...found, status: 'ok' };
  return { ...found, status: 'fail', advice: 'Install Node.js 20.19 or newer.' };
}

async function coresCheck(): Promise<Check> {
  const cores = availableParallelism();
  const quota = parseCpuQuota(await readFile('/sys/fs/cgroup/cpu.max', 'utf8').catch(() => ''));
  const model = cpus()[0]?.model.trim();
  const message = `${cores} usable${quota !== undefined && quota < cores ? `, but the container may use ${quota.toFixed(1)} of them` : ''}${model ? `, ${model}` : ''}`;
  if (quota === undefined || quota >= cores) return { area: 'machine', name: 'cores', status: 'ok', message };
  return {
    area: 'machine',
    name: 'cores',
    status: 'warn',
    message,
    advice: `Use --jobs ${Math.max(1, Math.round(quota))}, or give the container more processor time.`,
  };
}

/** Cores that cgroup v2's cpu.max (`QUOTA PERIOD` in microseconds, or `max PERIOD`) grants; undefined when it sets no limit. */
export function parseCpuQuota(text: string): number | undefined {
  const match = /^(\d+) (\d+)/.exec(text);
  return match ? Number(match[1]) / Number(match[2]) : undefined;
}

const LITTLE_MEMORY = 512 * 2 ** 20;

async function memoryCheck(): Promise<Check> {
  const total = totalmem();
  const usable = usableMemory();
  const limit = usable < total ? usable : undefined;
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  const available = Math.min(kilobytes === undefined ? freemem() : Number(kilobytes) * 1024, limit ?? Infinity);
  const message = `${gibibytes(available)} available of ${gibibytes(total)}${limit === undefined ? '' : `, limited to ${gibibytes(limit)} here`}`;
  if (available >= LITTLE_MEMORY) return { area: 'machine', name: 'memory', status: 'ok', message };
  return { area: 'machine', name: 'memory', status: 'warn', message, advice: 'Free some memory, or lower --memory and --jobs.' };
}

const LITTLE_DISK = 2 ** 30;

/** Looks at the output folder, or at the nearest parent there is: the export makes the rest. */
export async function outputCheck(output: string): Promise<Check> {
  const base = { area: 'machine', name: 'output' } as const;
  if (looksLikeUrl(output))
    return { ...base, status: 'fail', message: `${withoutUrl(output)} is a URL, not a folder`, advice: 'Name a folder with --output.' };
  const wanted = resolve(output);
  const folder = await nearestThere(wanted);
  const info = await stat(folder);
  if (!info.isDirectory())
    return { ...base, status: 'fail', message: `${folder} is not a folder`, advice: 'Choose another folder with --output.' };
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const message = `${gibibytes(free)} free for ${wanted}${folder === wanted ? '' : ' (to be made)'}`;
  const writable = await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable)
    return {
      ...base,
      status: 'fail',
      message: `${folder} cannot be written`,
      advice: 'Choose another folder with --output, or change its rights.',
    };
  if (free < LITTLE_DISK) return { ...base, status: 'warn', message, advice: 'Make room, or choose another folder with --output.' };
  return { ...base, status: 'ok', message };
}

async function nearestThere(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).then(
      () => true,
      () => false,
    );
    if (found || folder === dirname(folder)) return folder;
  }
}
