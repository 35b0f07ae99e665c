import { counted } from '../../counted.js';
import type { Diagnosis } from '../../index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';
import { printable } from '../format.js';
import { passwordPrompt } from '../password-prompt.js';
import { type Paint, painter } from '../terminal.js';
import { connectionOptions } from './export.js';

/** `gpuparser doctor`. */
export async function runDoctor(context: Context): Promise<number> {
  const { values, stdout, environment } = context;
  const { diagnose } = await context.library();
  const diagnosis = await diagnose(
    { connection: connectionOptions(values), table: values.table, output: values.output },
    { askPassword: passwordPrompt(values) },
  );
  stdout.write(values.json ? `${JSON.stringify(diagnosis)}\n` : diagnosisText(diagnosis, painter(stdout, environment)));
  return diagnosis.ok ? EXIT.done : EXIT.failed;
}

const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** A line per check, with the advice under it. */
export function diagnosisText({ version, checks, ok }: Diagnosis, paint: Paint): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = [paint('bold', `gpuparser ${version}`)];
  for (const { name, status, message, advice } of checks) {
    lines.push(`${paint(COLORS[status], status.padEnd(4))}  ${name.padEnd(width)}  ${printable(message)}`);
    if (status !== 'ok' && advice !== undefined) lines.push(`${' '.repeat(width + 8)}${printable(advice)}`);
  }
  const count = (status: string): number => checks.filter((check) => check.status === status).length;
  lines.push(
    '',
    ok
      ? `Ready to export${count('warn') > 0 ? `, with ${counted(count('warn'), 'warning')}` : ''}.`
      : `Not ready: ${count('fail')} of ${counted(checks.length, 'check')} failed.`,
  );
  return `${lines.join('\n')}\n`;
}
