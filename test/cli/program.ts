import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageFolder } from '../../src/package.js';

export const program = join(packageFolder, 'bin', 'gpuparser.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly nodeOptions?: readonly string[];
}

/** Starts the real program with nothing of this process's environment but PATH and HOME. */
export function start(args: readonly string[], { environment, cwd, nodeOptions = [] }: Surroundings = {}): ChildProcess {
  const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'] };
  return spawn(process.execPath, [...nodeOptions, program, ...args], { cwd, env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function gpuparser(args: readonly string[], surroundings?: Surroundings): Promise<Outcome> {
  return finished(start(args, surroundings));
}

export function finished(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name]!.setEncoding('utf8').on('data', (part: string) => (text[name] += part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...text }));
  });
}
