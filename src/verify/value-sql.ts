import type { NodePlan } from '../plan/plan.js';

/** SQL for a column's values as the texts that canonicalText() makes of the file's, and on which terms they are compared. */
export interface CanonicalSql {
  /** Undefined where the server cannot say what the file should hold; `terms` is why. */
  readonly sql: string | undefined;
  /** True where `sql` is not yet that text but bytes: the server sends them, and we make the text of them. */
  readonly sent?: boolean;
  /** Undefined where every value is compared as it is. */
  readonly terms: string | undefined;
}

/** What decides about a column's text beyond its plan. */
export interface TextFacts {
  /**
   * True where the server's encoding is neither UTF-8 nor none: it would hash other bytes than the file's, so texts are hashed by
   * their SHA-256 in UTF-8.
   */
  readonly converted: boolean;
  /** The type that the column's expression has, domains taken off. */
  readonly typeOid: number;
}

export const BYTEA = 17;

interface Limits {
  /** SQL that is true of what is beyond the last and the first value of the Parquet type. */
  readonly above: string;
  readonly below: string;
  /** Texts of those values. */
  readonly last: string;
  readonly first: string;
}

/** What rounds to infinity: half a unit beyond the largest double, 2^1024 - 2^970; and what rounds to zero, up to 2^-1075. */
const DOUBLE_OVERFLOW = '1.797693134862315807937289714053034150799341327100378e308';
const DOUBLE_UNDERFLOW = '2.470328229206232720882843964341106861825299013071623e-324';
const LARGEST_DOUBLE = '1.7976931348623157e308';

/** SQL for a value that is a single leaf in the file, and for an interval. */
export function valueSql(column: NodePlan, x: string, { converted, typeOid }: TextFacts): CanonicalSql {
  const { kind } = column;
  // A cast would drop char(n)'s padding, which its output function keeps; concat() calls that of any type.
  const text = /::text$/.test(x) ? x : `CASE WHEN ${x} IS NOT NULL THEN pg_catalog.concat(${x}) END`;
  const digest = (value: string) => `pg_catalog.encode(pg_catalog.sha256(${value}), 'hex')`;
  const inUtf8 = (value: string) => `pg_catalog.convert_to(${value}, 'UTF8')`;
  switch (kind) {
    case 'text':
    case 'jsonb':
      return whole(converted ? digest(inUtf8(text)) : text);
    case 'geometry':
      // Not ST_AsBinary(): EWKB holds the SRID too, and needs no function of the extension's to be in reach.
      return { sql: digest(`${x}::bytea`), terms: `as EWKB, made of the file's WKB and SRID ${column.precision}` };
    case 'float4':
    case 'float8':
      return whole(`CASE WHEN ${x} = 'NaN' THEN 'NaN' ELSE pg_catalog.encode(pg_catalog.${kind}send(${x}), 'hex') END`);
    case 'bytea':
      // As hex digits the largest values would not fit into a text.
      return whole(digest(typeOid === BYTEA ? x : inUtf8(text)));
    case 'money':
      return whole(`${x}::numeric::text`);
    case 'decimal':
      return decimal(column, x);
    case 'numeric_double':
      return double(column, x);
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'time':
      return limited(column, `${x}::text`, timeLimits(x, kind));
    case 'interval':
      return limited(column, `pg_catalog.encode(pg_catalog.interval_send(${x}), 'hex')`, {
        above: `NOT pg_catalog.isfinite(${x}) AND ${x} > '0'`,
        below: `NOT pg_catalog.isfinite(${x}) AND ${x} < '0'`,
        last: `7ffffffffffffffe${'7fffffff'.repeat(2)}`,
        first: `8000000000000001${'80000000'.repeat(2)}`,
      });
    case 'bool':
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'numeric_text':
    case 'char':
    case 'uuid':
      return whole(`${x}::text`);
    default:
      return { sql: undefined, terms: `this version does not compare values of type ${column.postgresType}` };
  }
}

