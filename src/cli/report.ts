import type { SerializedError } from '../index.js';
import type { Output } from './terminal.js';

/**
 * Prints `gpuparser: <sentence>`, `detail:` and `hint:`. Line breaks of the server's text are kept, other control characters
 * are not.
 */
export function reportError(stderr: Output, error: SerializedError & { readonly stack?: string | undefined }, verbose: boolean): void {
  const lines = [`gpuparser: ${shown(error.message)}`];
  if (error.detail !== undefined) lines.push(`detail: ${shown(error.detail)}`);
  if (error.hint !== undefined) lines.push(`hint: ${shown(error.hint)}`);
  else if (error.code === 'INTERNAL') lines.push('hint: This is a defect of gpuparser. Please report it with the output of --verbose.');
  if (verbose) {
    lines.push(`code: ${error.code}${error.sqlState === undefined ? '' : `, SQLSTATE ${error.sqlState}`}`);
    if (error.code === 'INTERNAL' && error.stack !== undefined) lines.push(error.stack);
  }
  stderr.write(`${lines.join('\n')}\n`);
}

function shown(text: string): string {
  return text
    .trimEnd()
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
    .replaceAll('\n', '\n  ');
}
