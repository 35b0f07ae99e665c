import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Measurement {
  readonly wallSeconds: number;
  /** User and system seconds of the command's whole process tree. */
  readonly cpuSeconds: number;
  /** CPU seconds the server's processes used meanwhile. */
  readonly serverSeconds: number;
  /** Highest sum of the tree's proportional set sizes, where memory was asked for. */
  readonly peakBytes: number | undefined;
}

/** Runs a command to its end and measures it. @throws when it fails, with what it wrote to stderr. */
export async function measure(command: readonly string[], postmaster: number, { memory = false } = {}): Promise<Measurement> {
  const serverBefore = serverCpuSeconds(postmaster);
  const runner = ['bench/measure.py', ...(memory ? ['--memory'] : []), ...command];
  const { stdout } = await promisify(execFile)('.venv/bin/python', runner, { maxBuffer: 1 << 26 });
  const result = JSON.parse(stdout) as Result;
  if (result.status !== 0) throw new Error(`${command.join(' ')} ended with ${result.status}:\n${result.errors}`);
  return {
    wallSeconds: result.wallSeconds,
    cpuSeconds: result.userSeconds + result.systemSeconds,
    serverSeconds: serverCpuSeconds(postmaster) - serverBefore,
    peakBytes: result.peakBytes ?? undefined,
  };
}

interface Result {
  status: number;
  errors: string;
  wallSeconds: number;
  userSeconds: number;
  systemSeconds: number;
  peakBytes: number | null;
}

const ticksPerSecond = 100; // USER_HZ, fixed in Linux's interface to user space

/** The postmaster's own time, its reaped children's and its living children's. */
function serverCpuSeconds(postmaster: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => stat(Number(name)))
    .filter((process) => process?.parent === postmaster);
  const all = [stat(postmaster), ...children];
  return all.reduce((sum, process) => sum + (process?.ticks ?? 0), 0) / ticksPerSecond;
}

/** proc(5): field 4 is the parent, 14 to 17 are utime, stime, cutime, cstime. */
function stat(pid: number): { parent: number; ticks: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // it has ended since readdir
  }
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) };
}
