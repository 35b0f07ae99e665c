import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commands } from '../../src/cli/commands.js';
import { type OptionName, optionNamed, options } from '../../src/cli/options.js';
import { parse, type Request } from '../../src/cli/parse.js';
import { GpuParserError } from '../../src/errors.js';

type Run = Extract<Request, { kind: 'run' }>;

function parsed(args: readonly string[], environment: Record<string, string> = {}): Run {
  const request = parse(args, environment);
  assert.equal(request.kind, 'run');
  return request as Run;
}

function refused(args: readonly string[], environment: Record<string, string> = {}): { message: string; hint: string | undefined } {
  try {
    parse(args, environment);
  } catch (error) {
    assert.ok(error instanceof GpuParserError);
    assert.equal(error.code, 'USAGE');
    return { message: error.message, hint: error.hint };
  }
  return assert.fail(`${args.join(' ')} was accepted`);
}

describe('parse', () => {
  it("reads the guide's flags", () => {
    const { command, values } = parsed(
      'export -t customer -r 100000 -g 2 -o ./ray_output -d shop -u reader -p secret -h db.example.com'.split(' '),
    );
    assert.equal(command.name, 'export');
    assert.deepEqual(values, {
      table: 'customer',
      rows: 100_000,
      gpus: 2,
      output: './ray_output',
      db: 'shop',
      user: 'reader',
      password: 'secret',
      host: 'db.example.com',
    });
  });

  it('takes a value in all four forms, whatever it holds', () => {
    const names = Object.keys(options).filter((name) => ['table', 'output', 'db', 'user', 'host'].includes(name)) as OptionName[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ minLength: 1, unit: 'grapheme' }), (name, text) => {
        const short = `-${optionNamed(name).short}`;
        const detached = text.startsWith('-')
          ? []
          : [
              [short, text],
              [`--${name}`, text],
            ];
        for (const form of [...detached, [`${short}${text}`], [`--${name}=${text}`]]) {
          assert.deepEqual(parsed(['export', ...form]).values, { [name]: text });
        }
      }),
    );
  });

  it('never throws anything but usage errors that have a hint', () => {
    const words = [
      ...Object.keys(options).map((name) => `--${name}`),
      ...commands.keys(),
      '-t',
      '-h',
      '-r5',
      '-r',
      '--',
      '-',
      '',
      '-x',
      '--rows=',
      '--json=1',
      'x',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string())), (args) => {
        try {
          parse(args, {});
        } catch (error) {
          assert.ok(error instanceof GpuParserError && error.code === 'USAGE' && error.hint, String(error));
        }
      }),
    );
  });

  it('takes what follows -- as operands', () => {
    assert.deepEqual(parsed(['inspect', '--json', '--', '--json', '-x']).operands, ['--json', '-x']);
    assert.deepEqual(parsed(['inspect', '--', '--help']).operands, ['--help']);
  });

  it('lets an empty password be given, and no empty table', () => {
    assert.equal(parsed(['export', '-p', '']).values.password, '');
    assert.equal(refused(['export', '-t', '']).message, '-t is empty.');
    assert.equal(refused(['export', '--rows=']).message, '--rows is empty.');
  });

  it('adds up --columns and keeps names in quotes whole', () => {
    assert.deepEqual(parsed(['export', '--columns', 'id, "odd, ""name"""', '--columns=b c']).values.columns, ['id', 'odd, "name"', 'b c']);
    for (const bad of [',', 'a,', ',a', 'a,,b', '"a', 'a"b', '"a"b']) refused(['export', '--columns', bad]);
  });

  it('reads new names of columns, in quotes where they hold an equals sign', () => {
    assert.deepEqual(parsed(['export', '--rename', 'cust id=customer', '--rename="a=b"="c ""d"""']).values.rename, [
      { column: 'cust id', value: 'customer' },
      { column: 'a=b', value: 'c "d"' },
    ]);
    for (const bad of ['a', 'a=', '=b', 'a=b=c', '"a=b', 'a"b=c', 'a=b"c']) refused(['export', '--rename', bad]);
  });

  it('names columns back as they were given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1 }), (names) => {
        const text = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
        assert.deepEqual(parsed(['export', `--columns=${text}`]).values.columns, names);
      }),
    );
  });

  it('reads sizes with units', () => {
    const sizes = { '536870912': 2 ** 29, '512MiB': 2 ** 29, '2GB': 2e9, '1.5G': 1.5 * 2 ** 30, '100 mb': 1e8, '1t': 2 ** 40 };
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(parsed(['export', '--memory', text]).values.memory, bytes, text);
    for (const bad of ['0', '-1GB', 'GB', '1XB', '1e9', '63MiB', '99999999TB', '1,000MB']) refused(['export', `--memory=${bad}`]);
  });

  it('reads numeric policies', () => {
    for (const good of ['string', 'double', 'decimal(38,0)', 'decimal(1,1)'])
      assert.deepEqual(parsed(['export', '--numeric', good]).values.numeric, [{ column: undefined, value: good }]);
    assert.deepEqual(parsed(['export', '--numeric', 'decimal(10, 2)']).values.numeric, [{ column: undefined, value: 'decimal(10,2)' }]);
    for (const bad of ['decimal', 'decimal(39,0)', 'decimal(0,0)', 'decimal(5,6)', 'decimal(5)', 'float'])
      refused(['export', '--numeric', bad]);
  });

  it('reads policies and forms of single columns, given again and again', () => {
    const given = ['export', '--nan', 'error', '--nan', 'price=null', '--nan=odd=name=null', '--nan', '"a "" b"=null', '--nan', ' x=null'];
    assert.deepEqual(parsed(given).values.nan, [
      { column: undefined, value: 'error' },
      { column: 'price', value: 'null' },
      { column: 'odd=name', value: 'null' },
      { column: 'a " b', value: 'null' },
      { column: ' x', value: 'null' },
    ]);
    assert.deepEqual(parsed(['export', '--type', 'price=decimal(18,4)', '--type=payload=text']).values.type, [
      { column: 'price', value: 'decimal(18,4)' },
      { column: 'payload', value: 'text' },
    ]);
    assert.deepEqual(parsed(['export', '--invalid-utf8', 'binary', '--enum', 'mood=dictionary']).values.enum, [
      { column: 'mood', value: 'dictionary' },
    ]);
    for (const bad of [
      ['--nan', '=null'],
      ['--nan', 'price=zero'],
      ['--nan', 'price='],
      ['--nan', 'a"b=null'],
      ['--type', 'text'],
      ['--type', 'price='],
      ['--type', '=text'],
      ['--enum', 'mood=Dictionary'],
    ])
      refused(['export', ...bad]);
    assert.match(refused(['export', '--nan', 'price=NULL']).hint ?? '', /Write null, in lower case/);
  });

  it('takes environment variables where no flag is given, and names them when they are wrong', () => {
    assert.equal(parsed(['export', '-t', 'x'], { GPUPARSER_JOBS: '3' }).values.jobs, 3);
    assert.equal(parsed(['export', '-t', 'x', '--jobs', '5'], { GPUPARSER_JOBS: '3' }).values.jobs, 5);
    assert.equal(parsed(['export', '-t', 'x'], { GPUPARSER_JOBS: '' }).values.jobs, undefined);
    assert.equal(parsed(['inspect', 'x'], { GPUPARSER_JOBS: 'many' }).values.jobs, undefined);
    const { message, hint } = refused(['export', '-t', 'x'], { GPUPARSER_JOBS: 'many' });
    assert.equal(message, 'The environment variable GPUPARSER_JOBS must be a whole number, from 1 to 1000, not "many".');
    assert.equal(hint, 'Set it to N, or unset it.');
  });

  it('shows help and version wherever they are asked for', () => {
    assert.deepEqual(parse([], {}), { kind: 'help', command: undefined });
    assert.deepEqual(parse(['--help'], {}), { kind: 'help', command: undefined });
    assert.deepEqual(parse(['help'], {}), { kind: 'help', command: undefined });
    for (const args of [
      ['help', 'export'],
      ['export', '--help'],
      ['export', '-t', 'x', '--bogus', '--help'],
    ]) {
      assert.deepEqual(parse(args, {}), { kind: 'help', command: commands.get('export') }, args.join(' '));
    }
    assert.deepEqual(parse(['--version'], {}), { kind: 'version' });
    assert.deepEqual(parse(['-V'], {}), { kind: 'version' });
    for (const flag of ['--version', '-V'])
      for (const args of [
        ['export', flag],
        ['export', '-t', 'x', flag],
        [flag, 'export'],
        ['inspect', 'a.parquet', flag],
      ])
        assert.deepEqual(parse(args, {}), { kind: 'version' }, args.join(' '));
    assert.deepEqual(parse(['inspect', '--', '-V'], {}).kind, 'run');
  });

  it('hides every secret in the arguments it shows', () => {
    for (const form of [
      ['-p', 'hush'],
      ['-phush'],
      ['--password', 'hush'],
      ['--password=hush'],
      ['--url', 'postgresql://a:hush@b/c'],
      ['--url=postgresql://a:hush@b/c'],
    ]) {
      const { shownArguments } = parsed(['export', '-t', 'x', ...form, '--json']);
      assert.ok(!shownArguments.join(' ').includes('hush'), shownArguments.join(' '));
      assert.equal(shownArguments.at(-1), '--json');
    }
  });
});

