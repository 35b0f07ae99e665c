import { closest } from '../nearest.js';
import { isServerUrl, looksLikeUrl, URL_FORM } from '../url-like.js';
import { type Command, commands } from './commands.js';
import { isFlag, missingValue, splitFlag } from './flags.js';
import { type Option, type OptionName, optionNamed, type Values } from './options.js';
import { hidesSecret } from './secret.js';
import { shorten, spelled, usage } from './usage.js';

export type Request =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly values: Values;
      readonly operands: readonly string[];
      /** The arguments with secrets replaced, fit for process lists. */
      readonly shownArguments: readonly string[];
    };

/**
 * What the arguments after the program's name ask for. Options not given are taken from the environment variables the
 * table names. Throws USAGE.
 */
export function parse(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Request {
  const first = args[0];
  if (first === undefined || first === '--help') return { kind: 'help', command: undefined };
  const end = args.indexOf('--');
  const beforeEnd = end < 0 ? args : args.slice(0, end);
  if (beforeEnd.includes('--version') || beforeEnd.includes('-V')) return { kind: 'version' };
  const command = commandNamed(first, args);
  if (command.name === 'help' && args[1] !== undefined && args[1] !== '--help') return helpFor(args.slice(1));
  if (command.name === 'help' || beforeEnd.includes('--help'))
    return { kind: 'help', command: command.name === 'help' ? undefined : command };
  return parseCommand(command, args.slice(1), environment);
}

function commandNamed(word: string, args: readonly string[]): Command {
  const command = commands.get(word);
  if (command) return command;
  if (word.startsWith('-h') && !word.startsWith('--'))
    throw usage('A command is missing before -h, which is the host, as in psql.', 'Write "gpuparser --help" for help.');
  if (word.startsWith('-')) {
    const later = args.find((argument) => commands.has(argument));
    throw usage(
      `A command is missing before ${flagText(word)}.`,
      later === undefined
        ? `To export a table write "gpuparser export -t TABLE"; "gpuparser --help" lists the commands.`
        : `Write "gpuparser ${later}" first, then its options.`,
    );
  }
  if (looksLikeUrl(word)) throw usage('A command is missing before the URL.', `Write "gpuparser export --url ${URL_FORM} -t TABLE".`);
  const meant = closest(word, [...commands.keys()]);
  throw usage(
    `There is no command "${shorten(word)}".`,
    `${meant ? `Did you mean "${meant}"? ` : ''}"gpuparser --help" lists the commands.`,
  );
}

function helpFor(words: readonly string[]): Request {
  if (words.length > 1) throw usage(`Help takes one command, not ${words.length}.`, `Write "gpuparser help ${words[0]}".`);
  const command = commandNamed(words[0]!, words);
  return { kind: 'help', command: command.name === 'help' ? undefined : command };
}

function parseCommand(command: Command, args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Request {
  const values: Record<string, unknown> = {};
  const operands: string[] = [];
  const shown = [command.name as string];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '--') {
      operands.push(...args.slice(i + 1));
      shown.push(...args.slice(i));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      operands.push(argument);
      shown.push(argument);
      continue;
    }
    const { name, label, attached } = splitFlag(argument, command);
    const option = optionNamed(name);
    shown.push(attached !== undefined && hidesSecret(option, attached) ? `${label}${label.startsWith('--') ? '=' : ''}*` : argument);
    if (option.value === undefined) {
      if (attached !== undefined) throw usage(`${label} takes no value.`, `Write ${label} alone, or leave it out.`);
      values[name] = true;
      continue;
    }
    let text = attached;
    if (text === undefined) {
      const next = args[i + 1];
      if (next === undefined || isFlag(next)) throw missingValue(name, label);
      text = next;
      i++;
      shown.push(hidesSecret(option, text) ? '*' : text);
    }
    assign(values, name, label, text);
  }
  fillFromEnvironment(values, command, environment);
  checkOperands(command, operands);
  return { kind: 'run', command, values: values as Values, operands, shownArguments: shown };
}

