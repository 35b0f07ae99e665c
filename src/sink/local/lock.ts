import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../../errors.js';
import type { Release } from '../store.js';
import { outputError } from './atomic-file.js';

const PATIENCE_MS = 10_000;
const RETRY_MS = 20;
/** What link() says on file systems that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** What a lock file holds. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in clock ticks since the machine did: numbers are used again. */
  readonly started?: string | undefined;
  /** No two locks have the same. */
  readonly id: string;
}

/**
 * Keeps two exports of one table out of one folder: each would remove what it takes for the other's leftovers.
 * @throws GpuParserError OUTPUT that names the process that holds the lock.
 */
export async function lockTable(folder: string, stem: string): Promise<Release> {
  const path = join(folder, `.${stem}.lock`);
  const lock = await tryLock(path);
  if (typeof lock === 'function') return lock;
  throw new GpuParserError('OUTPUT', `Another export of the table into ${folder} is running: ${named(lock)}.`, {
    hint: `Wait for it, or choose another folder with --output. If that process is gone, remove ${path}.`,
  });
}

/** Runs `change` while no other process changes `path`. Errors: OUTPUT when another holds it for 10 s. */
export async function whileLocked(path: string, change: () => Promise<void>): Promise<void> {
  // No table's lock begins with two dots, be it named as the file is: fileStem() encodes a leading one.
  const lockPath = join(dirname(path), `..${basename(path)}.lock`);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const lock = await tryLock(lockPath);
    if (typeof lock === 'function') return change().finally(lock);
    if (Date.now() > deadline) {
      throw new GpuParserError('OUTPUT', `Cannot write ${path}: ${named(lock)} is writing it.`, {
        hint: `If that process is gone, remove ${lockPath}.`,
      });
    }
    await sleep(RETRY_MS);
  }
}

/**
 * The lock, or who holds it. The lock of a process that has ended is taken over by whoever holds a second lock, named after
 * that very lock: nobody else may touch the dead one meanwhile, so a check that it is still there stays true, and a lock that
 * somebody else has just taken over is never removed.
 */
async function tryLock(path: string): Promise<Release | Owner> {
  const owner: Owner = { pid: process.pid, host: hostname(), started: startOf(process.pid), id: randomBytes(8).toString('hex') };
  const mine = `${path}.${owner.id}`;
  const release: Release = () => rm(path, { force: true });
  try {
    await writeFile(mine, JSON.stringify(owner));
    for (;;) {
      if (await create(mine, path)) return release;
      const holder = await readOwner(path);
      if (holder === undefined) continue;
      if (!hasEnded(holder)) return holder;
      const right = await tryLock(`${path}.${holder.id}.gone`);
      if (typeof right !== 'function') return right;
      try {
        if ((await readOwner(path))?.id !== holder.id) continue;
        await rename(mine, path);
        return release;
      } finally {
        await right();
      }
    }
  } catch (error) {
    throw error instanceof GpuParserError ? error : outputError(path, error);
  } finally {
    await rm(mine, { force: true });
  }
}

/** Gives `mine`, complete as it is, the name `path`; false when that is taken. */
async function create(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw error;
  }
  try {
    await writeFile(path, await readFile(mine), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined for a lock that was given back meanwhile. */
async function readOwner(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const owner = JSON.parse(text) as Owner;
    if (Number.isInteger(owner.pid) && typeof owner.host === 'string' && /^\w+$/.test(owner.id)) return owner;
  } catch {
    // Not signed yet, or by something else.
  }
  return { pid: 0, host: '', id: '' };
}

function named({ pid, host }: Owner): string {
  return pid === 0 ? 'a process that did not sign its lock' : `process ${pid} on ${host}`;
}

/** Only processes of this host can be asked for; those of others are taken to live. */
function hasEnded({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return false;
  const now = startOf(pid);
  if (now !== undefined && started !== undefined) return now !== started;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Field 22 of proc_pid_stat(5), counted behind the name in parentheses; undefined where /proc does not show the process. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
