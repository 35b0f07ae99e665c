import fc from 'fast-check';
import type { ExportOptions } from '../../src/index.js';
import { EXPRESSIONS, FORMS, NATIVE_TYPES, TROUBLED } from './random-values.js';

/** A column of a random table: one case of the property test. */
interface RandomColumn {
  readonly value: RandomValue;
  readonly nullShare: number;
  readonly notNull: boolean;
  /** What `--type` makes of it. */
  readonly form?: string;
  /** SQL over the column's name for what readers must find. */
  readonly expected: (name: string, policies: RandomPolicies) => string;
}

/** How a value is made, as deep as its type. */
type RandomValue =
  | { readonly kind: 'scalar'; readonly type: string; readonly expression: string }
  | { readonly kind: 'array'; readonly item: RandomValue; readonly nullShare: number; readonly most: number }
  | { readonly kind: 'composite'; readonly members: readonly RandomValue[]; readonly nullShare: number };

interface RandomPolicies {
  readonly nan: 'null';
  readonly infinity: 'null' | 'saturate';
  readonly numeric: string;
}

/** A table and how it is exported. */
export interface RandomTable {
  readonly columns: readonly RandomColumn[];
  readonly rows: number;
  readonly seed: number;
  readonly deleted: number;
  readonly partitions: number;
  readonly limit: number | undefined;
  readonly condition: string | undefined;
  readonly policies: RandomPolicies;
  readonly options: ExportOptions;
}

const scalar = (types: readonly string[]): fc.Arbitrary<RandomValue> =>
  fc.constantFrom(...types).chain((type) =>
    fc.record({
      kind: fc.constant('scalar' as const),
      type: fc.constant(type),
      expression: fc.constantFrom(...(EXPRESSIONS[type] as readonly string[])),
    }),
  );

/** Arrays and composites of up to `depth` levels; an array's items are no arrays, which PostgreSQL has no type for. */
const nested = (depth: number): fc.Arbitrary<RandomValue> =>
  depth === 0 ? scalar(NATIVE_TYPES) : fc.oneof(array(depth), composite(depth), { arbitrary: scalar(NATIVE_TYPES), weight: 1 });

const composite = (depth: number): fc.Arbitrary<RandomValue> =>
  fc.record({
    kind: fc.constant('composite' as const),
    members: fc.array(nested(depth - 1), { minLength: 1, maxLength: 4 }),
    nullShare: fc.constantFrom(0, 0.3),
  });

const array = (depth: number): fc.Arbitrary<RandomValue> =>
  fc.record({
    kind: fc.constant('array' as const),
    item: depth === 1 ? scalar(NATIVE_TYPES) : fc.oneof(scalar(NATIVE_TYPES), composite(depth - 1)),
    nullShare: fc.constantFrom(0, 0.3, 1),
    most: fc.constantFrom(1, 3, 9, 40),
  });

const itself = (name: string) => name;
const column: fc.Arbitrary<RandomColumn> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      value: scalar(Object.keys(EXPRESSIONS)),
      nullShare: fc.constantFrom(0, 0, 0.02, 0.5, 0.98, 1),
      notNull: fc.boolean(),
      expected: fc.constant(itself),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      value: fc.oneof(array(3), composite(3)),
      nullShare: fc.constantFrom(0, 0.1, 0.9),
      notNull: fc.boolean(),
      expected: fc.constant(itself),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...FORMS).chain(([type, form, expected]) =>
      fc.record({
        value: scalar([type]),
        nullShare: fc.constantFrom(0, 0.1),
        notNull: fc.boolean(),
        form: fc.constant(form),
        expected: fc.constant((name: string) => expected(name)),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...TROUBLED).map((troubled) => ({
      value: { kind: 'scalar' as const, type: troubled.type, expression: troubled.expression },
      nullShare: 0.1,
      notNull: false,
      expected: (name: string, policies: RandomPolicies) => (troubled.expected[policies[troubled.policy]] ?? itself)(name),
    })),
  },
);

const edges = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025];

/** A kibibyte of text in each row fills pages of 1 MiB and, with little memory, row groups of 4 MiB. */
const wide: RandomColumn = {
  value: { kind: 'scalar', type: 'text', expression: 'repeat(md5(random()::text), 20 + (random() * 24)::int)' },
  nullShare: 0.05,
  notNull: false,
  expected: itself,
};

