import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import { outputError } from './atomic-file.js';

/** Between a lock's appearance and its owner's name in it. */
const WRITING_MS = 100;

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/**
 * Keeps two exports of one table out of one folder: each would remove what it takes for the other's leftovers. A lock whose
 * process has ended is taken over.
 * @returns what gives the lock back.
 * @throws GpuParserError OUTPUT that names the process that holds it.
 */
export async function lockFolder(folder: string, stem: string): Promise<() => Promise<void>> {
  const path = join(folder, `.${stem}.lock`);
  const owner: Owner = { pid: process.pid, host: hostname() };
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(JSON.stringify(owner)).finally(() => file.close());
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw outputError(path, error);
    }
    const holder = (await readOwner(path)) ?? (await sleep(WRITING_MS).then(() => readOwner(path)));
    if (holder !== undefined && !hasEnded(holder)) {
      throw new GpuParserError(
        'OUTPUT',
        `Another export of the table into ${folder} is running: process ${holder.pid} on ${holder.host}.`,
        {
          hint: `Wait for it, or choose another folder with --output. If that process is gone, remove ${path}.`,
        },
      );
    }
    await rm(path, { force: true });
  }
}

/** Undefined for a lock that was given back meanwhile, or that its owner has not finished writing. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Only processes of this host can be asked for; those of others are taken to live. */
function hasEnded({ pid, host }: Owner): boolean {
  if (host !== hostname()) return false;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
