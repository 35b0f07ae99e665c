import { normalText } from './readers.js';

// PostgreSQL's own text of arrays and composites (array_out, record_out), put into the readers' normal form.

/** A type as deep as Parquet may have it; domains are taken off. */
export type TypeTree =
  | { readonly kind: 'scalar' /** As format_type() has it. */; readonly type: string }
  | { readonly kind: 'array'; readonly item: TypeTree }
  | { readonly kind: 'hstore' }
  | { readonly kind: 'struct'; readonly members: readonly (readonly [name: string, tree: TypeTree])[] };

type Normal = string | null | Normal[] | { [name: string]: Normal };

/** The normal form of a column's cell: text, or JSON where the type is nested. IntervalStyle iso_8601 is expected. */
export function nestedText(tree: TypeTree, text: string | null): string | null {
  const value = normal(tree, text);
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

function normal(tree: TypeTree, text: string | null): Normal {
  if (text === null) return null;
  if (tree.kind === 'scalar') return scalar(tree.type, text);
  if (tree.kind === 'hstore') return hstoreEntries(text);
  if (tree.kind === 'array') return arrayItems(text).map((item) => normal(tree.item, item));
  const fields = recordFields(text);
  if (fields.length !== tree.members.length) throw new Error(`${tree.members.length} members expected in ${text}`);
  return Object.fromEntries(tree.members.map(([name, member], i) => [name, normal(member, fields[i] ?? null)]));
}

function scalar(type: string, text: string): string | null {
  if (type === 'interval') return intervalText(text);
  // lc_monetary C: -$1,234.50
  if (type === 'money') return text.replaceAll(/[$,]/g, '');
  return type === 'time with time zone' ? text : normalText(type, text);
}

/** `P1Y2M-3DT4H5M6.000007S`: years and months are months, hours to seconds are microseconds; days stay days. */
export function intervalText(text: string): string {
  const parts = /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d+))?S)?)?$/.exec(text);
  if (parts === null) throw new Error(`not an interval: ${text}`);
  const [years, months, days, hours, minutes] = parts.slice(1, 6).map((part) => BigInt(part ?? 0));
  const seconds = BigInt(`${parts[7] ?? 0}${(parts[8] ?? '').padEnd(6, '0')}`) * (parts[6] === '-' ? -1n : 1n);
  const time = ((hours as bigint) * 60n + (minutes as bigint)) * 60_000_000n + seconds;
  return `${(years as bigint) * 12n + (months as bigint)} mons ${days} days ${time} us`;
}

/** The elements of a one-dimensional array from 1 on. @throws for any other, which has no form in Parquet. */
export function arrayItems(text: string): (string | null)[] {
  if (!text.startsWith('{')) throw new Error(`an array with bounds: ${text}`);
  const items: (string | null)[] = [];
  let at = 1;
  while (text[at] !== '}') {
    if (text[at] === '{') throw new Error(`an array of arrays: ${text}`);
    const quoted = text[at] === '"';
    const field = quoted ? readQuoted(text, at, (s, i) => (s[i] === '\\' ? 1 : 0)) : readPlain(text, at, '}');
    items.push(!quoted && field.value === 'NULL' ? null : field.value);
    at = field.end + (text[field.end] === ',' ? 1 : 0);
  }
  return items;
}

/** The members of a composite; NULL is the empty text without quotes. */
export function recordFields(text: string): (string | null)[] {
  if (text === '()') return [null];
  const fields: (string | null)[] = [];
  let at = 1;
  for (;;) {
    const quoted = text[at] === '"';
    const field = quoted ? readQuoted(text, at, (s, i) => (s[i] === '\\' || s.startsWith('""', i) ? 1 : 0)) : readPlain(text, at, ')');
    fields.push(!quoted && field.value === '' ? null : field.value);
    if (text[field.end] === ')') return fields;
    at = field.end + 1;
  }
}

/** Keys and values of an hstore, quoted as in JSON but for NULL. */
function hstoreEntries(text: string): Record<string, string | null> {
  const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
  const plain = (escaped: string) => escaped.replaceAll(/\\(.)/gs, '$1');
  const pairs = text.matchAll(new RegExp(`${quoted}=>(?:${quoted}|NULL)`, 'gs'));
  return Object.fromEntries([...pairs].map(([, key, value]) => [plain(key as string), value === undefined ? null : plain(value)]));
}

/** From the quote at `at` to the closing one. `hidden`: how many characters at i hide the next one's meaning. */
function readQuoted(text: string, at: number, hidden: (text: string, i: number) => number): { value: string; end: number } {
  let value = '';
  let i = at + 1;
  for (;;) {
    const skipped = hidden(text, i);
    if (skipped === 0 && text[i] === '"') return { value, end: i + 1 };
    if (i >= text.length) throw new Error(`a quote does not end: ${text}`);
    value += text[i + skipped];
    i += skipped + 1;
  }
}

function readPlain(text: string, at: number, last: string): { value: string; end: number } {
  let end = at;
  while (text[end] !== ',' && text[end] !== last) end++;
  return { value: text.slice(at, end), end };
}
