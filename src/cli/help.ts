import { type Command, commands } from './commands.js';
import { type Described, grouped, usageLine } from './describe.js';
import { exitCodes } from './exit.js';
import type { Output } from './terminal.js';
import { entry, shellLines, wrapped } from './wrap.js';

export const TAGLINE = 'Export PostgreSQL tables to Parquet as fast as the hardware allows.';

const WIDEST = 100;
/** Flags and quoted SQL do not break, and the longest takes this much. */
const NARROWEST = 60;

/** Columns of help: the terminal's, within limits. */
export function helpColumns({ columns = WIDEST }: Pick<Output, 'columns'>): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns));
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['gpuparser export -t customer', 'the whole table, to ./ray_output'],
  ['gpuparser doctor -h db.example.com', 'is everything there for an export?'],
  ['gpuparser demo', 'see it work, with no database of your own'],
];

/** `gpuparser --help`, in lines of at most `columns`. */
export function programHelp(columns = WIDEST): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  return [
    ...wrapped(TAGLINE, columns),
    '',
    'usage: gpuparser COMMAND [OPTION...]',
    '',
    'commands:',
    ...[...commands.values()].flatMap((command) => entry(`  ${command.name}`, command.summary, width + 2, columns)),
    '',
    'examples:',
    ...EXAMPLES.flatMap(([command, does]) => entry(`  ${command}`, does, 40, columns)),
    '',
    ...wrapped(
      '"gpuparser COMMAND --help" tells more of a command; "gpuparser --version" the version. -h is the host, as in psql.',
      columns,
    ),
    '',
  ].join('\n');
}

/** `gpuparser COMMAND --help`, in lines of at most `columns`. */
export function commandHelp(command: Command, columns = WIDEST): string {
  const lines = [`usage: ${usageLine(command)}`, ''];
  for (const paragraph of command.about) lines.push(...wrapped(paragraph, columns), '');
  for (const [group, members] of grouped(command)) {
    lines.push(`${group.toLowerCase()}:`);
    for (const member of members) lines.push(...optionLines(member, columns));
    lines.push('');
  }
  if (command.examples.length > 0) lines.push('examples:');
  for (const { command: example, does } of command.examples) {
    lines.push(...shellLines(example, columns - 2).map((line) => `  ${line}`));
    lines.push(...wrapped(does, columns - 6).map((line) => `      ${line}`));
  }
  if (command.name === 'export')
    lines.push('', 'exit codes:', ...exitCodes.flatMap(({ code, means }) => entry(`  ${code}`, means, 5, columns)));
  return `${lines.join('\n').trimEnd()}\n`;
}

const FLAGS_WIDTH = 32;

function optionLines(option: Described, columns: number): string[] {
  const notes = [option.default && `default: ${option.default}`, option.environment && `env: ${option.environment}`].filter(Boolean);
  const text = option.summary + (notes.length > 0 ? ` [${notes.join('; ')}]` : '');
  return entry(`  ${option.flags.startsWith('--') ? '    ' : ''}${option.flags}`, text, FLAGS_WIDTH, columns);
}
