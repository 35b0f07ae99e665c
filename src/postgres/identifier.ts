import { GpuParserError } from '../errors.js';
import type { NameCandidate } from './catalog.js';

interface Part {
  readonly text: string;
  readonly quoted: boolean;
}

/** An identifier in double quotes, always. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The relations that a table name in SQL syntax may mean, most literal first: what is not in double quotes is tried as
 * written, then in lower case.
 * @throws GpuParserError USAGE when the text is no name.
 */
export function nameCandidates(text: string): NameCandidate[] {
  const parts = parseParts(text);
  const spellings = parts.reduce<string[][]>((lists, part) => lists.flatMap((list) => variants(part).map((word) => [...list, word])), [[]]);
  return spellings.map((words) => {
    const [name, schema, database] = words.reverse() as [string, string?, string?];
    return { name, ...(schema === undefined ? {} : { schema }), ...(database === undefined ? {} : { database }) };
  });
}

/** Whether what was given for a table's name is meant as a statement, or has one behind the name. */
export function looksLikeSql(text: string): boolean {
  return /;|--|\/\*|^\s*(select|with|values|table|drop)\s|\s(where|from|limit|order|join|union)\s/i.test(text);
}

/** Where SQL belongs. */
export const SQL_HINT = 'Write name, schema.name or schema."Name"; conditions and queries have options of their own, --where and --query.';

/** The text between quotes that it does not hold, in one line. */
function shown(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
  return text.includes('"') ? `'${line}'` : `"${line}"`;
}

function variants({ text, quoted }: Part): string[] {
  const lower = text.toLowerCase();
  return quoted || lower === text ? [text] : [text, lower];
}

function parseParts(text: string): Part[] {
  const bad = (what: string) =>
    looksLikeSql(text)
      ? new GpuParserError('USAGE', `${shown(text)} is not a table name: it holds SQL.`, { hint: SQL_HINT })
      : new GpuParserError('USAGE', `${shown(text)} is not a table name: ${what}.`, {
          hint: 'Write name, schema.name or schema."Name", quoted for the shell.',
        });
  if (text.includes('\0')) throw bad('it holds a zero byte');
  const parts: Part[] = [];
  let rest = text.trim();
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"\s*/.exec(rest);
    const plain = quoted ? undefined : /^[^".]*/.exec(rest);
    const word = quoted ? (quoted[1] as string).replaceAll('""', '"') : (plain as RegExpExecArray)[0].trim();
    rest = rest.slice((quoted ?? (plain as RegExpExecArray))[0].length);
    if (rest.startsWith('"')) throw bad(quoted || word !== '' ? 'a quoted part must stand alone between dots' : 'a quote is not closed');
    if (word === '') throw bad('a part of it is empty');
    parts.push({ text: word, quoted: Boolean(quoted) });
    if (rest === '') break;
    if (!rest.startsWith('.')) throw bad('a quoted part must stand alone between dots');
    rest = rest.slice(1).trimStart();
  }
  if (parts.length > 3) throw bad('it has more than three parts');
  return parts;
}
