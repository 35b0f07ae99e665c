import { isNested } from '../../src/plan/nodes.js';
import type { ColumnPlan, Kind, NodePlan } from '../../src/plan/plan.js';
import { brokenUtf8, geometry } from './made.js';
import { nestedField, node } from './nested.js';
import { float4, float8, from, int2, int4, int8, numeric, Random } from './wire.js';

export { float4, int2, int4, int8, numeric, Random } from './wire.js';

/** A row as COPY sends it: the bytes of each field, null for NULL. */
export type Row = readonly (Buffer | null)[];

export function column(name: string, kind: Kind, more: Partial<ColumnPlan> = {}): ColumnPlan {
  return { ...node(name, kind), expression: `"${name}"`, asText: false, policies: {}, ...more };
}

const intervalBytes = (micros: bigint, days: number, months: number): Buffer => Buffer.concat([int8(micros), int4(days), int4(months)]);

/** Fields that look like what surrounds fields: message headers, lengths, trailers, the COPY signature. */
const traps = [
  Buffer.from([0x64, 0, 0, 0, 6, 0xff, 0xff]),
  Buffer.from([0xff, 0xff]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1'),
  Buffer.from([0x63, 0, 0, 0, 4, 0x43, 0, 0, 0, 13]),
  Buffer.from([0, 3, 0, 0, 0, 1, 0x41, 0x7f, 0xff, 0xff, 0xff]),
];

const digitsOf = (random: Random, count: number): string => Array.from({ length: count }, () => random.int(10)).join('');

function decimal(random: Random, precision: number, scale: number): string {
  if (random.int(8) === 0)
    return `${random.pick(['', '-'])}${'9'.repeat(precision - scale) || '0'}${scale > 0 ? `.${'9'.repeat(scale)}` : ''}`;
  const whole = digitsOf(random, random.int(precision - scale + 1)).replace(/^0+(?=\d)/, '') || '0';
  return `${random.pick(['', '', '-'])}${whole}${scale > 0 ? `.${digitsOf(random, scale)}` : ''}`;
}

/** A value of the column's kind; now and then one at a limit. */
export function field(random: Random, plan: NodePlan): Buffer {
  const { kind, precision, scale } = plan;
  if (isNested(kind)) return nestedField(random, plan, field);
  const edge = random.int(10) === 0;
  switch (kind) {
    case 'bool':
      return Buffer.of(random.int(2));
    case 'int2':
      return int2(edge ? random.pick([-32768, 32767]) : random.int(1000) - 500);
    case 'int4':
      return int4(edge ? random.pick([-2147483648, 2147483647]) : random.int(2000) - 1000);
    case 'oid':
      return from(4, (b) => b.writeUInt32BE(edge ? 4294967295 : random.int(100000)));
    case 'int8':
      return int8(edge ? random.pick([-(2n ** 63n), 2n ** 63n - 1n]) : BigInt(random.int(1e9)) * 3n);
    case 'float4':
      return float4(edge ? random.pick([Number.NaN, Infinity, -Infinity, -0, 3.4028234663852886e38, 1e-45]) : random.int(1000) / 7);
    case 'float8':
      return float8(edge ? random.pick([Number.NaN, Infinity, -Infinity, -0, Number.MAX_VALUE, 5e-324]) : random.int(1e6) / 7);
    case 'decimal':
      return numeric(decimal(random, precision, scale));
    case 'numeric_double':
      return numeric(
        decimal(random, 1 + random.int(15), 0).replace(/(\d+)$/, (all) => (all.length > 3 ? `${all.slice(0, 3)}.${all.slice(3)}` : all)),
      );
    case 'numeric_text':
      return numeric(
        edge ? random.pick(['NaN', 'Infinity', '-Infinity', '0', '0.000', `1${'0'.repeat(60)}.5`]) : decimal(random, 30, random.int(20)),
      );
    case 'money':
      return int8(edge ? random.pick([-(2n ** 63n), 2n ** 63n - 1n]) : BigInt(random.int(1e6)));
    case 'utf8':
      return edge || random.int(3) === 0 ? brokenUtf8(random) : Buffer.from(`value ${random.int(500)}, and 8 bytes more`);
    case 'geometry':
      return geometry(random, precision);
    case 'text':
    case 'bytea': {
      if (kind === 'bytea' && edge) return random.pick(traps);
      if (edge)
        return Buffer.from(
          random.pick(['', 'ä', '日本語', '\u{10ffff}'.repeat(20), 'x'.repeat(63), 'x'.repeat(64), 'é'.repeat(40), 'long '.repeat(200)]),
        );
      return kind === 'bytea' ? random.bytes(random.int(40)) : Buffer.from(`value ${random.int(500)}`);
    }
    case 'jsonb':
      return Buffer.concat([Buffer.of(1), Buffer.from(JSON.stringify({ a: random.int(100), b: edge ? 'ü' : null }))]);
    case 'char':
      return Buffer.of(edge ? 0 : 65 + random.int(26));
    case 'uuid':
      return random.bytes(16);
    case 'date':
      return int4(edge ? random.pick([-2451545, 2145031948]) : random.int(20000) - 5000);
    case 'timestamp':
    case 'timestamptz':
      return int8(edge ? random.pick([-211813488000000000n, 2n ** 63n - 1n - 946684800000000n]) : BigInt(random.int(1e9)) * 1_000_003n);
    case 'time':
      return int8(edge ? random.pick([0n, 86399999999n]) : BigInt(random.int(86399)) * 1_000_000n + 7n);
    case 'interval':
      return edge
        ? intervalBytes(-(2n ** 63n), 2147483647, -2147483648)
        : intervalBytes(BigInt(random.int(1e9)), random.int(60) - 30, random.int(24));
    default:
      throw new Error(`no values of kind ${kind} are made here`);
  }
}

/** A column of every kind, and of every width of decimal; `required` ones among them. */
export const everyKind: readonly ColumnPlan[] = [
  column('id', 'int8', { required: true }),
  ...(
    [
      'bool',
      'int2',
      'int4',
      'int8',
      'oid',
      'float4',
      'float8',
      'numeric_double',
      'numeric_text',
      'text',
      'jsonb',
      'bytea',
      'uuid',
      'date',
    ] as const
  ).map((kind) => column(`c ${kind}`, kind)),
  column('d9', 'decimal', { precision: 9, scale: 2 }),
  column('d18', 'decimal', { precision: 18, scale: 4 }),
  column('d38', 'decimal', { precision: 38, scale: 10 }),
  column('d5,5', 'decimal', { precision: 5, scale: 5 }),
  column('d15', 'decimal', { precision: 15, scale: 2, required: true }),
  column('money', 'money', { scale: 2 }),
  ...(['timestamp', 'timestamptz', 'time', 'interval', 'char'] as const).map((kind) => column(`c ${kind}`, kind)),
  column('json', 'text', { logical: 'json' }),
  column('enum', 'text', { logical: 'enum' }),
  column('plain', 'text', { logical: 'none' }),
  column('c utf8', 'utf8', { logical: 'string' }),
  column('c geometry', 'geometry'),
  column('c geometry 4326', 'geometry', { precision: 4326 }),
  column('required text', 'text', { required: true }),
  column('required uuid', 'uuid', { required: true }),
  column('required interval', 'interval', { required: true }),
  column('', 'int4'),
];

/** Rows of seeded values; nullShare of the fields that may be NULL are. */
export function randomRows(columns: readonly ColumnPlan[], count: number, seed: number, nullShare = 0.15): Row[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    columns.map((plan) => (!plan.required && random.int(1000) < nullShare * 1000 ? null : field(random, plan))),
  );
}
