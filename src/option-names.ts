import { type EXPORT_OPTIONS, exportOptionNames, factsOf } from './export-options.js';

/**
 * What the command line calls each option, and what a program that uses the library does. cli/options.ts has exactly these.
 * Errors are written for the command line; index.ts says them in the library's words.
 */
export const OPTION_NAMES = {
  ...exportNames(),
  'query-file': 'query',
  deep: 'deep',
  server: 'connection',
  'dry-run': 'planExport()',
  db: 'connection.database',
  user: 'connection.user',
  password: 'connection.password',
  'no-password': 'askPassword',
  host: 'connection.host',
  port: 'connection.port',
  url: 'connection.url',
  ddl: 'tableDefinition()',
  json: 'the result',
  quiet: 'onEvent',
  verbose: 'onEvent',
  help: 'the documentation',
  version: 'version',
} as const;

type Table = typeof EXPORT_OPTIONS;
type Flags = { [Name in keyof Table as Table[Name] extends { flag: infer Flag extends string } ? Flag : never]: Name };

/** What the table of an export's options says. */
function exportNames(): Flags {
  return Object.fromEntries(
    exportOptionNames.flatMap((name) => {
      const { flag } = factsOf(name);
      return flag === undefined ? [] : [[flag, name]];
    }),
  ) as Flags;
}

export type OptionName = keyof typeof OPTION_NAMES;

/** `--nan price=null`; `--device cpu`, `--chunks 4`, `--numeric 'decimal(38,10)'`, but not `--where over`. */
const MENTION =
  /(?<![\w-])--([a-z][a-z0-9-]*[a-z0-9])(?:[ =](?:('[^']*'|[^\s='"]+)=([a-z]+(?:\(\d+,\d+\))?|[A-Z]+)|(\d+|'[^']*'|(?:cpu|cuda|ray|local|zstd|lz4|snappy|none|string|double|error|null|saturate|replace|binary|text|nested|struct|auto|client|node|pip)\b)))?/g;

/** A sentence about options of the command line, as one about the library's. */
export function inLibraryWords(text: string): string {
  return text.replace(MENTION, (mention, flag: string, column?: string, form?: string, value?: string) => {
    if (!Object.hasOwn(OPTION_NAMES, flag)) return mention; // another program's
    const name = OPTION_NAMES[flag as OptionName];
    if (column !== undefined) {
      const one = `{ ${/^[A-Za-z_]\w*$/.test(column) ? column : `'${column.replaceAll("'", '')}'`}: '${form}' }`;
      return `\`${name}: ${flag === 'type' || flag === 'rename' ? one : `{ columns: ${one} }`}\``;
    }
    if (value === undefined) return `\`${name}\``;
    return `\`${name}: ${/^(\d|')/.test(value) ? value : `'${value}'`}\``;
  });
}
