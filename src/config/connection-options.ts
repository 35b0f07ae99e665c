import { GpuParserError } from '../errors.js';
import type { ConnectionOptions } from '../options.js';

const KINDS: Readonly<Record<keyof ConnectionOptions, 'string' | 'number'>> = {
  url: 'string',
  host: 'string',
  port: 'number',
  database: 'string',
  user: 'string',
  password: 'string',
};

/**
 * Refuses what is no ConnectionOptions, for not all programs are type-checked. Messages repeat no value: it may be secret.
 * @throws GpuParserError USAGE
 */
export function requireConnectionOptions(given: ConnectionOptions): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new GpuParserError('USAGE', 'A connection is an object of options.', { hint: `They are ${Object.keys(KINDS).join(', ')}.` });
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(KINDS, name))
      throw new GpuParserError('USAGE', `A connection has no option "${name}".`, {
        hint: `The options are ${Object.keys(KINDS).join(', ')}.`,
      });
    const kind = KINDS[name as keyof ConnectionOptions];
    if (value !== undefined && typeof value !== kind)
      throw new GpuParserError('USAGE', `Expected a ${kind === 'string' ? 'text' : 'number'} for connection.${name}.`);
  }
}
