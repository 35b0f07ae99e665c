import { GpuParserError } from '../errors.js';
import { checkCombinations } from './combinations.js';
import type { CommandName } from './commands.js';
import type { Context, Run } from './context.js';
import { EXIT, exitCodeOf } from './exit.js';
import { Interruption } from './interruption.js';
import type { Library } from './library.js';
import { optionNamed } from './options.js';
import { parse, type Request } from './parse.js';
import { reportError } from './report.js';
import { hideArguments, hidesSecret, holdsPassword } from './secret.js';

/** Loaded when asked for: a usage error or --version pays for none of them. */
const runners: Record<Exclude<CommandName, 'help'>, () => Promise<Run>> = {
  export: async () => (await import('./commands/export.js')).runExport,
  verify: async () => (await import('./commands/verify.js')).runVerify,
  merge: async () => (await import('./commands/merge.js')).runMerge,
  inspect: async () => (await import('./commands/inspect.js')).runInspect,
  doctor: async () => (await import('./commands/doctor.js')).runDoctor,
  demo: async () => (await import('./commands/demo.js')).runDemoCommand,
  completions: async () => (await import('./commands/completions.js')).runCompletions,
};

/** Runs the command line in this process and ends it with the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  keepGoingWithoutReader(process.stdout);
  keepGoingWithoutReader(process.stderr);
  const code = await run(args);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(writeFailed ? EXIT.failed : code);
}

async function run(args: readonly string[]): Promise<number> {
  let request: Request;
  try {
    request = parse(args, process.env);
    if (request.kind === 'run') checkCombinations(request.command.name, request.values);
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    reportError(process.stderr, process.env, error, false);
    return exitCodeOf(error.code);
  }
  if (request.kind === 'version') {
    const { packageVersion } = await import('../package.js');
    process.stdout.write(`gpuparser ${packageVersion}\n`);
    return EXIT.done;
  }
  if (request.kind === 'help') {
    const { commandHelp, helpColumns, programHelp } = await import('./help.js');
    const columns = helpColumns(process.stdout);
    process.stdout.write(request.command ? commandHelp(request.command, columns) : programHelp(columns));
    return EXIT.done;
  }
  return runCommand(request);
}

async function runCommand(request: Extract<Request, { kind: 'run' }>): Promise<number> {
  const { command, values } = request;
  guardSecrets(request);
  let library: Promise<Library> | undefined;
  let interruption: Interruption | undefined;
  const context: Context = {
    values,
    operands: request.operands,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interruption: () => (interruption ??= new Interruption()),
    library: () => (library ??= import('./library.js').then(({ loadLibrary }) => loadLibrary())),
  };
  try {
    const runner = await runners[command.name as keyof typeof runners]();
    return await runner(context);
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    reportError(process.stderr, process.env, { ...error.toJSON(), stack: stackOf(thrown) }, values.verbose ?? false);
    if (values.json) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
    return interruption?.exitCode ?? exitCodeOf(error.code);
  }
}

function guardSecrets({ command, values, shownArguments }: Extract<Request, { kind: 'run' }>): void {
  const secrets = command.options.filter((name) => values[name] !== undefined && hidesSecret(optionNamed(name), String(values[name])));
  if (secrets.length === 0) return;
  hideArguments(shownArguments);
  const holds = (text: string | undefined) => text !== undefined && holdsPassword(text);
  const flag = values.password !== undefined ? '-p' : holds(values.url) ? '--url' : holds(values.db) ? '-d' : undefined;
  if (flag === undefined || values.quiet) return;
  process.stderr.write(
    `warning: A password given by ${flag} shows in process lists until the program has started; PGPASSWORD or ~/.pgpass never show it.\n`,
  );
}

function stackOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? thrown.stack : undefined;
}

let writeFailed = false;

/** A reader that closed early (`| head`) is no error of ours; a full disk behind `>` is. */
function keepGoingWithoutReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || stream === process.stderr) return;
    if (!writeFailed) process.stderr.write(`gpuparser: Standard output cannot be written: ${error.message}.\n`);
    writeFailed = true;
  });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => setImmediate(resolve));
  });
}
