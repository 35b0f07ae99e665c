import type { ColumnPlan, Kind } from '../../src/plan/plan.js';

/** A row as COPY sends it: the bytes of each field, null for NULL. */
export type Row = readonly (Buffer | null)[];

export function column(name: string, kind: Kind, more: Partial<ColumnPlan> = {}): ColumnPlan {
  return {
    name,
    expression: `"${name}"`,
    postgresType: kind,
    parquetType: '',
    kind,
    required: false,
    precision: 0,
    scale: 0,
    logical: kind === 'text' ? 'string' : 'none',
    onNan: 'error',
    onInfinity: 'error',
    asText: false,
    policies: {},
    ...more,
  };
}

/** Seeded: every run sees the same rows (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** 0 <= n < below. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  }
  pick<T>(values: readonly T[]): T {
    return values[this.int(values.length)] as T;
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(256)));
  }
}

const from = (length: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};
export const int2 = (v: number): Buffer => from(2, (b) => b.writeInt16BE(v));
export const int4 = (v: number): Buffer => from(4, (b) => b.writeInt32BE(v));
export const int8 = (v: bigint): Buffer => from(8, (b) => b.writeBigInt64BE(v));
const float4 = (v: number): Buffer => from(4, (b) => b.writeFloatBE(v));
const float8 = (v: number): Buffer => from(8, (b) => b.writeDoubleBE(v));

/** PostgreSQL's numeric from its text, `-12.340`, `NaN`, `Infinity`. */
export function numeric(text: string): Buffer {
  const special = { NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 }[text];
  if (special !== undefined) return Buffer.concat([int2(0), int2(0), from(2, (b) => b.writeUInt16BE(special)), int2(0)]);
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const padded = whole.padStart(Math.ceil(whole.length / 4) * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const digits = (padded.match(/\d{4}/g) ?? []).map(Number);
  let weight = Math.ceil(whole.length / 4) - 1;
  while (digits[0] === 0) {
    digits.shift();
    weight--;
  }
  while (digits.at(-1) === 0) digits.pop();
  if (digits.length === 0) weight = 0;
  const sign = negative && digits.length > 0 ? 0x4000 : 0;
  return Buffer.concat([int2(digits.length), int2(weight), int2(sign), int2(fraction.length), ...digits.map(int2)]);
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
export function field(random: Random, { kind, precision, scale }: ColumnPlan): Buffer {
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
    case 'text':
    case 'utf8':
    case 'geometry':
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
      throw new Error(`${kind} is a nested kind, which the GPU leaves to the CPU engine`);
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
