import type { Option } from './options.js';

/**
 * Replaces this process's arguments by ones without secrets. On Linux process.title overwrites the memory that
 * /proc/PID/cmdline and ps show, all of it: https://github.com/libuv/libuv/blob/v1.x/src/unix/proctitle.c
 * What the arguments showed before this call, and the arguments of a shell or of npx around this process, are out of reach.
 */
export function hideArguments(shown: readonly string[]): void {
  process.title = ['gpuparser', ...shown].join(' ');
  process.argv.splice(2, Infinity, ...shown);
}

/** Whether the text of an option is not for process lists: a secret, or a URL or connection string with one in it. */
export function hidesSecret({ secret, takesUrl }: Option, text: string): boolean {
  return secret === true || (takesUrl !== undefined && holdsPassword(text));
}

/** Whether a connection URI or string carries a password: `//user:secret@` or `password=secret`. */
export function holdsPassword(url: string): boolean {
  return /^[a-z]+:\/\/[^/?#@]*:[^/?#@]+@/i.test(url) || /(^|[?&\s])password\s*=\s*[^&\s]/i.test(url);
}
