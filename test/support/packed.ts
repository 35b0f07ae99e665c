import { execFile } from 'node:child_process';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a user without a compiler has: Node with npm, a shell, and env for their first lines. */
const COMMANDS = ['node', 'npm', 'npx', 'sh', 'env'];

export interface Packed {
  filename: string;
  files: { path: string }[];
}

/** The main package's tarball, made in a folder. */
export async function packMain(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const answer = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  return Object.values(answer)[0]!;
}

/** An environment of a machine without a compiler. */
export async function bareEnvironment(folder: string): Promise<NodeJS.ProcessEnv> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const command of COMMANDS) {
    const { stdout } = await run('/bin/sh', ['-c', `command -v ${command}`]);
    await symlink(await realpath(stdout.trim()), path.join(bin, command));
  }
  return { HOME: process.env.HOME, PATH: bin };
}

/** An empty project. */
export async function emptyHome(folder: string): Promise<string> {
  const home = path.join(folder, 'home');
  await mkdir(home);
  await writeFile(path.join(home, 'package.json'), '{ "private": true }\n');
  return home;
}
