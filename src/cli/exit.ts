import type { ErrorCode } from '../errors.js';

/** Exit codes are part of the interface: scripts depend on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, connection: 3 } as const;

export const exitCodes: readonly { readonly code: string; readonly means: string }[] = [
  { code: '0', means: 'done' },
  { code: '1', means: 'failed, or partly failed: the files of other chunks are whole' },
  { code: '2', means: 'the options or arguments are wrong' },
  { code: '3', means: 'cannot connect, or the server refused user, password or database' },
  { code: '129', means: 'hung up (SIGHUP)' },
  { code: '130', means: 'interrupted (SIGINT, Ctrl-C)' },
  { code: '143', means: 'terminated (SIGTERM)' },
];

export function exitCodeOf(code: ErrorCode): number {
  if (code === 'USAGE') return EXIT.usage;
  return code === 'CONNECT' || code === 'AUTH' ? EXIT.connection : EXIT.failed;
}
