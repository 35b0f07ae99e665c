import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { GpuParserError } from '../errors.js';

/** Whom a server's processes run as, where that is not who we are. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, so root runs it as somebody who owns nothing. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['nobody', 'postgres', 'daemon']) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new GpuParserError('PERMISSION', 'PostgreSQL does not run as root, and there is no user "nobody" to run it as.', {
    hint: 'Run the command as an ordinary user.',
  });
}

/** Nothing of PGDATA, LC_ALL or LD_LIBRARY_PATH around us reaches the server. */
export const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** A program to its end, as the account. */
export function run(command: string, arguments_: readonly string[], account: Account | undefined) {
  return promisify(execFile)(command, [...arguments_], { cwd: '/', env: environment, ...account });
}
