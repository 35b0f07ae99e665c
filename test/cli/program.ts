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
  /** Standard input is a pipe; nothing is there otherwise. */
  readonly input?: boolean;
}

/** Starts the real program with nothing of this process's environment but PATH and HOME. */
export function start(args: readonly string[], { environment, cwd, nodeOptions = [], input = false }: Surroundings = {}): ChildProcess {
  const inherited = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE };
  return spawn(process.execPath, [...nodeOptions, program, ...args], {
    cwd,
    env: { ...inherited, ...environment },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
}

/** A program that hangs is a failure that says so, not a test run without end. */
const PATIENCE_MS = 30_000;

export async function gpuparser(args: readonly string[], surroundings?: Surroundings): Promise<Outcome> {
  return finished(start(args, surroundings));
}

export function finished(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name]!.setEncoding('utf8').on('data', (part: string) => (text[name] += part));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `${child.spawnargs.slice(2).join(' ')} still runs after ${PATIENCE_MS} ms; stdout: ${text.stdout} stderr: ${text.stderr}`,
        ),
      );
    }, PATIENCE_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...text });
    });
  });
}
