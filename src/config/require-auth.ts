import { GpuParserError } from '../errors.js';

const METHODS = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const;

/** How a server has a client prove who it is, by libpq's names. `none`: not at all, or by a certificate. */
export type AuthMethod = (typeof METHODS)[number];

/** libpq's require_auth: the methods that are allowed, or those that are not. JSON. */
export interface RequiredAuth {
  readonly methods: readonly AuthMethod[];
  readonly excluded: boolean;
}

/** @throws GpuParserError USAGE */
export function parseRequireAuth(text: string | undefined): RequiredAuth | undefined {
  if (text === undefined) return undefined;
  const words = text.split(',').map((word) => word.trim());
  const excluded = words.every((word) => word.startsWith('!'));
  const methods = words.map((word) => METHODS.find((method) => method === (excluded ? word.slice(1) : word)));
  if (methods.every((method) => method !== undefined)) return { methods, excluded };
  throw new GpuParserError('USAGE', 'require_auth is not a list of methods, all with ! or all without.', {
    hint: `The methods are ${METHODS.join(', ')}; require_auth may come from PGREQUIREAUTH.`,
  });
}

export function admits(required: RequiredAuth | undefined, method: AuthMethod): boolean {
  return required === undefined || required.methods.includes(method) !== required.excluded;
}
