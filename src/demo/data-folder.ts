import { cp } from 'node:fs/promises';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import { type Account, run } from './account.js';

/** The binaries where the account can reach them: a checkout below /root is closed to it, so it gets a copy. */
export async function runnable(binaries: string, folder: string, account: Account | undefined): Promise<string> {
  try {
    await run(path.join(binaries, 'bin', 'postgres'), ['--version'], account);
    return binaries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' || !account) throw error;
  }
  const copy = path.join(folder, 'server');
  await cp(binaries, copy, { recursive: true, verbatimSymlinks: true });
  // The guardian, who is the account, removes it.
  await run('chown', ['-R', `${account.uid}:${account.gid}`, copy], undefined);
  return copy;
}

/** Runs initdb. Errors: SERVER. */
export async function initialize(binaries: string, dataDir: string, extra: readonly string[], account: Account | undefined): Promise<void> {
  const arguments_ = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync', ...extra];
  try {
    await run(path.join(binaries, 'bin', 'initdb'), arguments_, account);
  } catch (cause) {
    throw new GpuParserError('SERVER', 'initdb failed.', { cause, detail: String((cause as { stderr?: string }).stderr ?? cause).trim() });
  }
}
