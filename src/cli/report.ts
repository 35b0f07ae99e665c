import type { SerializedError } from '../index.js';
import { type Environment, type Output, painter } from './terminal.js';

/**
 * Prints `gpuparser: <sentence>`, `detail:` and `hint:`. Line breaks of the server's text are kept, other control characters
 * are not. On a terminal the words in front have the colours of doctor's.
 */
export function reportError(
  stderr: Output,
  environment: Environment,
  error: SerializedError & { readonly stack?: string | undefined },
  verbose: boolean,
): void {
  const paint = painter(stderr, environment);
  const hint = error.hint ?? (error.code === 'INTERNAL' ? DEFECT : undefined);
  const lines = [`${paint('red', 'gpuparser:')} ${shown(error.message)}`];
  if (error.detail !== undefined) lines.push(`${paint('dim', 'detail:')} ${shown(error.detail)}`);
  if (hint !== undefined) lines.push(`${paint('green', 'hint:')} ${shown(hint)}`);
  if (verbose) {
    lines.push(`code: ${error.code}${error.sqlState === undefined ? '' : `, SQLSTATE ${error.sqlState}`}`);
    if (error.code === 'INTERNAL' && error.stack !== undefined) lines.push(error.stack);
  }
  stderr.write(`${lines.join('\n')}\n`);
}

const DEFECT = 'This is a defect of gpuparser. Please report it with the output of --verbose.';

function shown(text: string): string {
  return text
    .trimEnd()
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
    .replaceAll('\n', '\n  ');
}
