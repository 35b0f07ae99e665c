import type { ChunkPlan, Plan, ScanPlan } from '../plan/plan.js';
import type { ManifestEntry } from '../sink/manifest.js';
import type { FileResult } from './events.js';

/** A finished chunk's file. */
export interface WrittenChunk extends FileResult {
  readonly chunk: number;
  readonly crc32: string;
}

/** The entry of a finished run. */
export function manifestEntry(
  plan: Plan,
  files: readonly WrittenChunk[],
  failures: ManifestEntry['failures'],
  warnings: readonly string[],
): ManifestEntry {
  const chunks = files.map(({ chunk, rows, bytes, crc32, device }) => {
    const planned = plan.chunks[chunk] as ChunkPlan;
    return { index: chunk, file: planned.file, rows, bytes, crc32, device, ranges: planned.scans.map(rangeText) };
  });
  return {
    table: plan.table,
    finishedAt: new Date().toISOString(),
    tool: plan.writer.createdBy,
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
    bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
    snapshot: plan.snapshot,
    request: plan.request,
    source: plan.source,
    columns: plan.columns.map(({ name, postgresType, parquetType, required, policies }) => ({
      name,
      postgresType,
      parquetType,
      required,
      policies,
    })),
    origin: plan.origin,
    policies: plan.policies,
    chunks,
    warnings,
    failures,
  };
}

function rangeText({ range, relation }: ScanPlan): string {
  if (range === undefined) return relation;
  const to = range.to === undefined ? 'end' : `(${range.to.page},${range.to.line})`;
  return `${relation} [(${range.from.page},${range.from.line}), ${to})`;
}
