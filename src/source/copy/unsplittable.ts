import type { ChunkPlan, ScanPlan } from '../../plan/plan.js';

/** The one chunk of a source that cannot be cut. */
export function streamChunk(scan: ScanPlan, rows: number | undefined): Omit<ChunkPlan, 'index' | 'file'> {
  return { scans: [rows === undefined ? scan : { ...scan, limit: rows }] };
}

/** Said only when more than one file was to be expected. */
export function streamWarning(what: string, reason: string, chunks: number): string | undefined {
  return chunks > 1 ? `${what} is read as one stream into one file: ${reason}.` : undefined;
}
