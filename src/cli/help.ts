import { type Command, commands } from './commands.js';
import { type Described, grouped, usageLine } from './describe.js';
import { exitCodes } from './exit.js';

export const TAGLINE = 'Export PostgreSQL tables to Parquet as fast as the hardware allows.';

/** `gpuparser --help`. */
export function programHelp(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const list = [...commands.values()].map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    TAGLINE,
    '',
    'usage: gpuparser COMMAND [OPTION...]',
    '',
    'commands:',
    ...list,
    '',
    'examples:',
    '  gpuparser export -t customer            the whole table, to ./ray_output',
    '  gpuparser doctor -h db.example.com      is everything there for an export?',
    '  gpuparser demo                          see it work, with no database of your own',
    '',
    '"gpuparser COMMAND --help" tells more of a command; "gpuparser --version" the version. -h is the host, as in psql.',
    '',
  ].join('\n');
}

/** `gpuparser COMMAND --help`, in lines of at most `columns`. */
export function commandHelp(command: Command, columns = 100): string {
  const lines = [`usage: ${usageLine(command)}`, ''];
  for (const paragraph of command.about) lines.push(...wrapped(paragraph, columns), '');
  for (const [group, members] of grouped(command)) {
    lines.push(`${group.toLowerCase()}:`);
    for (const member of members) lines.push(...optionLines(member, columns));
    lines.push('');
  }
  if (command.examples.length > 0) lines.push('examples:');
  for (const { command: example, does } of command.examples) lines.push(`  ${example}`, `      ${does}`);
  if (command.name === 'export') lines.push('', 'exit codes:', ...exitCodes.map(({ code, means }) => `  ${code.padEnd(4)} ${means}`));
  return `${lines.join('\n').trimEnd()}\n`;
}

const FLAGS_WIDTH = 32;

function optionLines(option: Described, columns: number): string[] {
  const notes = [option.default && `default: ${option.default}`, option.environment && `env: ${option.environment}`].filter(Boolean);
  const text = wrapped(option.summary + (notes.length > 0 ? ` [${notes.join('; ')}]` : ''), columns - FLAGS_WIDTH - 2);
  const flags = `  ${option.flags.startsWith('--') ? '    ' : ''}${option.flags}`;
  const continued = (line: string): string => ' '.repeat(FLAGS_WIDTH + 2) + line;
  if (flags.length > FLAGS_WIDTH) return [flags, ...text.map(continued)];
  return [flags.padEnd(FLAGS_WIDTH + 2) + text[0], ...text.slice(1).map(continued)];
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
