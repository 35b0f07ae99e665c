/** What one look at the machine or the server found. */
export interface Check {
  readonly area: 'machine' | 'engine' | 'gpu' | 'server' | 'table';
  /** A word or two: `native library`. */
  readonly name: string;
  /** `fail`: an export cannot work until it is mended. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, one line. */
  readonly message: string;
  /** What to do, where the message does not say it. */
  readonly advice?: string;
}

/** Bytes as people read memory and disks: `15.6 GiB`. */
export function gibibytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.floor(bytes / 2 ** 20)} MiB`;
}
