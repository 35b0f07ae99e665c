import type { SHELLS } from '../commands.js';
import { completions } from '../completions.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit.js';

/** `gpuparser completions SHELL`. */
export async function runCompletions({ stdout, operands }: Context): Promise<number> {
  stdout.write(completions(operands[0] as (typeof SHELLS)[number]));
  return EXIT.done;
}