function assign(values: Record<string, unknown>, name: OptionName, label: string, text: string): void {
  const option = optionNamed(name);
  const value = convert(option, label, text);
  const before = values[name];
  if (before === undefined) values[name] = value;
  else if (option.repeats) values[name] = [...(before as unknown[]), ...(value as unknown[])];
  else throw usage(`${spelled(name)} is given more than once.`, 'Give it once; which of the two is meant cannot be known.');
}

function convert(option: Option, label: string, text: string): unknown {
  const type = option.value!;
  refuseUrl(option, label, text);
  const value = type.parse(text);
  if (value !== undefined) return value;
  if (text === '') throw usage(`${label} is empty.`, `It must be ${type.expects}.`);
  const given = option.secret ? 'not what was given' : `not "${shorten(text)}"`;
  const meant = type.choices && closest(text, type.choices);
  const advice = type.advise?.(text) ?? (meant ? `Did you mean ${meant}?` : howTo(label, type.placeholder));
  throw usage(`${label} must be ${type.expects}, ${given}.`, advice);
}

/** Schemes of other databases, among those people have. */
const OTHER_SERVERS: ReadonlySet<string> = new Set([
  'mysql',
  'mariadb',
  'mssql',
  'sqlserver',
  'oracle',
  'sqlite',
  'mongodb',
  'redis',
  'snowflake',
  'clickhouse',
]);

/** A URL where none belongs may hold a password, so nothing is made of it: no message, no file name, no database name. */
function refuseUrl(option: Option, label: string, text: string): void {
  if (!looksLikeUrl(text) || option.takesUrl === 'any' || (option.secret && option.takesUrl === undefined)) return;
  if (option.takesUrl === undefined) throw usage(`${label} does not take a URL.`, `A server's URL is given as --url ${URL_FORM}.`);
  if (isServerUrl(text)) return;
  const scheme = /^\s*([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (OTHER_SERVERS.has(scheme))
    throw usage(`${label} names a ${scheme} server, and gpuparser reads PostgreSQL only.`, `Write ${label} ${URL_FORM}.`);
  throw usage(`${label} is no URL of a PostgreSQL server.`, `Write ${label} ${URL_FORM}.`);
}

function howTo(label: string, placeholder: string): string {
  return label.startsWith('-') ? `Write ${label} ${placeholder}.` : `Set it to ${placeholder}, or unset it.`;
}

function fillFromEnvironment(
  values: Record<string, unknown>,
  command: Command,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  for (const name of command.options) {
    const option = optionNamed(name);
    const text = option.environment === undefined ? undefined : environment[option.environment];
    if (values[name] !== undefined || text === undefined || text === '') continue;
    values[name] = convert(option, `The environment variable ${option.environment}`, text);
  }
}

function checkOperands(command: Command, operands: readonly string[]): void {
  if (operands.some(looksLikeUrl))
    throw usage(
      `"gpuparser ${command.name}" does not take a URL as an argument.`,
      command.options.includes('url') ? `Write --url in front of it: --url ${URL_FORM}.` : 'Name files or folders of this machine.',
    );
  if (operands.length > command.maxOperands) {
    const extra = operands[command.maxOperands]!;
    const hint = commands.has(extra)
      ? `Write "gpuparser ${extra} ${command.name}" or "gpuparser ${extra}".`
      : command.options.includes('table')
        ? `Did you mean "-t ${shorten(extra)}"?`
        : `"gpuparser ${command.name} --help" shows what it takes.`;
    throw usage(`"gpuparser ${command.name}" does not take the argument "${shorten(extra)}".`, hint);
  }
  if (operands.length < command.minOperands) {
    throw usage(`"gpuparser ${command.name}" needs a ${command.operandName}.`, `Write "gpuparser ${command.name} ${command.operands}".`);
  }
  for (const operand of operands) {
    if (!command.operandChoices || command.operandChoices.includes(operand)) continue;
    throw usage(
      `${command.operandName} must be one of ${command.operandChoices.join(', ')}, not "${shorten(operand)}".`,
      `Write "gpuparser ${command.name} ${command.operandChoices[0]}".`,
    );
  }
}

/** The flag alone: what follows it may be a password. */
function flagText(argument: string): string {
  return argument.startsWith('--') ? argument.split('=', 1)[0]! : argument.slice(0, 2);
}
