import { counted } from '../../counted.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';
import { bytes, duration, printable } from '../format.js';

/** `gpuparser merge FILE... -o FILE`. */
export async function runMerge(context: Context): Promise<number> {
  const { values, operands, stdout, stderr } = context;
  const { merge } = await context.library();
  const summary = await merge(operands, values.output!, { overwrite: values.overwrite, signal: context.interruption().signal });
  if (!values.quiet) for (const warning of summary.warnings) stderr.write(`warning: ${printable(warning)}\n`);
  if (values.json) stdout.write(`${JSON.stringify(summary)}\n`);
  else if (!values.quiet) {
    const { path, files, rows, rowGroups, seconds } = summary;
    const parts = [counted(rows, 'row'), counted(rowGroups, 'row group'), bytes(summary.bytes)];
    stdout.write(`${printable(path)}: ${parts.join(', ')} from ${counted(files, 'file')} in ${duration(seconds)}\n`);
  }
  return EXIT.done;
}
