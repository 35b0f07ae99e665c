import { sourceName } from './nodes.js';
import type { ColumnPlan } from './plan.js';

/** A column for a message: `column "id" (integer)`. */
export function describedColumn(column: ColumnPlan): string {
  return `column "${sourceName(column)}" (${column.postgresType})`;
}

/** A column's name as one word of a shell's command line, before `=`. */
export function shellWord(name: string): string {
  if (/^[\w.]+$/.test(name)) return name;
  const quoted = name.includes('"') ? `"${name.replaceAll('"', '""')}"` : name;
  return `'${shorten(quoted).replaceAll("'", "'\\''")}'`;
}

/** At most so many characters of a text. */
export function shorten(text: string, most = 40): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}
