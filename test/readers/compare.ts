import { isDeepStrictEqual } from 'node:util';
import type { ColumnReading } from './reading.js';

/** What the server says of one column. */
export interface ServerColumn {
  /** As format_type() has it. */
  readonly type: string;
  readonly values: readonly (string | null)[];
}

/** A value in another form than the normal one, but whole. */
export type OtherForm = 'bytes' | 'double' | 'microseconds' | 'midnight' | 'pairs' | 'UTC without a zone';

/** What a reader makes of a type, compared with the server's text. */
export interface Cell {
  /** The reader's own name; none where it cannot read the type. */
  readonly type?: string;
  /** Where no value was lost but some came in another form. */
  readonly as?: OtherForm;
  /** The server's text and the reader's, shortened, of each value that did not arrive. */
  readonly differs?: readonly (readonly [server: string | null, reader: string | null])[];
  readonly error?: string;
}

export function compare(server: ServerColumn, reading: ColumnReading): Cell {
  if ('error' in reading) return { error: reading.error.replaceAll(/\S*\/\S+\.parquet/g, 'FILE').slice(0, 160) };
  const { type, values } = reading;
  if (values.length !== server.values.length) return { type, error: `${values.length} rows of ${server.values.length}` };
  const differs = new Map<string, readonly [string | null, string | null]>();
  const forms = new Set<OtherForm>();
  for (const [i, value] of values.entries()) {
    const expected = server.values[i] ?? null;
    const form = formOf(server.type, expected, value);
    if (form === undefined) differs.set(`${expected}`, [short(expected), short(value)]);
    else if (form !== 'same') forms.add(form);
  }
  if (differs.size > 0) return { type, differs: [...differs.values()] };
  // Small numbers look alike as doubles, but that is what they are.
  if ((/^(numeric|money)/.test(server.type) && /^(float|number)/.test(type)) || (isInteger(server.type) && /^float/.test(type)))
    forms.add('double');
  const [as] = forms;
  return as === undefined ? { type } : { type, as };
}

/** Whether a reader loses something of a type or gives it another form. */
export function isLess({ as, differs, error }: Cell): boolean {
  return as !== undefined || differs !== undefined || error !== undefined;
}

/** Undefined where the value was lost. */
function formOf(type: string, server: string | null, got: string | null): OtherForm | 'same' | undefined {
  if (server === got) return 'same';
  if (server === null || got === null) return undefined;
  if (type.endsWith('[]')) return listForm(type.slice(0, -2), JSON.parse(server), parsed(got));
  if (type === 'hstore') return isPairs(Object.entries(JSON.parse(server)), parsed(got)) ? 'pairs' : undefined;
  if (type === 'uuid' && got.startsWith('[')) return bytesOf(type, server) === hexOfNumbers(parsed(got)) ? 'bytes' : undefined;
  if (got.startsWith('\\x')) return got === bytesOf(type, server) ? 'bytes' : undefined;
  if (type === 'time without time zone' && got === String(microseconds(server))) return 'microseconds';
  if (type === 'date') return /^\S+ 00:00:00\.0+( BC)?$/.test(got) && got.replace(/ 00:00:00\.0+/, '') === server ? 'midnight' : undefined;
  if (/^time/.test(type)) return sameTime(server, got);
  if (/^(numeric|money)/.test(type) || isInteger(type)) return isNearest(server, got) ? 'double' : undefined;
  return undefined;
}

/** The form that all elements have, those aside that are the same. */
function listForm(type: string, server: readonly unknown[], got: unknown): OtherForm | 'same' | undefined {
  if (!Array.isArray(got) || got.length !== server.length) return undefined;
  const text = (value: unknown) => (value === null || typeof value === 'string' ? value : JSON.stringify(value));
  const forms = server.map((value, i) => formOf(type, text(value), text(got[i])));
  return forms.includes(undefined) ? undefined : (forms.find((form) => form !== 'same') ?? 'same');
}

function isPairs(entries: readonly (readonly [string, unknown])[], got: unknown): boolean {
  const structs = entries.map(([key, value]) => ({ key, value }));
  return isDeepStrictEqual(entries, got) || isDeepStrictEqual(structs, got);
}

function hexOfNumbers(got: unknown): string {
  return `\\x${Buffer.from((got as readonly string[]).map(Number)).toString('hex')}`;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isInteger(type: string): boolean {
  return ['bigint', 'integer', 'smallint', 'oid'].includes(type);
}

function bytesOf(type: string, server: string): string {
  return type === 'uuid' ? `\\x${server.replaceAll('-', '')}` : `\\x${Buffer.from(server).toString('hex')}`;
}

function microseconds(time: string): number {
  const [hours, minutes, seconds] = time.split(':').map(Number) as [number, number, number];
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1e6);
}

function sameTime(server: string, got: string): OtherForm | 'same' | undefined {
  // A reader's unit may be nanoseconds; more than microseconds there must be zeros.
  const text = got.replace(/(\.\d{6})000(?=$|[ +])/, '$1');
  if (text === server) return 'same';
  return text === server.replace('+00', '') ? 'UTC without a zone' : undefined;
}

/** Whether a double's shortest text, with the zeros of the decimal's scale, is the decimal. */
function isNearest(server: string, got: string): boolean {
  const value = Number(got);
  if (!Number.isFinite(value) || /[^-+.e\d]/.test(got)) return false;
  if (!server.includes('.')) return Number.isInteger(value) && BigInt(value) === BigInt(server);
  const trimmed = server.replace(/0+$/, '').replace(/\.$/, '');
  return Number(trimmed) === value && significant(trimmed) === significant(got);
}

function significant(text: string): string {
  return text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

function short(text: string | null): string | null {
  return text === null || text.length <= 60 ? text : `${text.slice(0, 40)}… (${text.length} characters)`;
}
