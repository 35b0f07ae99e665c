import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageFolder } from '../../src/package.js';

export interface TerminalRun {
  /** What came between the steps; the width where it changed. */
  readonly parts: readonly { readonly text?: string; readonly columns?: number }[];
  readonly code: number;
  /** Steps that were not reached. */
  readonly left: number;
}

const helper = join(packageFolder, 'test', 'support', 'in_terminal.py');

/** Runs a command in a pseudo-terminal of its own; steps are those of in_terminal.py. */
export async function inTerminal(
  steps: readonly string[],
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<TerminalRun> {
  const { stdout } = await promisify(execFile)('python3', [helper, JSON.stringify(steps), ...command], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', NO_COLOR: '1', ...environment },
  });
  return JSON.parse(stdout) as TerminalRun;
}
