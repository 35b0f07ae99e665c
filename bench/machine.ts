import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly postgres: string;
  readonly duckdb: string;
  /** The commit measured, with `+changes` when the tree had any. */
  readonly commit: string;
  /** Load average of the last minute before the benchmark began: what else the machine was busy with. */
  readonly loadBefore: number;
}

export function load(): number {
  return loadavg()[0] ?? 0;
}

export function describeMachine(postgres: string, loadBefore: number): Machine {
  const read = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' }).trim();
  const changed = read('git', 'status', '--porcelain', '--untracked-files=no') !== '';
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    postgres,
    duckdb: read('.venv/bin/python', '-c', 'import duckdb; print(duckdb.__version__)'),
    commit: read('git', 'rev-parse', '--short=12', 'HEAD') + (changed ? '+changes' : ''),
    loadBefore,
  };
}
