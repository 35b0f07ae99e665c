import type { ColumnPlan, Kind, NodePlan } from '../../src/plan/plan.js';
import { float4, float8, from, int2, int4, type Random } from './wire.js';

/** Makes a value of a plan. */
export type FieldOf = (random: Random, plan: NodePlan) => Buffer;

/** An element of a value as the values that hold others have it: length word and bytes. */
export const element = (bytes: Buffer | null): Buffer => (bytes === null ? int4(-1) : Buffer.concat([int4(bytes.length), bytes]));

/** array_send. */
export function array(sizes: readonly number[], elements: readonly (Buffer | null)[], lower = 1): Buffer {
  const hasNull = elements.includes(null) ? 1 : 0;
  const dimensions = sizes.flatMap((size) => [int4(size), int4(lower)]);
  return Buffer.concat([int4(sizes.length), int4(hasNull), int4(23), ...dimensions, ...elements.map(element)]);
}

/** record_send. */
export const record = (members: readonly (Buffer | null)[]): Buffer =>
  Buffer.concat([int4(members.length), ...members.flatMap((member) => [int4(25), element(member)])]);

/** hstore_send. */
export const hstore = (pairs: readonly (readonly [string, string | null])[]): Buffer =>
  Buffer.concat([
    int4(pairs.length),
    ...pairs.flatMap(([key, value]) => [element(Buffer.from(key)), element(value === null ? null : Buffer.from(value))]),
  ]);

/** range_send: flags as in rangetypes.h, then the bounds that are there. */
export const range = (flags: number, bounds: readonly Buffer[]): Buffer => Buffer.concat([Buffer.of(flags), ...bounds.map(element)]);

/** multirange_send. */
export const multirange = (ranges: readonly Buffer[]): Buffer => Buffer.concat([int4(ranges.length), ...ranges.map(element)]);

/** vector_send, halfvec_send. */
export const vector = (floats: readonly Buffer[]): Buffer => Buffer.concat([int2(floats.length), int2(0), ...floats]);

const EMPTY = 0x01;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;
const oddFloats = [Number.NaN, -0, Infinity, 1e-45];

/** A random value of a nested kind: NULLs at every level that may have them, empty lists, now and then a long one. */
export function nestedField(random: Random, plan: NodePlan, fieldOf: FieldOf): Buffer {
  const { kind, precision, children = [] } = plan;
  const value = (node: NodePlan): Buffer | null => (!node.required && random.int(100) < 15 ? null : fieldOf(random, node));
  const [first, second] = children as [NodePlan, NodePlan];
  const size = () => (random.int(60) === 0 ? 30 + random.int(50) : random.int(5));
  const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  switch (kind) {
    case 'list': {
      const sizes = times(precision, () => (precision === 1 ? size() : random.int(precision > 3 ? 3 : 5)));
      const count = sizes.reduce((product, each) => product * each, 1);
      return count === 0
        ? array([], [])
        : array(
            sizes,
            times(count, () => value(first)),
          );
    }
    case 'struct':
      return record(children.map(value));
    case 'map':
      return hstore(times(size(), (i) => [`k${i} ${random.int(9)}`, random.int(5) === 0 ? null : `v${random.int(50)}`]));
    case 'range': {
      const flags = random.int(8) === 0 ? EMPTY : (random.int(4) << 1) | random.pick([0, 0, 0, LOWER_INFINITE, UPPER_INFINITE, 0x18]);
      const there = [(flags & (EMPTY | LOWER_INFINITE)) === 0, (flags & (EMPTY | UPPER_INFINITE)) === 0];
      return range(
        flags,
        [first, second].filter((_, i) => there[i]).map((bound) => fieldOf(random, bound)),
      );
    }
    case 'multirange':
      return multirange(times(size(), () => fieldOf(random, first)));
    case 'vector':
      return vector(times(size(), () => float4(random.int(200) === 0 ? random.pick(oddFloats) : random.int(100) / 8)));
    case 'halfvec':
      return vector(times(size(), () => from(2, (b) => b.writeUInt16BE(random.int(65536)))));
    default:
      throw new Error(`${kind} is not a nested kind`);
  }
}

export function node(name: string, kind: Kind, more: Partial<NodePlan> = {}): NodePlan {
  return {
    name,
    postgresType: kind,
    parquetType: '',
    kind,
    required: false,
    precision: 0,
    scale: 0,
    logical: kind === 'text' ? 'string' : 'none',
    onNan: 'error',
    onInfinity: 'error',
    ...more,
  };
}

