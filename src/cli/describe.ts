import type { Command } from './commands.js';
import { type Group, type OptionName, optionNamed } from './options.js';

/** An option as one command means it, for help and docs. */
export interface Described {
  readonly name: OptionName;
  readonly group: Group;
  /** `-t, --table TABLE`. */
  readonly flags: string;
  readonly summary: string;
  readonly details: string | undefined;
  readonly default: string | undefined;
  readonly environment: string | undefined;
}

export function describe(command: Command, name: OptionName): Described {
  const option = optionNamed(name);
  const meaning = command.meanings?.[name];
  const placeholder = meaning?.placeholder ?? option.value?.placeholder;
  const defaultText = meaning?.default ?? option.default;
  return {
    name,
    group: option.group,
    flags: `${option.short === undefined ? '' : `-${option.short}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
    summary: meaning?.summary ?? option.summary,
    details: meaning ? undefined : option.details,
    default: defaultText === '' ? undefined : defaultText,
    environment: option.libpq ?? option.environment,
  };
}

/** A command's options under their headings, in the table's order. */
export function grouped(command: Command): Map<Group, Described[]> {
  const groups = new Map<Group, Described[]>();
  for (const name of command.options) {
    const described = describe(command, name);
    const members = groups.get(described.group);
    if (members) members.push(described);
    else groups.set(described.group, [described]);
  }
  return groups;
}

export function usageLine(command: Command): string {
  return ['gpuparser', command.name, command.operands, command.options.length > 1 ? '[OPTION...]' : undefined]
    .filter((part) => part !== undefined)
    .join(' ');
}
