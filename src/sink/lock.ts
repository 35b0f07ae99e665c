import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import { outputError } from './atomic-file.js';

/** Between a lock's appearance and its owner's name in it. */
const WRITING_MS = 100;
const PATIENCE_MS = 10_000;
const RETRY_MS = 20;

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Gives a lock back. */
export type Release = () => Promise<void>;

/**
 * Keeps two exports of one table out of one folder: each would remove what it takes for the other's leftovers.
 * @throws GpuParserError OUTPUT that names the process that holds the lock.
 */
export async function lockTable(folder: string, stem: string): Promise<Release> {
  const path = join(folder, `.${stem}.lock`);
  const lock = await tryLock(path);
  if (typeof lock === 'function') return lock;
  throw new GpuParserError('OUTPUT', `Another export of the table into ${folder} is running: process ${lock.pid} on ${lock.host}.`, {
    hint: `Wait for it, or choose another folder with --output. If that process is gone, remove ${path}.`,
  });
}

/** Runs `change` while no other process changes `path`. Errors: OUTPUT when another holds it for 10 s. */
export async function whileLocked(path: string, change: () => Promise<void>): Promise<void> {
  const lockPath = join(dirname(path), `.${basename(path)}.lock`);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const lock = await tryLock(lockPath);
    if (typeof lock === 'function') return change().finally(lock);
    if (Date.now() > deadline) {
      throw new GpuParserError('OUTPUT', `Cannot write ${path}: process ${lock.pid} on ${lock.host} is writing it.`, {
        hint: `If that process is gone, remove ${lockPath}.`,
      });
    }
    await sleep(RETRY_MS);
  }
}

/** The lock, or who holds it. A lock whose process has ended is taken over. */
async function tryLock(path: string): Promise<Release | Owner> {
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
    if (holder !== undefined && !hasEnded(holder)) return holder;
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
