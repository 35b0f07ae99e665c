import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exportOptions } from '../../src/cli/commands/export.js';
import { commands } from '../../src/cli/commands.js';
import type { Values } from '../../src/cli/options.js';
import { GpuParserError } from '../../src/errors.js';
import { type ExportOptions, inspect, merge, planExport, verify } from '../../src/index.js';
import { reworded } from '../../src/library-words.js';
import { inLibraryWords, OPTION_NAMES, type OptionName } from '../../src/option-names.js';

/** Of the programs that hints name: Ray's and npm's. */
const OTHERS = ['num-cpus', 'num-gpus', 'address', 'head'];
const FLAG = /(?<![\w-])--([a-z][a-z0-9-]*[a-z0-9])/g;

describe('the library', () => {
  it('calls each option of an export as its own type does', () => {
    const unlike = (commands.get('export')?.options ?? []).filter((name) => {
      const options = exportOptions({ [name]: ['x'] } as Values) as Record<string, unknown>;
      const connection = options.connection as Record<string, unknown>;
      const given = [
        ...Object.keys(options).filter((key) => key !== 'connection' && options[key] !== undefined),
        ...Object.keys(connection).flatMap((key) => (connection[key] === undefined ? [] : [`connection.${key}`])),
      ];
      return given.length > 0 && !given.includes(OPTION_NAMES[name]);
    });
    assert.deepEqual(unlike, []);
  });

  it('has a word for every flag that a message of it names', () => {
    const unknown = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|py)$/.test(file) && !/^cli\/|^demo\/|types-reference/.test(file))
      .flatMap((file) => readFileSync(join('src', file), 'utf8').split('\n'))
      .filter((line) => /\b(hint|advice|message|terms|warning|Error|line|append)\b/i.test(line) && !/^\s*(\/\/|\/?\*)/.test(line))
      .flatMap((line) => [...line.matchAll(FLAG)].map(([, name]) => name as string))
      .filter((name) => !OTHERS.includes(name) && !Object.hasOwn(OPTION_NAMES, name));
    assert.deepEqual(unknown, []);
  });

  it('says a flag and its value as a program writes them', () => {
    const said = {
      'Use fewer connections (--jobs).': 'Use fewer connections (`jobs`).',
      '--where over "t" is': '`where` over "t" is',
      'Use --device cpu, or': "Use `device: 'cpu'`, or",
      'use --chunks 4 for': 'use `chunks: 4` for',
      "--numeric 'decimal(38,10)'.": "`numeric: 'decimal(38,10)'`.",
      '(for this column alone: --nan price=null) to': "(for this column alone: `nan: { columns: { price: 'null' } }`) to",
      "--invalid-utf8 'odd name'=binary": "`invalidUtf8: { columns: { 'odd name': 'binary' } }`",
      'with --type price=decimal(18,4), or': "with `types: { price: 'decimal(18,4)' }`, or",
      'Name one with --user or PGUSER.': 'Name one with `connection.user` or PGUSER.',
      'ray start --address=HEAD:6379 --num-gpus=N': 'ray start --address=HEAD:6379 --num-gpus=N',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(said).map((text) => [text, inLibraryWords(text)])), said);
  });

  it('leaves no flag of the command line in any sentence, and nothing else changed', () => {
    const name = fc.constantFrom(...(Object.keys(OPTION_NAMES) as OptionName[]));
    const value = fc.constantFrom('', ' cpu', ' 12', ' none', ' of the table', " 'a b'=text", ' price=decimal(9,2)', '=5', '.', ')', ', ');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (mentions) => {
        const text = mentions.map(([flag, given]) => `Use --${flag}${given} `).join('');
        assert.doesNotMatch(inLibraryWords(text), FLAG);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => text.includes('--') || assert.equal(inLibraryWords(text), text)));
  });

  it('throws errors that name no flag', async () => {
    const folder = join(tmpdir(), 'no such folder');
    const wrong: unknown[] = ['?', -1, Number.NaN, {}, [], [5], '', null, '-'];
    const keys = (commands.get('export')?.options ?? []).map((name) => OPTION_NAMES[name]).filter((name) => /^\w+$/.test(name));
    const connection = { host: '127.0.0.1', port: 1, user: 'nobody' };
    const given = keys.flatMap((key) => wrong.map((value) => ({ table: 't', connection, [key]: value }) as ExportOptions));
    const calls: (() => Promise<unknown>)[] = [
      ...given.map((options) => () => planExport(options)),
      () => planExport({} as ExportOptions),
      () => planExport({ query: 'SELECT 1', where: 'x', connection }),
      () => planExport({ table: 't', device: 'cuda', connection }),
      () => planExport({ table: 't', gpus: 1000, device: 'cpu', connection }),
      () => planExport({ table: 't', rayWorkers: 2, connection }),
      () => planExport({ table: 't', cluster: 'ray', rayAddress: 'http://127.0.0.1:1', connection }),
      () => verify(folder),
      () => inspect(folder),
      () => merge(['package.json'], 'README.md'),
    ];
    let errors = 0;
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      if (!(error instanceof GpuParserError)) continue;
      errors++;
      const { message, hint = '' } = error;
      const flags = [...`${message}\n${hint}\n${error.stack}`.matchAll(FLAG)].map(([, name]) => name as string);
      assert.deepEqual(
        flags.filter((name) => !OTHERS.includes(name)),
        [],
        `${message} ${hint}`,
      );
    }
    assert.ok(errors > 100, `${errors}`);
  });

  it('tells events and results in the same words, and what is not a sentence as it is', () => {
    const event = { type: 'warning', message: '--nan null: NaN becomes NULL in "a".' };
    assert.deepEqual(reworded(event), { type: 'warning', message: '`nan: \'null\'`: NaN becomes NULL in "a".' });
    const plan = { request: { query: 'SELECT 1 --jobs' }, warnings: ['Use --jobs.'], chunks: [1] };
    assert.deepEqual(reworded(plan), { ...plan, warnings: ['Use `jobs`.'] });
    const same = { table: 't', files: [{ path: '--jobs' }] };
    assert.equal(reworded(same), same);
  });
});