const whole = (sql: string): CanonicalSql => ({ sql, terms: undefined });

/** The last and first values are those of native/types/datetime.h; infinity is beyond them. */
function timeLimits(x: string, kind: 'date' | 'timestamp' | 'timestamptz' | 'time'): Limits {
  const zone = kind === 'timestamptz' ? '+00' : '';
  const [first, last] = {
    date: ['4714-11-24 BC', '5874897-12-31'],
    timestamp: ['4714-11-24 00:00:00 BC', '294247-01-10 04:00:54.775807'],
    timestamptz: [`4714-11-24 00:00:00${zone} BC`, `294247-01-10 04:00:54.775807${zone}`],
    time: ['00:00:00', '23:59:59.999999'],
  }[kind] as [string, string];
  return { above: `${x} > '${last}'::${kind}`, below: `${x} < '${first}'::${kind}`, last, first };
}

function limited({ onInfinity }: NodePlan, sql: string, { above, below, last, first }: Limits): CanonicalSql {
  if (onInfinity === 'error') return whole(sql);
  const [high, low] = onInfinity === 'null' ? ['NULL', 'NULL'] : [`'${last}'`, `'${first}'`];
  return {
    sql: `CASE WHEN ${above} THEN ${high} WHEN ${below} THEN ${low} ELSE ${sql} END`,
    terms: `what is infinite or out of range counts as ${onInfinity === 'null' ? 'NULL' : 'the last or first value'} (--infinity ${onInfinity})`,
  };
}

function decimal(column: NodePlan, x: string): CanonicalSql {
  const { postgresType, precision, scale, onNan } = column;
  // A declared numeric has its scale's digits; others get the file's only where that loses none.
  const text =
    postgresType === `numeric(${precision},${scale})`
      ? `${x}::text`
      : `CASE WHEN ${x} = pg_catalog.round(${x}, ${scale}) THEN pg_catalog.round(${x}, ${scale})::text ELSE ${x}::text END`;
  const nines = `${'9'.repeat(precision - scale) || '0'}${scale > 0 ? `.${'9'.repeat(scale)}` : ''}`;
  // Before version 14 there is no such numeric, and no such constant.
  const found = limited(column, text, {
    above: `${x}::text = 'Infinity'`,
    below: `${x}::text = '-Infinity'`,
    last: nines,
    first: `-${nines}`,
  });
  if (onNan !== 'null') return found;
  const terms = [found.terms, 'NaN counts as NULL (--nan null)'].filter((part) => part !== undefined).join('; ');
  return { sql: `CASE WHEN ${x} <> 'NaN' THEN ${found.sql} END`, terms };
}

function double({ onInfinity }: NodePlan, x: string): CanonicalSql {
  const bits = (value: string) => `pg_catalog.encode(pg_catalog.float8send(${value}), 'hex')`;
  const beyond = (sign: string) => {
    if (onInfinity === 'error') return `${x}::text`;
    return onInfinity === 'null' ? 'NULL' : bits(`'${sign}${LARGEST_DOUBLE}'::float8`);
  };
  return {
    sql: `CASE WHEN ${x} = 'NaN' THEN 'NaN' WHEN ${x}::text IN ('Infinity', '-Infinity') THEN ${bits(`${x}::text::float8`)}
      WHEN ${x} >= ${DOUBLE_OVERFLOW} THEN ${beyond('')} WHEN ${x} <= -${DOUBLE_OVERFLOW} THEN ${beyond('-')}
      WHEN pg_catalog.abs(${x}) <= ${DOUBLE_UNDERFLOW} AND ${x} <> '0' THEN ${bits(`CASE WHEN ${x} < '0' THEN '-0' ELSE '0' END::float8`)}
      ELSE ${bits(`${x}::float8`)} END`,
    terms: 'as the nearest double (--numeric double)',
  };
}
