import { GpuParserError, type SerializedError } from '../../errors.js';
import type { FileDescription } from '../../index.js';
import type { Context } from '../context.js';
import { descriptionText } from '../description.js';
import { EXIT, exitCodeOf } from '../exit.js';
import { reportError } from '../report.js';
import { painter } from '../terminal.js';

/** `gpuparser inspect [--ddl] FILE...`: a bad file does not keep the others from being shown. */
export async function runInspect(context: Context): Promise<number> {
  const { values, operands, stdout, stderr } = context;
  const { inspect, tableDefinition } = await context.library();
  const paint = painter(stdout, context.environment);
  const files: FileDescription[] = [];
  const failed: { path: string; error: SerializedError }[] = [];
  for (const path of operands) {
    try {
      if (values.ddl) {
        stdout.write(await tableDefinition(path));
        continue;
      }
      const description = await inspect(path);
      files.push(description);
      if (!values.json) stdout.write(`${files.length > 1 ? '\n' : ''}${descriptionText(description, values.verbose ?? false, paint)}`);
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      failed.push({ path, error: error.toJSON() });
      reportError(stderr, context.environment, { ...error.toJSON(), stack: error.stack }, values.verbose ?? false);
    }
  }
  if (values.json && !values.ddl) stdout.write(`${JSON.stringify({ files, failed })}\n`);
  return failed[0] === undefined ? EXIT.done : exitCodeOf(failed[0].error.code);
}
