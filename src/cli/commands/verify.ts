import type { Verification } from '../../index.js';
import { ComparisonDisplay } from '../comparison-display.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';
import { printable } from '../format.js';
import type { OptionName } from '../options.js';
import { passwordPrompt } from '../password-prompt.js';
import { painter } from '../terminal.js';
import { verificationText } from '../verification.js';
import { connectionOptions } from './export.js';

/** Any of these says which server to ask; variables alone do not, for they may be set for other programs. */
const NAMES_A_SERVER: readonly OptionName[] = ['server', 'db', 'user', 'password', 'host', 'port', 'url'];

/** `gpuparser verify DIR`. */
export async function runVerify(context: Context): Promise<number> {
  const { values, operands, stdout, stderr, environment } = context;
  const { verify } = await context.library();
  const withServer = NAMES_A_SERVER.some((name) => values[name] !== undefined);
  const options = {
    table: values.table,
    deep: values.deep,
    lockTimeout: values['lock-timeout'],
    ...(withServer ? { connection: connectionOptions(values) } : {}),
  };
  const display = values.quiet ? undefined : new ComparisonDisplay(context);
  const { signal } = context.interruption();
  const verification: Verification = await verify(operands[0] as string, options, {
    signal,
    askPassword: passwordPrompt(values, signal),
    ...(display && { onEvent: (event) => display.show(event) }),
    ...(values.verbose ? { onFile: (table, file) => display?.print(`reading ${printable(file)} of ${printable(table)}\n`) } : {}),
  }).finally(() => display?.end());
  if (values.json) stdout.write(`${JSON.stringify(verification)}\n`);
  else if (!values.quiet || !verification.ok)
    (values.quiet ? stderr : stdout).write(
      verificationText(verification, values.verbose ?? false, painter(values.quiet ? stderr : stdout, environment)),
    );
  return verification.ok ? EXIT.done : EXIT.failed;
}
