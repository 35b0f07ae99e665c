import type { GpuParserError } from '../errors.js';
import { closest } from '../nearest.js';
import { type Command, commands } from './commands.js';
import { type OptionName, optionNamed, options } from './options.js';
import { spelled, usage } from './usage.js';

const SHORT = new Map<string, OptionName>();
for (const name of Object.keys(options) as OptionName[]) {
  const { short } = optionNamed(name);
  if (short !== undefined) SHORT.set(short, name);
}

/** `--flag`, `--flag=value`, `-f`, `-fvalue`. */
export function splitFlag(argument: string, command: Command): { name: OptionName; label: string; attached: string | undefined } {
  if (argument.startsWith('--')) {
    const equals = argument.indexOf('=');
    const label = equals < 0 ? argument : argument.slice(0, equals);
    const name = label.slice(2);
    if (!Object.hasOwn(options, name)) throw unknownOption(label, command);
    requireTaken(name as OptionName, label, command);
    return { name: name as OptionName, label, attached: equals < 0 ? undefined : argument.slice(equals + 1) };
  }
  const label = argument.slice(0, 2);
  const name = SHORT.get(label.slice(1));
  if (name === undefined) throw unknownOption(label, command);
  requireTaken(name, label, command);
  return { name, label, attached: argument.length > 2 ? argument.slice(2) : undefined };
}

function requireTaken(name: OptionName, label: string, command: Command): void {
  if (command.options.includes(name)) return;
  const takers = [...commands.values()].filter((other) => other.options.includes(name)).map((other) => other.name);
  if (takers.length === 0) throw unknownOption(label, command);
  throw usage(
    `"gpuparser ${command.name}" has no option ${label}.`,
    `It belongs to ${takers.join(', ')}; "gpuparser ${command.name} --help" lists the options of ${command.name}.`,
  );
}

function unknownOption(label: string, command: Command): GpuParserError {
  const meant = label.startsWith('--')
    ? (closest(label.slice(2), command.options) as OptionName | undefined)
    : command.options.find((name) => optionNamed(name).short === label.slice(1).toLowerCase());
  const lists = `"gpuparser ${command.name} --help" lists the options.`;
  return usage(
    `There is no option ${label}.`,
    meant === undefined ? lists : `Did you mean ${label.startsWith('--') ? `--${meant}` : spelled(meant)}? ${lists}`,
  );
}

/** Whether an argument can only be an option, so that it is not the value of the one before it. `-5` can be a value. */
export function isFlag(argument: string): boolean {
  if (argument === '--') return true;
  if (argument.startsWith('--')) return Object.hasOwn(options, argument.slice(2).split('=', 1)[0]!);
  return argument.startsWith('-') && SHORT.has(argument.charAt(1));
}

export function missingValue(name: OptionName, label: string): GpuParserError {
  if (label === '-h') {
    return usage('-h is the host, as in psql, and needs a value.', 'Write "-h HOST", or "--help" for help.');
  }
  const { placeholder } = optionNamed(name).value!;
  return usage(`${label} needs a value.`, `Write ${label} ${placeholder}; a value that begins with - is written --${name}=VALUE.`);
}
