import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type Account, environment } from './account.js';

/** Starts a server for each line `port binary`, and ends with its input. The second rm is for an initdb that was still writing. */
const guardianScript = `
while read -r port binary; do
  "$binary" -D "$1/data" -p "$port" </dev/null >>"$1/log" 2>&1 &
  server=$!
  echo $server
done
if [ -n "$server" ]; then kill -QUIT $server 2>/dev/null; wait $server; fi
cd /
rm -rf "$1" || { sleep 2; rm -rf "$1"; }
`;

/**
 * A shell in a session of its own that owns the folder and the server in it: when our end of its standard input closes,
 * because of stop() or because this process died of anything at all, it stops the server and removes the folder.
 */
export class Guardian {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly #gone: Promise<void>;

  constructor(folder: string, account: Account | undefined) {
    this.#shell = spawn('/bin/sh', ['-c', guardianScript, 'guardian', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment,
      ...account,
    });
    // A guardian that has been killed shows by the server that does not come up.
    this.#shell.stdin.on('error', () => undefined);
    this.#gone = new Promise((resolve) => this.#shell.on('close', () => resolve()));
  }

  /** @returns the postmaster's process id. */
  start(binary: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#shell.once('error', reject);
      this.#shell.stdout.once('data', (text: Buffer) => resolve(Number.parseInt(text.toString(), 10)));
      this.#shell.stdin.write(`${port} ${binary}\n`);
    });
  }

  /** The server alone must not keep this process running. */
  unref(): void {
    this.#shell.unref();
    for (const pipe of [this.#shell.stdin, this.#shell.stdout]) (pipe as unknown as { unref(): void }).unref();
  }

  stop(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin.end();
    return this.#gone;
  }
}
