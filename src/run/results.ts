import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { ChunkPlan, Plan } from '../plan/plan.js';
import type { ManifestEntry } from '../sink/manifest.js';
import type { Store } from '../sink/store.js';
import { volatileCondition } from '../source/copy/count.js';
import type { ExportSummary, FileResult, StageMilliseconds } from './events.js';
import type { ChunkFailure } from './fleet.js';
import { manifestEntry, type WrittenChunk } from './manifest-entry.js';
import type { ChunkResult } from './protocol.js';
import type { PhaseTimes } from './stage-clock.js';

/** What finished chunks add up to. */
export class Results {
  readonly #done: WrittenChunk[] = [];
  readonly #times = { server: 0, decode: 0, encode: 0, write: 0 };
  #receivedBytes = 0;

  add(chunk: ChunkPlan, device: string, result: ChunkResult): FileResult {
    const { path, rows, bytes, crc32, seconds, times } = result;
    const file = { path, rows, bytes, seconds, device };
    this.#done.push({ ...file, crc32, chunk: chunk.index });
    this.#receivedBytes += result.receivedBytes;
    for (const stage of ['server', 'decode', 'encode', 'write'] as const) this.#times[stage] += times[stage];
    return file;
  }

  get count(): number {
    return this.#done.length;
  }

  has(chunk: number): boolean {
    return this.#done.some((file) => file.chunk === chunk);
  }

  get rows(): number {
    return this.#done.reduce((sum, { rows }) => sum + rows, 0);
  }

  manifest(plan: Plan, failures: readonly ChunkFailure[], warnings: readonly string[]): ManifestEntry {
    const failed = failures.map(({ chunk, error }) => ({ index: chunk.index, file: chunk.file, error }));
    return manifestEntry(plan, this.#sorted(), failed, warnings);
  }

  summary(
    plan: Plan,
    store: Store,
    failures: readonly ChunkFailure[],
    warnings: readonly string[],
    times: { seconds: number; snapshotSeconds: number; phases: PhaseTimes },
  ): ExportSummary {
    const files = this.#sorted().map(({ chunk: _, crc32: __, ...file }) => file);
    const { server, decode, encode, write } = this.#times;
    const milliseconds = { ...times.phases, server: server * 1e3, decode: decode * 1e3, encode: encode * 1e3, write: write * 1e3 };
    const all = server + decode + encode + write || 1;
    return {
      table: plan.table,
      rows: this.rows,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      seconds: times.seconds,
      rowsPerSecond: Math.round(this.rows / times.seconds),
      files,
      failed: failures.map(({ chunk, error }) => ({ chunk: chunk.index, path: store.pathOf(chunk.file), error })),
      warnings,
      receivedBytes: this.#receivedBytes,
      stages: { server: server / all, decode: decode / all, encode: encode / all, write: write / all },
      milliseconds: Object.fromEntries(
        Object.entries(milliseconds).map(([stage, ms]) => [stage, Math.round(ms)]),
      ) as unknown as StageMilliseconds,
      snapshotSeconds: times.snapshotSeconds,
    };
  }

  /** Exact row counts must be met: a plan that counted N rows and files that hold others contradict each other. */
  check(plan: Plan, failures: readonly ChunkFailure[]): void {
    if (!plan.exactRows || failures.length > 0 || plan.estimatedRows === undefined || this.rows === plan.estimatedRows) return;
    if (plan.request.where !== undefined) throw volatileCondition(plan.table);
    throw new GpuParserError(
      'INTERNAL',
      `${plan.table}: the plan has ${counted(plan.estimatedRows, 'row')}, the files ${count(this.rows)}.`,
    );
  }

  #sorted(): WrittenChunk[] {
    return [...this.#done].sort((a, b) => a.chunk - b.chunk);
  }
}
