import type { ExportOptions } from '../../src/index.js';
import { relationColumns } from '../../src/postgres/catalog-columns.js';
import type { BaseType } from '../../src/postgres/catalog-types.js';
import { connect } from '../../src/postgres/connect.js';
import { quoteIdentifier } from '../../src/postgres/identifier.js';
import { normalText } from './readers.js';
import type { TestServer } from './server.js';

// The server's own view of nested values: SQL takes them apart into JSON whose leaves are the text of each value, and the leaves
// are put into the readers' normal form.

interface Shape {
  /** SQL that yields JSON of texts, given an expression. */
  readonly sql: (value: string) => string;
  readonly normal: (json: unknown) => unknown;
}

/** A table's rows as the readers should give them, in the order of ctid unless `from` says otherwise. */
export async function expectedRows(
  server: TestServer,
  table: string,
  { arrays, ranges }: ExportOptions = {},
  from = `${table} ORDER BY ctid`,
): Promise<(string | null)[][]> {
  const { session } = await connect(server.config());
  try {
    const oid = await server.value(`SELECT '${table}'::regclass::oid`);
    const columns = await relationColumns(session, Number(oid), []);
    const shapes = columns.map(({ base }) => shapeOf(base, { arrays, ranges }));
    await server.sql("SET TimeZone = 'UTC'; SET DateStyle = ISO; SET extra_float_digits = 1; SET bytea_output = hex");
    const rows = await server.sql(
      `SELECT ${shapes.map(({ sql }, i) => `to_json(${sql(quoteIdentifier(columns[i]?.name ?? ''))})::text AS c${i}`).join(', ')} FROM ${from}`,
    );
    return rows.map((row) =>
      shapes.map(({ normal }, i) => {
        const json = row[`c${i}`] as string | null;
        const value = json === null ? null : normal(JSON.parse(json));
        return value === null || typeof value === 'string' ? value : JSON.stringify(value);
      }),
    );
  } finally {
    await session.close();
  }
}

type Forms = Pick<ExportOptions, 'arrays' | 'ranges'>;

function shapeOf(type: BaseType, forms: Forms): Shape {
  const nested = nestedShape(type, forms);
  if (nested) return nested;
  const name = NAMES[type.name] ?? type.name;
  if (type.name === 'interval') return { sql: intervalSql, normal: (text) => text };
  if (type.name === 'money') return { sql: (value) => `(${value})::numeric::text`, normal: (text) => text };
  if (type.name === 'bpchar')
    return { sql: (value) => `CASE WHEN (${value}) IS NOT NULL THEN concat(${value}, '') END`, normal: (text) => text };
  return { sql: (value) => `(${value})::text`, normal: (text) => normalText(name, text as string | null) };
}

const NAMES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
  timestamptz: 'timestamp with time zone',
};

/** Undefined where the export makes text of a type. */
function nestedShape(type: BaseType, forms: Forms): Shape | undefined {
  if (type.isArray) return forms.arrays === 'text' ? undefined : arrayShape(type, forms);
  if (type.typtype === 'c') return compositeShape(type, forms);
  if (type.name === 'hstore') return { sql: (value) => `hstore_to_json(${value})`, normal: (json) => json };
  if (forms.ranges === 'struct' && type.typtype === 'r') return rangeShape(type, forms);
  if (forms.ranges === 'struct' && type.typtype === 'm') return listShape(type, forms);
  return undefined;
}

function listShape(type: BaseType, forms: Forms): Shape {
  const inner = shapeOf(type.parts[0]?.base as BaseType, forms);
  return {
    sql: (value) =>
      `CASE WHEN ${value} IS NOT NULL THEN (SELECT coalesce(json_agg(to_json(${inner.sql('u.e')}) ORDER BY u.n), '[]') FROM unnest(${value}) WITH ORDINALITY u(e, n)) END`,
    normal: (json) => json && (json as unknown[]).map((one) => (one === null ? null : inner.normal(one))),
  };
}

/** unnest() takes composites apart, so their elements are reached by place; that is slow in large arrays. */
function arrayShape(type: BaseType, forms: Forms): Shape {
  const inner = shapeOf(type.parts[0]?.base as BaseType, forms);
  const depth = forms.arrays === 'nested' ? Math.max(1, type.dimensions) : 1;
  if (depth === 1 && type.parts[0]?.base.typtype !== 'c') return listShape(type, forms);
  const level = (value: string, d: number, places: string): string => {
    if (d > depth) return `to_json(${inner.sql(`(${value})${places}`)})`;
    const n = `n${d}`;
    return `(SELECT coalesce(json_agg(${level(value, d + 1, `${places}[${n}]`)} ORDER BY ${n}), '[]') FROM generate_series(1, array_length(${value}, ${d})) ${n})`;
  };
  const normal = (json: unknown, d: number): unknown => {
    if (json === null) return null;
    return d > depth ? inner.normal(json) : (json as unknown[]).map((one) => normal(one, d + 1));
  };
  return { sql: (value) => `CASE WHEN ${value} IS NOT NULL THEN ${level(value, 1, '')} END`, normal: (json) => normal(json, 1) };
}

function compositeShape(type: BaseType, forms: Forms): Shape | undefined {
  const members = type.parts.map(({ name, base }) => ({ name, shape: shapeOf(base, forms) }));
  if (type.parts.some(({ base }) => base.name === 'inet')) return undefined;
  return {
    // a composite of NULLs IS NULL too: only its text is not
    sql: (value) =>
      `CASE WHEN (${value})::text IS NOT NULL THEN json_build_object(${members.map(({ name, shape }) => `${quoteLiteral(name)}, ${shape.sql(`(${value}).${quoteIdentifier(name)}`)}`).join(', ')}) END`,
    normal: (json) =>
      json && Object.fromEntries(members.map(({ name, shape }) => [name, nullOr(shape.normal, (json as Record<string, unknown>)[name])])),
  };
}

function rangeShape(type: BaseType, forms: Forms): Shape {
  const bound = shapeOf(type.parts[0]?.base as BaseType, forms);
  const flags = { lower_inc: 'lower_inc', upper_inc: 'upper_inc', empty: 'isempty' };
  const calls = Object.entries(flags).map(([name, call]) => [name, call] as const);
  return {
    sql: (value) =>
      `CASE WHEN ${value} IS NOT NULL THEN json_build_object('lower', ${bound.sql(`lower(${value})`)}, 'upper', ${bound.sql(`upper(${value})`)}, ${calls.map(([name, call]) => `'${name}', ${call}(${value})::text`).join(', ')}) END`,
    normal: (json) => {
      if (json === null) return null;
      const { lower, upper, ...rest } = json as Record<string, unknown>;
      return { lower: nullOr(bound.normal, lower), upper: nullOr(bound.normal, upper), ...rest };
    },
  };
}

const quoteLiteral = (text: string) => `'${text.replaceAll("'", "''")}'`;
const nullOr = (normal: (json: unknown) => unknown, json: unknown) => (json === null ? null : normal(json));

function intervalSql(value: string): string {
  const months = `extract(year from ${value}) * 12 + extract(month from ${value})`;
  const time = `extract(hour from ${value})::numeric * 3600000000 + extract(minute from ${value})::numeric * 60000000 + extract(microseconds from ${value})::numeric`;
  return `((${months})::bigint || ' mons ' || extract(day from ${value})::bigint || ' days ' || (${time})::bigint || ' us')`;
}
