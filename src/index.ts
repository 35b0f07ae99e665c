// The public interface: everything a program uses. Wiring only: functions.ts has the functions, and what they throw, return and
// tell names options here as the library does.
import type { DiagnoseHooks, DiagnoseOptions, Diagnosis } from './doctor/diagnose.js';
import * as functions from './functions.js';
import { reworded, saidForLibrary } from './library-words.js';
import type { ExportOptions } from './options.js';
import type { FileDescription } from './parquet/inspect.js';
import type { FolderDescription } from './parquet/inspect-folder.js';
import type { MergeOptions, MergeSummary } from './parquet/merge.js';
import type { Plan } from './plan/plan.js';
import type { ExportSummary } from './run/events.js';
import type { ExportHooks } from './run/hooks.js';
import type { Verification } from './verify/report.js';
import type { VerifyHooks, VerifyOptions } from './verify/verify.js';

export type { DiagnoseHooks, DiagnoseOptions, Diagnosis } from './doctor/diagnose.js';
export { type ErrorCode, GpuParserError, type SerializedError } from './errors.js';
export type { AskPassword, ConnectionOptions, ExportOptions, PasswordQuestion, PerColumn } from './options.js';
export { packageVersion as version } from './package.js';
export type { FileDescription } from './parquet/inspect.js';
export type { FolderDescription } from './parquet/inspect-folder.js';
export type { MergeOptions, MergeSummary } from './parquet/merge.js';
export type { ChunkPlan, ColumnPlan, Plan } from './plan/plan.js';
export type { ExportEvent, ExportSummary, FileResult, WorkerProgress } from './run/events.js';
export type { ExportHooks } from './run/hooks.js';
export type {
  Checksum,
  ColumnComparison,
  FileVerification,
  Problem,
  TableVerification,
  Verification,
  VerifyEvent,
} from './verify/report.js';
export type { VerifyHooks, VerifyOptions } from './verify/verify.js';

/**
 * Exports a table or query to `<output>/<stem>_chunk_<i>.parquet`.
 * @returns the summary; chunks that failed while others succeeded are in `failed`.
 * @throws GpuParserError when nothing could be exported.
 */
export async function exportTable(options: ExportOptions, hooks?: ExportHooks): Promise<ExportSummary> {
  return saidForLibrary(functions.exportTable(options, rewordedHooks(hooks)));
}

/** What exportTable would do: the plan, made against the server, with nothing read or written. */
export async function planExport(options: ExportOptions, hooks?: ExportHooks): Promise<Plan> {
  return saidForLibrary(functions.planExport(options, rewordedHooks(hooks)));
}

function rewordedHooks(hooks: ExportHooks = {}): ExportHooks {
  const { onEvent } = hooks;
  return onEvent ? { ...hooks, onEvent: (event) => onEvent(reworded(event)) } : hooks;
}

/**
 * Joins Parquet files of equal schema into one, without decoding a page.
 * @throws GpuParserError FILE that names the first difference, OUTPUT when `output` cannot be written.
 */
export async function merge(files: readonly string[], output: string, options?: MergeOptions): Promise<MergeSummary> {
  return saidForLibrary(functions.merge(files, output, options));
}

/** A Parquet file's schema, row groups, encodings, sizes and statistics. @throws GpuParserError FILE when it is not one. */
export async function inspect(file: string): Promise<FileDescription> {
  return saidForLibrary(functions.inspect(file));
}

/** What an export's folder holds: its manifest's tables, and every file with its rows. @throws GpuParserError NOT_FOUND where that is nothing. */
export async function inspectFolder(folder: string): Promise<FolderDescription> {
  return saidForLibrary(functions.inspectFolder(folder));
}

/**
 * Checks the folder of an export against its manifest and, where asked to, page by page and with the server. Only reads.
 * @returns what was found; that something is wrong is no error.
 * @throws GpuParserError NOT_FOUND without folder, manifest or entry, FILE for a manifest that cannot be read, CONNECT and AUTH.
 */
export async function verify(folder: string, options?: VerifyOptions, hooks?: VerifyHooks): Promise<Verification> {
  return saidForLibrary(functions.verify(folder, options, hooks));
}

/**
 * SQL that makes a table like the one that a file's rows came from, with its types and comments, and that takes the rows back.
 * @throws GpuParserError FILE when it is not a Parquet file, or not one of this program.
 */
export async function tableDefinition(file: string): Promise<string> {
  return saidForLibrary(functions.tableDefinition(file));
}

/** Looks at this machine, the engine, the GPUs and the server. What is wrong is in the result, not an error. */
export async function diagnose(options?: DiagnoseOptions, hooks?: DiagnoseHooks): Promise<Diagnosis> {
  return saidForLibrary(functions.diagnose(options, hooks));
}
