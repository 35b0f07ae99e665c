import { resolveConnection } from '../config/resolve.js';
import { counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import { EXPORT_OPTIONS } from '../export-options.js';
import type { AskPassword, ConnectionOptions } from '../options.js';
import { packageVersion } from '../package.js';
import { connectAsking } from '../postgres/connect-asking.js';
import { planExport } from '../run/export.js';
import { type Check, gibibytes } from './check.js';
import { engineCheck } from './engine.js';
import { gpuChecks } from './gpu.js';
import { machineChecks } from './machine.js';
import { serverChecks } from './server.js';

export interface DiagnoseOptions {
  readonly connection?: ConnectionOptions;
  /** Also looked at, as an export would plan it. */
  readonly table?: string;
  /** The folder whose free space is told. Default `./ray_output`. */
  readonly output?: string;
}

export interface DiagnoseHooks {
  readonly askPassword?: AskPassword;
}

export interface Diagnosis {
  readonly version: string;
  /** False when something an export needs has failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Looks at this machine, the engine, the GPUs, the server and, when named, a table. What is wrong is a check, not an error. */
export async function diagnose(options: DiagnoseOptions = {}, hooks: DiagnoseHooks = {}): Promise<Diagnosis> {
  const [machine, gpu, server] = await Promise.all([
    machineChecks(options.output ?? EXPORT_OPTIONS.output.default),
    gpuChecks(),
    connectionChecks(options, hooks),
  ]);
  const checks = [...machine, engineCheck(), ...gpu, ...server];
  return { version: packageVersion, ok: checks.every((check) => check.status !== 'fail'), checks };
}

async function connectionChecks(options: DiagnoseOptions, hooks: DiagnoseHooks): Promise<Check[]> {
  const checks: Check[] = [];
  try {
    const { connection, warnings } = await resolveConnection(options.connection ?? {}, process.env);
    for (const message of warnings)
      checks.push({ area: 'server', name: 'settings', status: 'warn', message, advice: 'Mend the file or variable it names.' });
    const where = connection.host.startsWith('/') ? connection.host : `${connection.host}:${connection.port}`;
    const started = performance.now();
    const { session } = await connectAsking(connection, hooks.askPassword);
    const milliseconds = performance.now() - started;
    checks.push({
      area: 'server',
      name: 'connection',
      status: 'ok',
      message: `${connection.database} at ${where} as ${connection.user}, in ${milliseconds.toFixed(0)} ms`,
    });
    try {
      checks.push(...(await serverChecks(session, !isLocal(connection.host))));
    } finally {
      await session.close();
    }
  } catch (thrown) {
    checks.push(failure('server', 'connection', thrown, 'Give --host, --port, --db, --user, or the PG* variables.'));
    return checks;
  }
  if (options.table !== undefined) checks.push(...(await tableChecks(options, options.table, hooks)));
  return checks;
}

async function tableChecks({ connection, output }: DiagnoseOptions, table: string, hooks: DiagnoseHooks): Promise<Check[]> {
  try {
    const plan = await planExport({ connection, output, table }, hooks);
    const rows = plan.estimatedRows === undefined ? 'number of rows not known' : `about ${counted(plan.estimatedRows, 'row')}`;
    const size = plan.heapBytes > 0 ? `, ${gibibytes(plan.heapBytes)}` : '';
    const checks: Check[] = [
      {
        area: 'table',
        name: plan.source,
        status: 'ok',
        message: `${plan.table}: ${rows}, ${counted(plan.columns.length, 'column')}${size}; ${counted(plan.jobs, 'connection')} would read it`,
      },
    ];
    if (plan.unsplittable !== undefined) {
      checks.push({
        area: 'table',
        name: 'ranges',
        status: 'warn',
        message: `read as one stream: ${plan.unsplittable}`,
        advice: 'Only one connection can read it.',
      });
    }
    for (const message of plan.warnings) checks.push({ area: 'table', name: 'plan', status: 'warn', message });
    return checks;
  } catch (thrown) {
    return [failure('table', 'table', thrown, 'Name another table, or ask for the right to read it.')];
  }
}

function failure(area: Check['area'], name: string, thrown: unknown, fallback: string): Check {
  const { message, hint, detail } = GpuParserError.from(thrown);
  return { area, name, status: 'fail', message: detail === undefined ? message : `${message} (${detail})`, advice: hint ?? fallback };
}

function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