export const randomTable: fc.Arbitrary<RandomTable> = fc
  .record({
    columns: fc.array(column, { minLength: 6, maxLength: 14 }),
    rows: fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: 3000 })),
    isWide: fc.integer({ min: 0, max: 11 }).map((n) => n === 11),
    seed: fc.double({ min: -1, max: 1, noNaN: true }),
    deleted: fc.constantFrom(0, 0, 0.1, 0.9),
    partitions: fc.constantFrom(1, 1, 1, 3),
    limit: fc.option(fc.integer({ min: 0, max: 4000 }), { nil: undefined }),
    condition: fc.option(fc.constantFrom('i % 3 = 0', 'i > 100 -- most', 'false'), { nil: undefined, freq: 3 }),
    policies: fc.record({
      nan: fc.constant('null' as const),
      infinity: fc.constantFrom('null' as const, 'saturate' as const),
      numeric: fc.constantFrom('string', 'double', 'decimal(38,12)'),
    }),
    options: fc.record({
      jobs: fc.integer({ min: 1, max: 4 }),
      chunks: fc.integer({ min: 1, max: 5 }),
      compression: fc.constantFrom('snappy' as const, 'zstd' as const, 'lz4' as const, 'none' as const),
    }),
  })
  .map(({ isWide, ...table }) => (isWide ? widened(table) : table))
  .map((table) => (table.columns.some(needsText) ? { ...table, policies: { ...table.policies, numeric: 'string' } } : table));

function widened(table: RandomTable): RandomTable {
  const options = { ...table.options, memory: 64 << 20 };
  return { ...table, columns: [...table.columns.slice(0, 2), wide], rows: 6000 + table.rows, deleted: 0, limit: undefined, options };
}

/** Whether it holds numerics that only text holds. */
function needsText({ expected, value }: RandomColumn): boolean {
  return expected === itself && JSON.stringify(value).includes('"type":"numeric"');
}

/** The options that its columns need. */
export function typesOf({ columns }: RandomTable): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.flatMap(({ form }, c) => (form === undefined ? [] : [[`c${c}`, form] as const])));
}

/** Statements that make the table `name` anew, and the query of what readers must find. */
export function statementsOf(name: string, table: RandomTable): { readonly create: string; readonly expected: string } {
  const types: string[] = [];
  const columns = table.columns.map(({ value, nullShare, notNull }, c) => {
    const { type, sql } = render(value, name, types);
    const isNotNull = nullShare === 0 && notNull;
    return { definition: `c${c} ${type}${isNotNull ? ' NOT NULL' : ''}`, sql: orNull(sql, nullShare) };
  });
  const leaves = Array.from(
    { length: table.partitions },
    (_, p) => `CREATE TABLE ${name}_${p} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${table.partitions}, REMAINDER ${p});`,
  );
  const create = `DROP TABLE IF EXISTS ${name} CASCADE;
    DO $$ DECLARE t text; BEGIN FOR t IN SELECT typname FROM pg_type WHERE typtype = 'c' AND typname LIKE '${name}\\_t%' LOOP EXECUTE 'DROP TYPE IF EXISTS ' || t || ' CASCADE'; END LOOP; END $$;
    ${types.join(' ')}
    CREATE TABLE ${name} (i int, ${columns.map(({ definition }) => definition).join(', ')})${table.partitions > 1 ? ` PARTITION BY HASH (i); ${leaves.join(' ')}` : ''};
    SELECT setseed(${table.seed}); INSERT INTO ${name} SELECT i, ${columns.map(({ sql }) => sql).join(', ')} FROM generate_series(1, ${table.rows}) AS i;
    DELETE FROM ${name} WHERE random() < ${table.deleted}`;
  const selected = table.columns.map(({ expected }, c) => `${expected(`c${c}`, table.policies)} AS c${c}`);
  const where = table.condition === undefined ? '' : `WHERE (${table.condition}\n)`;
  const limit = table.limit === undefined ? '' : `LIMIT ${table.limit}`;
  return { create, expected: `SELECT i, ${selected.join(', ')} FROM ${name} ${where} ORDER BY tableoid, ctid ${limit}` };
}

/** A value's type and SQL over `i`; composite types it needs are added to `types` as statements. */
function render(value: RandomValue, table: string, types: string[]): { type: string; sql: string } {
  if (value.kind === 'scalar') return { type: value.type, sql: `(${value.expression})::${value.type}` };
  if (value.kind === 'array') {
    const item = render(value.item, table, types);
    // The elements' `i` runs on from the row's, which also makes the subquery run again for each row.
    const length = `(hashint4(i) & 1023) % ${value.most + 1}`;
    const items = `SELECT array_agg(${orNull(item.sql, value.nullShare)}) FROM generate_series(i, i + ${length} - 1) AS i`;
    return { type: `${item.type}[]`, sql: `coalesce((${items}), '{}')::${item.type}[]` };
  }
  const members = value.members.map((member) => render(member, table, types));
  const type = `${table}_t${types.length}`;
  types.push(`CREATE TYPE ${type} AS (${members.map((member, m) => `m${m} ${member.type}`).join(', ')});`);
  return { type, sql: `ROW(${members.map((member) => orNull(member.sql, value.nullShare)).join(', ')})::${type}` };
}

function orNull(sql: string, share: number): string {
  return share === 0 ? sql : `CASE WHEN random() >= ${share} THEN ${sql} END`;
}
