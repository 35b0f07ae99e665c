import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import type { Policy } from './plan.js';

/** What the export does with values and types that have no single faithful form. */
export interface Policies {
  readonly numeric:
    | { readonly form: 'string' | 'double' }
    | { readonly form: 'decimal'; readonly precision: number; readonly scale: number };
  readonly nan: Policy;
  readonly infinity: Policy;
  /** Undefined: arrays travel as text and a warning names them. */
  readonly arrays: 'error' | 'text' | undefined;
}

/** The widest DECIMAL that 16 bytes hold. */
export const MAX_PRECISION = 38;

/** @throws GpuParserError USAGE for a policy that does not exist. */
export function parsePolicies(options: Pick<ExportOptions, 'numeric' | 'nan' | 'infinity' | 'arrays'>): Policies {
  return {
    numeric: parseNumeric(options.numeric ?? 'string'),
    nan: oneOf('--nan', options.nan ?? 'error', ['error', 'null']),
    infinity: oneOf('--infinity', options.infinity ?? 'error', ['error', 'null', 'saturate']),
    arrays: options.arrays === undefined ? undefined : oneOf('--arrays', options.arrays, ['error', 'text'] as const),
  };
}

function oneOf<const Word extends string>(flag: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given);
  if (found === undefined) throw new GpuParserError('USAGE', `${flag} takes ${words.join(', ')}; it was given ${JSON.stringify(given)}.`);
  return found;
}

function parseNumeric(text: string): Policies['numeric'] {
  if (text === 'string' || text === 'double') return { form: text };
  const match = /^decimal\(\s*(\d{1,4})\s*(?:,\s*(\d{1,4})\s*)?\)$/i.exec(text.trim());
  const [precision, scale] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (!match || precision < 1 || precision > MAX_PRECISION || scale > precision) {
    throw new GpuParserError('USAGE', `--numeric takes string, double or decimal(P,S); it was given ${JSON.stringify(text)}.`, {
      hint: `P is 1 to ${MAX_PRECISION}, S is 0 to P: --numeric 'decimal(38,10)'.`,
    });
  }
  return { form: 'decimal', precision, scale };
}
