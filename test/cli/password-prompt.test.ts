import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServer, type TestServer } from '../support/server.js';
import { finished, program } from './program.js';
import { inTerminal } from './terminal-run.js';

const QUESTION = 'Password for user guarded: ';
const SECRET = 'pä55 wörd';

describe('a password that nobody gave', () => {
  let server: TestServer;
  let folder: string;
  let connection: string[];
  const output = () => join(folder, 'out');
  const run = (...args: string[]) => [process.execPath, program, ...args, ...connection];
  const exporting = (...more: string[]) => run('export', '-t', 'customer', '-o', output(), '--overwrite', ...more);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gpuparser-prompt-'));
    server = await startServer({ hba: ['host all guarded 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust'] });
    await server.sql(`
      CREATE TABLE customer AS SELECT i AS id FROM generate_series(1, 500) i;
      CREATE ROLE guarded LOGIN PASSWORD '${SECRET}'; GRANT SELECT ON customer TO guarded; ANALYZE`);
    connection = ['-h', '127.0.0.1', '-P', String(server.port), '-d', 'postgres', '-u', 'guarded'];
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is asked for once, before anything is shown, and stays unseen', async () => {
    // A wrong start is taken back by Ctrl-U, a wrong letter by the erase key.
    const steps = [`${QUESTION}=>nonsense\u0015${SECRET}x\u007f\r`];
    const { parts, code, left } = await inTerminal(steps, exporting());
    const text = parts.map((part) => part.text).join('');
    assert.deepEqual({ code, left }, { code: 0, left: 0 }, text);
    assert.ok(text.startsWith(QUESTION), text);
    assert.equal(text.split('Password').length, 2);
    assert.match(text, /500 rows/);
    assert.doesNotMatch(text, /55|nonsense/);
  });

  it('is asked for by verify and, once for server and table, by doctor', async () => {
    for (const command of [run('verify', output()), run('doctor', '-t', 'customer', '-o', folder)]) {
      const { parts, left } = await inTerminal([`${QUESTION}=>${SECRET}\r`], command);
      const text = parts.map((part) => part.text).join('');
      assert.equal(left, 0);
      assert.equal(text.split('Password').length, 2, text);
      assert.match(text, command.includes('verify') ? /ok/ : /ok +table +public\.customer: about 500 rows/, text);
    }
  });

  it('is asked for at the terminal where standard input and output are elsewhere', async () => {
    const file = join(folder, 'piped.parquet');
    const shell = ['sh', '-c', '"$@" </dev/null 2>/dev/null >"$0"', file, ...run('export', '-t', 'customer', '-o', '-')];
    const { parts, code } = await inTerminal([`${QUESTION}=>${SECRET}\r`], shell);
    assert.deepEqual([code, parts.map((part) => part.text).join('')], [0, `${QUESTION}\r\n`]);
    assert.ok(existsSync(file));
  });

  it('leaves the terminal as it was, after an answer, Ctrl-C and Ctrl-D', async () => {
    for (const [answer, code, said] of [
      ['wrong\r', 3, /Password authentication failed for user "guarded"/],
      ['\r', 3, /The server asks for a password for user "guarded", and none was given/],
      ['\u0004', 3, /and none was given/],
      ['\u0003', 130, /The export was interrupted/],
    ] as const) {
      // The shell would be ended by Ctrl-C as well.
      const shell = ['sh', '-c', 'trap : INT; stty -g; "$@"; echo "code $?"; stty -g', 'sh', ...exporting()];
      const { parts } = await inTerminal([`${QUESTION}=>${answer}`], shell);
      const text = parts.map((part) => part.text).join('');
      const [before, ...lines] = text.trim().split(/\r?\n/);
      assert.equal(lines.at(-1), before, text);
      assert.equal(lines.at(-2), `code ${code}`, text);
      assert.match(text, said);
      assert.doesNotMatch(text, /wrong/);
    }
  });

  it('is the error of old with --no-password, and where there is no terminal', async () => {
    for (const flag of ['-w', '--no-password']) {
      const { parts, code } = await inTerminal([], exporting(flag));
      const text = parts.map((part) => part.text).join('');
      assert.equal(code, 3);
      assert.match(text, /^gpuparser: The server asks for a password for user "guarded", and none was given\.\r\nhint: /);
    }
    // What is detached is in a session of its own, which has no terminal.
    const [command, ...args] = exporting();
    const child = spawn(command as string, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
    const { code: status, stderr } = await finished(child);
    assert.equal(status, 3);
    assert.match(stderr, /^gpuparser: The server asks for a password for user "guarded", and none was given\.\nhint: /);
  });
});
