import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAST_DRIVER } from './cudf.js';

/** What can be known of this machine's GPUs without starting CUDA, which takes a third of a second. */
export interface Gpus {
  /** That CUDA will show, as `cuda:0`, `cuda:1`, ... */
  readonly count: number;
  /** Why there is none, as a clause; undefined where there is one. */
  readonly reason: string | undefined;
}

/** Device files and CUDA_VISIBLE_DEVICES, read as the driver does: up to the first entry that names no device. */
export function visibleGpus(env: NodeJS.ProcessEnv = process.env, folder = '/dev', versionFile = '/proc/driver/nvidia/version'): Gpus {
  const present = deviceFiles(folder) || listedGpus(folder, env);
  if (present === 0) return { count: 0, reason: 'no NVIDIA GPU is found' };
  const driver = driverVersion(versionFile);
  if (driver !== undefined && driver < LEAST_DRIVER)
    return { count: 0, reason: `the NVIDIA driver is of branch ${driver}, CUDA 13 needs ${LEAST_DRIVER} or newer` };
  const chosen = env.CUDA_VISIBLE_DEVICES;
  const count = chosen === undefined ? present : visible(chosen, present);
  return {
    count,
    reason: count === 0 ? `CUDA_VISIBLE_DEVICES=${chosen} hides ${present === 1 ? 'the GPU' : `all ${present} GPUs`}` : undefined,
  };
}

function deviceFiles(folder: string): number {
  try {
    return readdirSync(folder).filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}

/** In WSL all GPUs are behind one device file, and only the driver's tool knows how many they are. */
function listedGpus(folder: string, env: NodeJS.ProcessEnv): number {
  if (!existsSync(join(folder, 'dxg'))) return 0;
  const { stdout } = spawnSync('nvidia-smi', ['-L'], { env, encoding: 'utf8', timeout: 10_000 });
  return (stdout ?? '').split('\n').filter((line) => /^GPU \d+:/.test(line)).length;
}

/** An entry is an index, or a UUID (`GPU-...`, `MIG-...`), whose existence only the driver knows. */
function visible(list: string, present: number): number {
  const seen = new Set<string>();
  for (const entry of list.split(',').map((text) => text.trim())) {
    const there = /^\d+$/.test(entry) ? Number(entry) < present : /^(GPU|MIG)-/.test(entry);
    if (!there) break;
    if (seen.has(entry)) return 0; // the driver shows nothing where a device is named twice
    seen.add(entry);
  }
  return seen.size;
}

function driverVersion(file: string): number | undefined {
  try {
    const match = /Kernel Module(?: for \S+)?\s+(\d+)\./.exec(readFileSync(file, 'utf8'));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