describe('parse explains', () => {
  const cases: readonly [string, readonly string[], string, string][] = [
    [
      'an unknown option',
      ['export', '--tabel', 'x'],
      'There is no option --tabel.',
      'Did you mean --table? "gpuparser export --help" lists the options.',
    ],
    [
      'the start of an option',
      ['export', '--over'],
      'There is no option --over.',
      'Did you mean --overwrite? "gpuparser export --help" lists the options.',
    ],
    ['a word of other programs', ['export', '--device', 'gpu'], '--device must be one of auto, cpu, cuda, not "gpu".', 'Write cuda.'],
    ['an option like no other', ['export', '--zzzzzz'], 'There is no option --zzzzzz.', '"gpuparser export --help" lists the options.'],
    [
      'an upper-case letter',
      ['export', '-T', 'x'],
      'There is no option -T.',
      'Did you mean --table (-t)? "gpuparser export --help" lists the options.',
    ],
    [
      'an option of another command',
      ['inspect', '-g', '2', 'x'],
      '"gpuparser inspect" has no option -g.',
      'It belongs to export; "gpuparser inspect --help" lists the options of inspect.',
    ],
    ['an unknown command', ['exprot'], 'There is no command "exprot".', 'Did you mean "export"? "gpuparser --help" lists the commands.'],
    [
      'a missing command',
      ['-t', 'customer'],
      'A command is missing before -t.',
      'To export a table write "gpuparser export -t TABLE"; "gpuparser --help" lists the commands.',
    ],
    [
      'options before the command',
      ['--json', 'export', '-t', 'x'],
      'A command is missing before --json.',
      'Write "gpuparser export" first, then its options.',
    ],
    ['-h alone', ['-h'], 'A command is missing before -h, which is the host, as in psql.', 'Write "gpuparser --help" for help.'],
    ['-h with no value', ['export', '-h'], '-h is the host, as in psql, and needs a value.', 'Write "-h HOST", or "--help" for help.'],
    [
      '-h before another option',
      ['export', '-h', '-t', 'x'],
      '-h is the host, as in psql, and needs a value.',
      'Write "-h HOST", or "--help" for help.',
    ],
    [
      'a missing value',
      ['export', '-t', '--json'],
      '-t needs a value.',
      'Write -t TABLE; a value that begins with - is written --table=VALUE.',
    ],
    ['a negative number', ['export', '-r', '-5'], '-r must be a whole number, 0 or more, not "-5".', 'Write -r ROWS.'],
    ['no number', ['export', '-r', 'many'], '-r must be a whole number, 0 or more, not "many".', 'Write -r ROWS.'],
    ['a fraction', ['export', '--rows=1.5'], '--rows must be a whole number, 0 or more, not "1.5".', 'Write --rows ROWS.'],
    ['separators', ['export', '-r', '10,000'], '-r must be a whole number, 0 or more, not "10,000".', 'Write 10000, without separators.'],
    ['a unit', ['export', '-r10k'], '-r must be a whole number, 0 or more, not "10k".', 'Write 10000.'],
    ['an exponent', ['export', '-r', '1e6'], '-r must be a whole number, 0 or more, not "1e6".', 'Write 1000000.'],
    [
      'a number too large',
      ['export', '-r', '99999999999999999999'],
      '-r must be a whole number, 0 or more, not "99999999999999999999".',
      'Write -r ROWS.',
    ],
    ['no device', ['export', '-g', '0'], '-g must be a whole number, from 1 to 1024, not "0".', 'Write -g N.'],
    ['a port out of range', ['export', '-P', '65536'], '-P must be a whole number, from 1 to 65535, not "65536".', 'Write -P PORT.'],
    [
      'an unknown codec',
      ['export', '--compression', 'gzip'],
      '--compression must be one of snappy, zstd, lz4, none, not "gzip".',
      'Write --compression snappy|zstd|lz4|none.',
    ],
    [
      'a codec mistyped',
      ['export', '--compression', 'sanppy'],
      '--compression must be one of snappy, zstd, lz4, none, not "sanppy".',
      'Did you mean snappy?',
    ],
    [
      'a codec in upper case',
      ['export', '--compression=ZSTD'],
      '--compression must be one of snappy, zstd, lz4, none, not "ZSTD".',
      'Write zstd, in lower case.',
    ],
    ['a switch with a value', ['export', '--json=yes'], '--json takes no value.', 'Write --json alone, or leave it out.'],
    [
      'an option twice',
      ['export', '-r', '5', '--rows', '7'],
      '--rows (-r) is given more than once.',
      'Give it once; which of the two is meant cannot be known.',
    ],
    [
      'an operand that export does not take',
      ['export', 'customer'],
      '"gpuparser export" does not take the argument "customer".',
      'Did you mean "-t customer"?',
    ],
    [
      "a server's URL as an argument",
      ['export', 'postgres://u:hush@h/d', '-t', 'x'],
      '"gpuparser export" does not take a URL as an argument.',
      'Write --url in front of it: --url postgresql://user@host:port/database.',
    ],
    [
      'the URL of another database',
      ['export', '-t', 'x', '--url', 'mysql://u:hush@h/d'],
      '--url names a mysql server, and gpuparser reads PostgreSQL only.',
      'Write --url postgresql://user@host:port/database.',
    ],
    [
      'a command behind a command',
      ['export', 'help'],
      '"gpuparser export" does not take the argument "help".',
      'Write "gpuparser help export" or "gpuparser help".',
    ],
    ['a missing operand', ['inspect'], '"gpuparser inspect" needs a FILE.', 'Write "gpuparser inspect FILE|DIR...".'],
    [
      'an unknown shell',
      ['completions', 'tcsh'],
      'SHELL must be one of bash, zsh, fish, not "tcsh".',
      'Write "gpuparser completions bash".',
    ],
    [
      'help for what is no command',
      ['help', 'exprt'],
      'There is no command "exprt".',
      'Did you mean "export"? "gpuparser --help" lists the commands.',
    ],
  ];
  for (const [what, args, message, hint] of cases) {
    it(what, () => assert.deepEqual(refused(args), { message, hint }));
  }

  it('nothing of a password', () => {
    for (const args of [
      ['export', '-p'],
      ['export', '-phush', '-phush'],
      ['export', '-p', '-phush'],
      ['-phush', 'export'],
      ['--password=hush', 'export'],
      ['inspect', '-phush', 'x'],
    ]) {
      const { message, hint } = refused(args);
      assert.ok(!`${message} ${hint}`.includes('hush'), `${message} ${hint}`);
    }
  });
});
