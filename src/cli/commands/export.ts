import { GpuParserError } from '../../errors.js';
import { EXPORT_OPTIONS, exportOptionNames, factsOf } from '../../export-options.js';
import type { ConnectionOptions, ExportEvent, ExportOptions, PerColumn } from '../../index.js';
import type { Circumstances } from '../advice.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';
import { printable } from '../format.js';
import type { Values } from '../options.js';
import { passwordPrompt } from '../password-prompt.js';
import { newProgress, type Progress } from '../progress.js';
import { readQueryFile } from '../query-file.js';
import { reportError } from '../report.js';
import { planDetails, planText, summaryJson, summaryText } from '../summary.js';
import { usage } from '../usage.js';
import type { ColumnValue } from '../values.js';

const TICK_MS = 250;
const STDOUT = '-';

/** `gpuparser export`. */
export async function runExport(context: Context): Promise<number> {
  const { values, stdout, stderr } = context;
  const interruption = context.interruption();
  const library = await context.library();
  const output = values.output ?? EXPORT_OPTIONS.output.default;
  const file = values['query-file'];
  const askPassword = passwordPrompt(values, interruption.signal);
  const options = exportOptions(file === undefined ? values : { ...values, query: await readQueryFile(file) });
  if (values['dry-run']) {
    const plan = await library.planExport(options, {
      signal: interruption.signal,
      askPassword,
      onEvent: (event) => void (event.type === 'notice' && !values.quiet && stderr.write(`${printable(event.message)}\n`)),
    });
    if (!values.quiet) for (const warning of plan.warnings) stderr.write(`warning: ${printable(warning)}\n`);
    stdout.write(values.json ? `${JSON.stringify(plan)}\n` : planDetails(plan, output));
    return EXIT.done;
  }
  if (output === STDOUT && stdout.isTTY)
    throw usage(
      '--output - sends a Parquet file to standard output, which is a terminal.',
      'Send it into a file or a program: > FILE, | PROGRAM.',
    );
  const display = values.quiet ? undefined : new Display(context, output);
  try {
    const summary = await library.exportTable(options, {
      onEvent: display && ((event) => display.show(event)),
      signal: interruption.signal,
      askPassword,
    });
    display?.end();
    if (values.json) stdout.write(`${JSON.stringify(summaryJson(summary))}\n`);
    else if (!values.quiet)
      (output === STDOUT ? stderr : stdout).write(
        summaryText(summary, values.verbose ?? false, { ...display?.circumstances, ray: values.cluster === 'ray' }),
      );
    for (const { chunk, path, error } of summary.failed) {
      const message = `Chunk ${chunk} (${path}) failed: ${error.message}`;
      reportError(stderr, context.environment, { ...error, message }, values.verbose ?? false);
    }
    if (summary.failed.length === 0) return EXIT.done;
    return interruption.exitCode ?? EXIT.failed;
  } catch (thrown) {
    display?.end();
    if (interruption.exitCode !== undefined && GpuParserError.from(thrown).code !== 'INTERRUPTED') {
      throw new GpuParserError('INTERRUPTED', 'The export was stopped.', { detail: GpuParserError.from(thrown).message, cause: thrown });
    }
    throw thrown;
  }
}

/** The library's options, as the table of them maps the command line's. */
export function exportOptions(values: Values): ExportOptions {
  const given = exportOptionNames.flatMap((name) => {
    const { flag, kind } = factsOf(name);
    const value: unknown = flag === undefined ? undefined : values[flag as keyof Values];
    if (value === undefined) return [];
    const pairs = value as readonly ColumnValue<string>[];
    return [[name, kind === 'per column' ? byColumn(pairs) : kind === 'by column' ? forColumns(pairs) : value]];
  });
  return { ...(Object.fromEntries(given) as ExportOptions), connection: connectionOptions(values) };
}

/** `--nan error --nan price=null` as the library takes it. */
function byColumn(given: readonly ColumnValue<string>[]): PerColumn<string> {
  const all = given.find(({ column }) => column === undefined)?.value;
  const columns = forColumns(given.filter(({ column }) => column !== undefined));
  return { ...(all === undefined ? {} : { default: all }), columns };
}

function forColumns(given: readonly ColumnValue<string>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map(({ column, value }) => [column, value]));
}

export function connectionOptions(values: Values): ConnectionOptions {
  return { url: values.url, host: values.host, port: values.port, database: values.db, user: values.user, password: values.password };
}

/** Shows events on stderr. */
class Display {
  readonly #context: Context;
  readonly #output: string;
  readonly #progress: Progress;
  readonly #timer: NodeJS.Timeout;
  readonly #warned = new Set<string>();
  /** What the plan says of what may hold the export back. */
  circumstances: Circumstances = {};

  constructor(context: Context, output: string) {
    this.#context = context;
    this.#output = output;
    this.#progress = newProgress({ output: context.stderr, environment: context.environment, now: () => performance.now() / 1000 });
    this.#timer = setInterval(() => this.#progress.tick(), TICK_MS).unref();
    context.interruption().onFirst = () => {
      this.#progress.end();
      this.#progress.print('Stopping; press Ctrl-C again to stop at once.\n');
    };
  }

  show(event: ExportEvent): void {
    switch (event.type) {
      case 'connecting':
        if (this.#context.values.verbose) {
          const where = event.host.startsWith('/') ? `${event.host} (port ${event.port})` : `${event.host}:${event.port}`;
          this.#progress.print(`connecting to ${printable(event.database)} at ${printable(where)} as ${printable(event.user)}\n`);
        }
        break;
      case 'device':
        this.#progress.print(`${event.device}${event.count > 1 ? ` x ${event.count}` : ''}: ${printable(event.reason)}\n`);
        break;
      case 'planned':
        this.circumstances = { unsplittable: event.plan.unsplittable, codec: event.plan.writer.codec };
        this.#progress.planned(event.plan);
        this.#progress.print(planText(event.plan, this.#output));
        for (const warning of event.plan.warnings) this.#warn(warning);
        break;
      case 'progress':
        this.#progress.update(event);
        break;
      case 'chunk':
        break;
      case 'retry':
        this.#progress.print(`retry ${event.attempt} of chunk ${event.chunk}: ${printable(event.error.message)}\n`);
        break;
      case 'notice':
        if (!event.detail || this.#context.values.verbose) this.#progress.print(`${printable(event.message)}\n`);
        break;
      case 'warning':
        this.#warn(event.message);
    }
  }

  end(): void {
    clearInterval(this.#timer);
    this.#progress.end();
  }

  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#progress.print(`warning: ${printable(message)}\n`);
  }
}
