import { type Command, commands, type SHELLS } from './commands.js';
import { describe } from './describe.js';
import { type OptionName, optionNamed } from './options.js';

const all = [...commands.values()];

/** A completion script, whole. */
export function completions(shell: (typeof SHELLS)[number]): string {
  return { bash, zsh, fish }[shell]();
}

function flagsOf(name: OptionName): string[] {
  const { short } = optionNamed(name);
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** Every option that takes a value, with what it completes; the same for all commands that take it. */
function valued(): {
  readonly flags: string[];
  readonly choices: readonly string[] | undefined;
  readonly files: 'file' | 'directory' | undefined;
}[] {
  const names = [...new Set(all.flatMap((command) => command.options))];
  return names.flatMap((name) => {
    const type = optionNamed(name).value;
    return type ? [{ flags: flagsOf(name), choices: type.choices, files: type.completes }] : [];
  });
}

function bash(): string {
  const cases = valued().map(({ flags, choices, files }) => {
    const action = choices
      ? `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current"))`
      : files
        ? 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))'
        : ':';
    return `    ${flags.join('|')}) ${action}; return ;;`;
  });
  const perCommand = all.map((command) => {
    const words = command.options.flatMap(flagsOf);
    const operands = command.operandChoices ?? (command.name === 'help' ? all.map((other) => other.name) : []);
    return `    ${command.name}) words=${quoted(words.join(' '))}; operands=${quoted(operands.join(' '))}; files=${command.operandFiles ? 1 : 0} ;;`;
  });
  return `# bash completion for gpuparser
_gpuparser() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words operands files
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(`${all.map((command) => command.name).join(' ')} --help --version`)} -- "$current"))
    return
  fi
  case "$previous" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${perCommand.join('\n')}
    *) return ;;
  esac
  if [ "\${current#-}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [ "$files" = 1 ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$operands" -- "$current"))
  fi
}
complete -F _gpuparser gpuparser
`;
}

function zsh(): string {
  const list = all.map((command) => `    ${quoted(`${command.name}:${command.summary}`)}`);
  const perCommand = all.map((command) => {
    const specs = command.options.flatMap((name) => zshOption(command, name));
    if (command.operandFiles) specs.push(quoted('*:file:_files'));
    const operands = command.operandChoices ?? (command.name === 'help' ? all.map((other) => other.name) : undefined);
    if (operands) specs.push(quoted(`1:${command.operandName!.toLowerCase()}:(${operands.join(' ')})`));
    return `    ${command.name})\n      _arguments -s ${specs.join(' \\\n        ')}\n      ;;`;
  });
  return `#compdef gpuparser
# zsh completion for gpuparser
_gpuparser() {
  local -a list
  list=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command list
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${perCommand.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_gpuparser" ]; then
  _gpuparser "$@"
else
  compdef _gpuparser gpuparser
fi
`;
}

function zshOption(command: Command, name: OptionName): string[] {
  const { value, repeats } = optionNamed(name);
  const { summary } = describe(command, name);
  const description = `[${summary.replace(/[[\]\\:]/g, '\\$&')}]`;
  const action = value?.choices
    ? `(${value.choices.map((word) => word.replace(/[()]/g, '\\$&')).join(' ')})`
    : value?.completes === 'directory' && command.name !== 'merge'
      ? '_files -/'
      : value?.completes
        ? '_files'
        : '';
  const argument = value ? `:${name}:${action}` : '';
  const flags = flagsOf(name);
  const exclusive = repeats ? '*' : `(${flags.join(' ')})`;
  return flags.map((flag) => quoted(`${exclusive}${flag}${value ? (flag.startsWith('--') ? '=' : '+') : ''}${description}${argument}`));
}

function fish(): string {
  const lines = ['# fish completion for gpuparser', 'complete -c gpuparser -f'];
  for (const command of all)
    lines.push(`complete -c gpuparser -n __fish_use_subcommand -a ${command.name} -d ${fishQuoted(command.summary)}`);
  lines.push(
    `complete -c gpuparser -n __fish_use_subcommand -l help -d 'show help'`,
    `complete -c gpuparser -n __fish_use_subcommand -l version -d 'show the version'`,
  );
  for (const command of all) {
    const when = `complete -c gpuparser -n '__fish_seen_subcommand_from ${command.name}'`;
    for (const name of command.options) {
      const { short, value } = optionNamed(name);
      const takes =
        value === undefined ? '' : value.choices ? ` -x -a ${fishQuoted(value.choices.join(' '))}` : value.completes ? ' -r -F' : ' -x';
      lines.push(
        `${when} -l ${name}${short === undefined ? '' : ` -s ${short}`}${takes} -d ${fishQuoted(describe(command, name).summary)}`,
      );
    }
    const operands = command.operandChoices ?? (command.name === 'help' ? all.map((other) => other.name) : undefined);
    if (operands) lines.push(`${when} -a ${fishQuoted(operands.join(' '))}`);
    if (command.operandFiles) lines.push(`${when} -F`);
  }
  return `${lines.join('\n')}\n`;
}

/** In single quotes for sh and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
