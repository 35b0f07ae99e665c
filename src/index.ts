// The public interface: everything a program or the command line uses. Wiring only.
export type { Diagnosis } from './doctor/diagnose.js';
export { diagnose } from './doctor/diagnose.js';
export type { ErrorCode, SerializedError } from './errors.js';
export { GpuParserError } from './errors.js';
export type { ConnectionOptions, ExportOptions } from './options.js';
export { packageVersion as version } from './package.js';
export type { FileDescription } from './parquet/inspect.js';
export { inspect } from './parquet/inspect.js';
export type { MergeSummary } from './parquet/merge.js';
export { merge } from './parquet/merge.js';
export type { ChunkPlan, ColumnPlan, Plan } from './plan/plan.js';
export type { ExportEvent, ExportSummary, FileResult, WorkerProgress } from './run/events.js';
export type { ExportHooks } from './run/export.js';
export { exportTable, planExport } from './run/export.js';
