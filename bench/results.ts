import type { Machine } from './machine.js';
import type { Measurement } from './measure.js';

export interface Run extends Measurement {
  readonly name: string;
  readonly codec: string | null;
  /** From 0; runs for memory stand apart, for sampling slows them. */
  readonly round: number;
  readonly outputBytes: number;
}

/** What one benchmark leaves in bench/results/. */
export interface Results {
  readonly date: string;
  /** Results before there were two have none: lineitem. */
  readonly table?: string;
  readonly machine: Machine;
  readonly rows: number;
  readonly heapBytes: number;
  readonly runs: readonly Run[];
  readonly memoryRuns: readonly Run[];
  /** Seconds from process start to end of an export of the first 10,000 rows. */
  readonly smallSeconds: readonly number[];
  /** Whether the files of both hold the same rows, column by column. */
  readonly sameRows: boolean;
}

export interface Summary {
  readonly name: string;
  readonly codec: string | null;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly serverSeconds: number;
  readonly peakBytes: number;
  readonly outputBytes: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Medians over the rounds of each contender, in the order they ran. */
export function summarize({ runs, memoryRuns }: Results): Summary[] {
  const keys = [...new Set(runs.map(({ name, codec }) => JSON.stringify([name, codec])))];
  return keys.map((key) => {
    const [name, codec] = JSON.parse(key) as [string, string | null];
    const of = (all: readonly Run[], what: (run: Run) => number) =>
      median(all.filter((run) => run.name === name && run.codec === codec).map(what));
    return {
      name,
      codec,
      wallSeconds: of(runs, (run) => run.wallSeconds),
      cpuSeconds: of(runs, (run) => run.cpuSeconds),
      serverSeconds: of(runs, (run) => run.serverSeconds),
      peakBytes: of(memoryRuns, (run) => run.peakBytes ?? Number.NaN),
      outputBytes: of(runs, (run) => run.outputBytes),
    };
  });
}

/** `ours` over DuckDB's of the same codec. */
export function ratios(all: readonly Summary[], ours: Summary) {
  const theirs = all.find(({ name, codec }) => name === 'DuckDB' && codec === ours.codec);
  if (!theirs) return undefined;
  return {
    wall: ours.wallSeconds / theirs.wallSeconds,
    cpu: ours.cpuSeconds / theirs.cpuSeconds,
    memory: ours.peakBytes / theirs.peakBytes,
    output: ours.outputBytes / theirs.outputBytes,
  };
}
