import type { Interruption } from './interruption.js';
import type { Library } from './library.js';
import type { Values } from './options.js';
import type { Output } from './terminal.js';

/** What a command works with. */
export interface Context {
  readonly values: Values;
  readonly operands: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the first call on, signals abort instead of ending the process. */
  interruption(): Interruption;
  /** Loaded on first use: help and usage errors need none of it. */
  library(): Promise<Library>;
}

/** Returns the exit code. Throws GpuParserError. */
export type Run = (context: Context) => Promise<number>;
