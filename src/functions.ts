// The public functions, whose errors name options as the command line does, which calls them. Each part is loaded when it is called,
// so that a program that merges files does not load a database driver.
import type { DiagnoseHooks, DiagnoseOptions, Diagnosis } from './doctor/diagnose.js';
import type { ExportOptions } from './options.js';
import type { FileDescription } from './parquet/inspect.js';
import type { FolderDescription } from './parquet/inspect-folder.js';
import type { MergeOptions, MergeSummary } from './parquet/merge.js';
import type { Plan } from './plan/plan.js';
import type { ExportSummary } from './run/events.js';
import { exportTable as runExport, planExport as runPlan } from './run/export.js';
import type { FleetOpeners } from './run/fleet.js';
import type { ExportHooks } from './run/hooks.js';
import type { Verification } from './verify/report.js';
import type { VerifyHooks, VerifyOptions } from './verify/verify.js';

export { packageVersion as version } from './package.js';

const fleets: FleetOpeners = { ray: async (request) => (await import('./ray/launch.js')).openRayFleet(request) };

/**
 * Exports a table or query to `<output>/<stem>_chunk_<i>.parquet`.
 * @returns the summary; chunks that failed while others succeeded are in `failed`.
 * @throws GpuParserError when nothing could be exported.
 */
export async function exportTable(options: ExportOptions, hooks: ExportHooks = {}): Promise<ExportSummary> {
  return runExport(options, hooks, fleets);
}

/** What exportTable would do: the plan, made against the server, with nothing read or written. */
export async function planExport(options: ExportOptions, hooks: ExportHooks = {}): Promise<Plan> {
  return runPlan(options, hooks, fleets);
}

/**
 * Joins Parquet files of equal schema into one, without decoding a page.
 * @throws GpuParserError FILE that names the first difference, OUTPUT when `output` cannot be written.
 */
export async function merge(files: readonly string[], output: string, options?: MergeOptions): Promise<MergeSummary> {
  return (await import('./parquet/merge.js')).merge(files, output, options);
}

/** A Parquet file's schema, row groups, encodings, sizes and statistics. @throws GpuParserError FILE when it is not one. */
export async function inspect(file: string): Promise<FileDescription> {
  return (await import('./parquet/inspect.js')).inspect(file);
}

/** What an export's folder holds: its manifest's tables, and every file with its rows. @throws GpuParserError NOT_FOUND where that is nothing. */
export async function inspectFolder(folder: string): Promise<FolderDescription> {
  return (await import('./parquet/inspect-folder.js')).inspectFolder(folder);
}

/**
 * Checks the folder of an export against its manifest and, where asked to, page by page and with the server. Only reads.
 * @returns what was found; that something is wrong is no error.
 * @throws GpuParserError NOT_FOUND without folder, manifest or entry, FILE for a manifest that cannot be read, CONNECT and AUTH.
 */
export async function verify(folder: string, options?: VerifyOptions, hooks?: VerifyHooks): Promise<Verification> {
  return (await import('./verify/verify.js')).verify(folder, options, hooks);
}

/**
 * SQL that makes a table like the one that a file's rows came from, with its types and comments, and that takes the rows back.
 * @throws GpuParserError FILE when it is not a Parquet file, or not one of this program.
 */
export async function tableDefinition(file: string): Promise<string> {
  return (await import('./parquet/definition.js')).tableDefinitionOf(file);
}

/** Looks at this machine, the engine, the GPUs and the server. What is wrong is in the result, not an error. */
export async function diagnose(options?: DiagnoseOptions, hooks?: DiagnoseHooks): Promise<Diagnosis> {
  return (await import('./doctor/diagnose.js')).diagnose(options, hooks);
}
