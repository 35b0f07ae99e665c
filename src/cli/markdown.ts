import { type Command, commands } from './commands.js';
import { grouped, usageLine } from './describe.js';
import { exitCodes } from './exit.js';
import { TAGLINE } from './help.js';

/** docs/cli.md, whole. */
export function cliReference(): string {
  const parts = [
    '# Command line',
    '',
    'Made from the option table by `node scripts/docs.mjs`; do not edit.',
    '',
    TAGLINE,
    '',
    ...overview(),
  ];
  for (const command of commands.values()) parts.push(...section(command));
  parts.push(...conventions());
  return `${parts.join('\n').trimEnd()}\n`;
}

function overview(): string[] {
  const rows = [...commands.values()].map(
    (command) => `| [\`gpuparser ${command.name}\`](#gpuparser-${command.name}) | ${command.summary} |`,
  );
  return ['| command | does |', '|---|---|', ...rows, ''];
}

function section(command: Command): string[] {
  const lines = [`## gpuparser ${command.name}`, '', '```', usageLine(command), '```', ''];
  for (const paragraph of command.about) lines.push(paragraph, '');
  for (const [group, members] of grouped(command)) {
    lines.push(`### ${group}`, '', '| option | meaning | default | environment |', '|---|---|---|---|');
    for (const member of members) {
      const meaning = sentence(member.summary) + (member.details ? ` ${member.details}` : '');
      lines.push(
        `| \`${cell(member.flags)}\` | ${cell(meaning)} | ${cell(member.default ?? '')} | ${member.environment ? `\`${member.environment}\`` : ''} |`,
      );
    }
    lines.push('');
  }
  if (command.examples.length > 0) {
    lines.push('### Examples', '', '```sh', ...command.examples.flatMap(({ command: example, does }) => [`# ${does}`, example]), '```', '');
  }
  return lines;
}

function conventions(): string[] {
  return [
    '## How options are read',
    '',
    '- `--rows 5`, `--rows=5`, `-r 5` and `-r5` are the same. `--` ends the options.',
    '- `-h` is the host, as in psql. Help is `--help`.',
    '- An option given twice is an error; `--columns` adds up.',
    '- A value that begins with `-` and a letter is written `--name=VALUE`.',
    '- A flag wins over its environment variable. `NO_COLOR` turns colors off.',
    '',
    '## Output',
    '',
    'The summary goes to stdout, everything else to stderr. With `-o -` the file goes to stdout and the summary to stderr; a run that fails writes no footer there, so that no reader takes what came for a whole file. On a terminal progress is redrawn in place; elsewhere it is a line every five seconds.',
    '`--json` prints one object on stdout and nothing else there. For `export` its keys never change: `table`, `rows`, `bytes` (of the files), `seconds`, `rowsPerSecond`,',
    '`files` (`path`, `rows`, `bytes`, `seconds`, `device`), `failed` (`chunk`, `path`, `error`), `warnings`, `milliseconds` (by the clock `start` of workers, `connect`, `lock`, `plan`, `read`, `finish`; summed over connections and threads, inside `read`, `server` with the network, `decode`, `encode`, `write`). With `--dry-run` it is the plan.',
    'Nor do those of `verify`: `folder`, `ok`, `deep`, `server`, `seconds`, `tables` (`table`, `ok`, `rows`, `bytes`, `files` (`file`, `ok`, `checked`, `problems`), `problems`, `notes`, `columns` (`column`,',
    '`postgresType`, `status`, `files`, `server`, `reason`)), `problems` (`check`, `file`, `column`, `message`, `hint`). When a command fails as a whole it is',
    '`{"error": {"code", "message", "hint", "detail", "sqlState"}}`, but for wrong options, which print nothing on stdout.',
    '',
    '## Exit codes',
    '',
    '| code | means |',
    '|---|---|',
    ...exitCodes.map(({ code, means }) => `| ${code} | ${means} |`),
    '',
    'The first Ctrl-C cancels the queries and removes unfinished files; a second one ends the program at once.',
    '',
    "## libpq's options",
    '',
    "A `--url`, a service file and the `PG*` variables may hold every option of libpq's. They do what they do in psql, but for these: `sslcertmode=require`, `gssencmode=require`, `requirepeer` with a Unix socket, `scram_client_key`, `scram_server_key`, `sslkeylogfile`",
    'and `replication` are refused, with what to do instead; `tcp_user_timeout`, `keepalives_interval` and `keepalives_count` have no effect, and a warning says so. `client_encoding` and settings in `options` that would change a value are overruled: files hold UTF-8.',
    '',
    '## Passwords',
    '',
    'A password given by `-p` or inside `--url` is seen by everyone who can list processes, until gpuparser has started and overwritten its arguments (Linux: `/proc/PID/cmdline`). The arguments of a shell, of',
    '`npx` or of `sudo` around it stay as they are. `PGPASSWORD`, `~/.pgpass` and a service file have no such moment.',
    'Where none of them has the password that a server asks for, it is asked for at the terminal, once; without a terminal, or with `--no-password`, that is an error.',
    '',
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