const list = (of: NodePlan, name = 'element', precision = 1): NodePlan => node(name, 'list', { precision, children: [of] });
const struct = (children: readonly NodePlan[], name = 'element'): NodePlan => node(name, 'struct', { children });
const map = (name = 'element'): NodePlan =>
  node(name, 'map', { children: [node('key', 'text', { required: true }), node('value', 'text')] });
const rangeOf = (kind: Kind, name = 'element', more: Partial<NodePlan> = {}): NodePlan =>
  node(name, 'range', { children: [node('lower', kind, more), node('upper', kind, more)] });
const multirangeOf = (kind: Kind, name = 'element'): NodePlan => node(name, 'multirange', { children: [rangeOf(kind)] });

/** A row type with members of every width, and values that hold others among them. */
const mixed = (name = 'element'): NodePlan =>
  struct(
    [
      node('flag', 'bool'),
      node('text', 'text'),
      node('uuid', 'uuid'),
      node('span', 'interval'),
      node('float', 'float8'),
      node('price', 'decimal', { precision: 30, scale: 2 }),
      list(node('element', 'int4'), 'list'),
      struct([node('x', 'int4', { required: true }), node('u', 'uuid', { required: true }), node('y', 'float4')], 'point'),
      list(node('element', 'text', { required: true }), 'tags'),
      rangeOf('int4', 'valid'),
    ],
    name,
  );

/** `levels` lists around a struct of a list, in turn. */
const deep = (levels: number): NodePlan =>
  levels === 0
    ? node('element', 'int4')
    : list(struct([node('at', 'int2'), deep(levels - 1)].map((each, i) => ({ ...each, name: `m${i}` }))));

const root = (name: string, { name: _, ...plan }: NodePlan, required = false): ColumnPlan => ({
  ...plan,
  name,
  required,
  expression: `"${name}"`,
  asText: false,
  policies: {},
});

/** Columns of lists of the kinds of plain columns, which may be required ones. */
export function listsOf(columns: readonly ColumnPlan[]): ColumnPlan[] {
  return columns.map((plan) => root(`list of ${plan.name}`, list({ ...plan, name: 'element' })));
}

/** Every nested kind, alone and in others. */
export const nestedKinds: readonly ColumnPlan[] = [
  root('required list', list(node('element', 'int8')), true),
  root('2 dimensions', list(node('element', 'int4'), '', 2)),
  root('3 dimensions of text', list(node('element', 'text'), '', 3)),
  root('6 dimensions', list(node('element', 'bool'), '', 6)),
  root('2 dimensions of uuid', list(node('element', 'uuid', { required: true }), '', 2)),
  root('list of lists', list(list(list(node('element', 'interval'))))),
  root('struct', mixed()),
  root('required struct', mixed(), true),
  root('list', list(mixed())),
  root('struct of a struct', struct([struct([struct([node('a', 'int4'), node('b', 'uuid')], 'c')], 'd')])),
  root('one member', struct([node('only', 'uuid')])),
  root('map', map()),
  root('required map', map(), true),
  root('list of maps', list(map())),
  root('struct of maps', struct([map('left'), node('number', 'int4'), map('right')])),
  root('int4range', rangeOf('int4')),
  root('required range', rangeOf('date'), true),
  root('numrange', rangeOf('decimal', '', { precision: 20, scale: 3 })),
  root('range of text', rangeOf('text')),
  root('list of ranges', list(rangeOf('timestamptz'))),
  root('multirange', multirangeOf('int8')),
  root('2 dimensions of multiranges', list(multirangeOf('date'), '', 2)),
  root('vector', node('', 'vector')),
  root('required halfvec', node('', 'halfvec'), true),
  root('list of vectors', list(node('element', 'vector'))),
  root('struct of vectors', struct([node('v', 'vector'), node('h', 'halfvec', { required: true })])),
  root('deep', deep(5)),
];

/** Values that look like the heads of what holds them, at the lengths where that could matter. */
export const nestedTraps: readonly Buffer[] = [
  array([2], [int4(1), int4(4)]),
  array([], []),
  record([int4(-1), null]),
  hstore([['\0\0\0\x04', '\xff\xff\xff\xff']]),
  multirange([range(EMPTY, [])]),
  int4(-1),
  Buffer.concat([int4(1), int4(-1), int4(4)]),
  float8(-0),
];
