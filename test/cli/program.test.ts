import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { commands } from '../../src/cli/commands.js';
import { completions } from '../../src/cli/completions.js';
import { commandHelp, helpColumns, programHelp } from '../../src/cli/help.js';
import { cliReference } from '../../src/cli/markdown.js';
import { type OptionName, options } from '../../src/cli/options.js';
import { packageFolder, packageVersion } from '../../src/package.js';
import { gpuparser, program, start } from './program.js';

describe('gpuparser', () => {
  it('prints its version', async () => {
    assert.deepEqual(await gpuparser(['--version']), { code: 0, stdout: `gpuparser ${packageVersion}\n`, stderr: '' });
  });

  it('prints help with no arguments, for --help and for help', async () => {
    for (const args of [[], ['--help'], ['help']]) assert.deepEqual(await gpuparser(args), { code: 0, stdout: programHelp(), stderr: '' });
  });

  it("prints a command's help", async () => {
    const text = commandHelp(commands.get('export')!);
    for (const args of [
      ['export', '--help'],
      ['help', 'export'],
      ['export', '-t', 'x', '--help'],
    ]) {
      assert.deepEqual(await gpuparser(args), { code: 0, stdout: text, stderr: '' });
    }
  });

  it('ends usage errors with one sentence, a hint and code 2, and makes nothing', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'gpuparser-cli-'));
    try {
      const cases: readonly [readonly string[], string][] = [
        [
          ['export', '-t', 'x', '--jason'],
          'gpuparser: There is no option --jason.\nhint: Did you mean --json? "gpuparser export --help" lists the options.\n',
        ],
        [['export', '-t', 'x', '-r', '-5'], 'gpuparser: -r must be a whole number, 0 or more, not "-5".\nhint: Write -r ROWS.\n'],
        [['export', '-t', 'x', '-r', 'all'], 'gpuparser: -r must be a whole number, 0 or more, not "all".\nhint: Write -r ROWS.\n'],
        [['export', '-t', 'x', '-g', '0'], 'gpuparser: -g must be a whole number, from 1 to 1024, not "0".\nhint: Write -g N.\n'],
        [
          ['export', '-t', 'x', '--compression', 'gzip', '--json'],
          'gpuparser: --compression must be one of snappy, zstd, lz4, none, not "gzip".\nhint: Write --compression snappy|zstd|lz4|none.\n',
        ],
        [['export'], 'gpuparser: A table or a query is missing.\nhint: Write "-t TABLE" or "--query SQL".\n'],
        [['merge', 'a.parquet'], 'gpuparser: "gpuparser merge" needs the file to write.\nhint: Write "gpuparser merge FILE... -o FILE".\n'],
        [['expert'], 'gpuparser: There is no command "expert".\nhint: Did you mean "export"? "gpuparser --help" lists the commands.\n'],
      ];
      for (const [args, stderr] of cases) assert.deepEqual(await gpuparser(args, { cwd }), { code: 2, stdout: '', stderr }, args.join(' '));
      assert.deepEqual(await readdir(cwd), []);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  it('loads neither driver nor native code for help, versions and usage errors', async () => {
    for (const args of [['--version'], ['export', '--help'], ['export', '--bogus']]) {
      const child = promisify(execFile)(process.execPath, [program, ...args], { env: { ...process.env, NODE_DEBUG: 'esm' } }).catch(
        (error) => error,
      );
      const { stderr } = (await child) as { stderr: string };
      assert.match(stderr, /program\/main\.js/);
      assert.doesNotMatch(stderr, /program\/(library|export|control)-|koffi|\/pg\//);
    }
  });

  it('says which Node.js it needs on an older one', async () => {
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })";
    const { code, stdout, stderr } = await gpuparser(['--version'], {
      nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(older)}`],
    });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.equal(
      stderr,
      'gpuparser: It needs Node.js 20.19 or newer; this is 20.18.3.\nhint: Install a current Node.js from https://nodejs.org/.\n',
    );
  });

  it('ends quietly when its reader has gone', async () => {
    const { stdout, stderr } = await promisify(execFile)('bash', [
      '-c',
      `"${process.execPath}" "${program}" export --help | head -c 10; echo " \${PIPESTATUS[0]}"`,
    ]);
    assert.deepEqual({ stdout, stderr }, { stdout: 'usage: gpu 0\n', stderr: '' });
  });

  it('fails when its output cannot be written', async () => {
    const full = promisify(execFile)('bash', ['-c', `"${process.execPath}" "${program}" --help > /dev/full`]);
    await assert.rejects(full, (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr, /^gpuparser: Standard output cannot be written: .*ENOSPC.*\n$/);
      return true;
    });
  });
});

describe('a password in the arguments', () => {
  it('is gone from the process list once the program has started, with a warning', async () => {
    // A blackholed host keeps the program busy; 192.0.2.0/24 is for documentation and answers nothing.
    for (const [flag, ...form] of [
      ['-p', '-p', 'topsecret'],
      ['-p', '-ptopsecret'],
      ['-p', '--password=topsecret'],
      ['--url', '--url', 'postgresql://reader:topsecret@192.0.2.1/shop'],
      ['-d', '-d', 'postgresql://reader:topsecret@192.0.2.1/shop'],
      ['-d', '-d', 'dbname=shop password=topsecret'],
    ]) {
      const child = start(['doctor', '-h', '192.0.2.1', ...form]);
      try {
        const warning = await new Promise<string>((resolve) => child.stderr!.setEncoding('utf8').once('data', resolve));
        assert.match(
          warning,
          new RegExp(`^warning: A password given by ${flag} shows in process lists until the program has started; .*\\n$`),
        );
        const shown = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
        assert.match(shown, /^gpuparser doctor -h 192\.0\.2\.1 /);
        assert.ok(!shown.includes('topsecret'));
      } finally {
        child.kill('SIGKILL');
      }
    }
  });
});

describe('help, docs and completions', () => {
  const names = Object.keys(options) as OptionName[];

  it('name every option of every command', () => {
    for (const command of commands.values()) {
      const text = commandHelp(command);
      for (const name of command.options) assert.match(text, new RegExp(`--${name}\\b`), `${command.name} --${name}`);
      for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
    }
    for (const name of names)
      assert.ok(name === 'version' || [...commands.values()].some((command) => command.options.includes(name)), name);
  });

  it('fit any terminal, and their examples remain commands', () => {
    for (const columns of [60, 79, 80, 100]) {
      for (const text of [programHelp(columns), ...[...commands.values()].map((command) => commandHelp(command, columns))])
        for (const line of text.split('\n')) assert.ok(line.length <= columns, `${columns}: ${line}`);
    }
    const [, example] = /^ {2}(gpuparser export --query (?:.*\\\n)*.*)$/m.exec(commandHelp(commands.get('export')!, 60)) ?? [];
    assert.equal(example, 'gpuparser export --query \\\n    "SELECT id, total FROM orders JOIN totals USING (id)"');
    assert.deepEqual(
      [undefined, 20, 72, 300].map((given) => helpColumns({ columns: given })),
      [100, 60, 72, 100],
    );
  });

  it('give no letter twice', () => {
    const letters = names
      .flatMap((name) => ('short' in options[name] ? [options[name].short] : []))
      .filter((letter) => letter !== undefined);
    assert.equal(new Set(letters).size, letters.length);
  });

  it('are in step: docs/cli.md is what the option table says', () => {
    assert.equal(readFileSync(join(packageFolder, 'docs', 'cli.md'), 'utf8'), cliReference());
  });

  it('complete commands, options, choices and files in bash', async () => {
    const complete = async (...words: string[]): Promise<string[]> => {
      const script = `${completions('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _gpuparser; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd: packageFolder });
      return stdout.trim().split('\n');
    };
    assert.deepEqual(await complete('gpuparser', 'ex'), ['export']);
    assert.deepEqual(await complete('gpuparser', 'export', '--comp'), ['--compression', '--compression-level']);
    assert.deepEqual(await complete('gpuparser', 'export', '--compression', ''), ['snappy', 'zstd', 'lz4', 'none']);
    assert.deepEqual(await complete('gpuparser', 'completions', ''), ['bash', 'zsh', 'fish']);
    assert.deepEqual(await complete('gpuparser', 'inspect', 'package.j'), ['package.json']);
    assert.deepEqual(await complete('gpuparser', 'merge', 'a', '-o', 'package.j'), ['package.json']);
    assert.deepEqual(await complete('gpuparser', 'export', '-t', ''), ['']);
  });

  it('are printed by the completions command', async () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const)
      assert.deepEqual(await gpuparser(['completions', shell]), { code: 0, stdout: completions(shell), stderr: '' });
  });
});
