import { ThriftType as T, type ThriftField, type ThriftStruct, type ThriftValue } from '../../src/parquet/thrift/types.js';
import { CompactWriter } from '../../src/parquet/thrift/writer.js';

// A small Parquet writer for tests of the join: plain pages, every kind of metadata, and room for things no writer should do.

export type Cell = bigint | number | string | null;

export interface ImageColumn {
  readonly name: string;
  readonly type: 'INT64' | 'DOUBLE' | 'STRING';
  readonly optional?: boolean;
}

export interface ImageOptions {
  readonly columns: readonly ImageColumn[];
  /** Per row group, per column, its values. */
  readonly rowGroups: readonly (readonly (readonly Cell[])[])[];
  /** Rows per page. Default 3. */
  readonly pageRows?: number;
  readonly createdBy?: string;
  readonly keyValue?: Readonly<Record<string, string>>;
  readonly bloomFilters?: boolean;
  /** Whether metadata has bloom_filter_length. Default true. */
  readonly bloomFilterLengths?: boolean;
  /** Default true. */
  readonly indexes?: boolean;
  /** Default true. */
  readonly columnOrders?: boolean;
  /** More fields for the structs, unknown ones say. */
  readonly extra?: {
    readonly file?: ThriftField[];
    readonly rowGroup?: ThriftField[];
    readonly chunk?: ThriftField[];
    readonly metaData?: ThriftField[];
    readonly columnIndex?: ThriftField[];
  };
  readonly schemaElements?: (elements: ThriftStruct[]) => ThriftStruct[];
}

export const struct = (...fields: (ThriftField | undefined)[]): ThriftStruct => ({ fields: fields.filter((f) => f !== undefined) });
export const i32 = (id: number, value: number): ThriftField => ({ id, type: T.I32, value });
export const i64 = (id: number, value: number | bigint): ThriftField => ({ id, type: T.I64, value });
export const bin = (id: number, value: string | Uint8Array): ThriftField => ({
  id,
  type: T.BINARY,
  value: typeof value === 'string' ? Buffer.from(value) : value,
});
export const bool = (id: number, value: boolean): ThriftField => ({ id, type: T.BOOL, value });
export const sub = (id: number, value: ThriftStruct): ThriftField => ({ id, type: T.STRUCT, value });
export const list = (id: number, elementType: number, values: readonly ThriftValue[]): ThriftField => ({
  id,
  type: T.LIST,
  value: { elementType, values },
});

const physical = { INT64: 2, DOUBLE: 5, STRING: 6 } as const;

export function encode(value: ThriftStruct): Uint8Array {
  const writer = new CompactWriter();
  writer.struct(value);
  return writer.copy();
}

function plain(type: ImageColumn['type'], value: Cell, isBound: boolean): Uint8Array {
  const bytes = Buffer.alloc(8);
  if (type === 'INT64') bytes.writeBigInt64LE(BigInt(value as bigint));
  else if (type === 'DOUBLE') bytes.writeDoubleLE(Number(value));
  else {
    const text = Buffer.from(value as string);
    if (isBound) return text;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  }
  return bytes;
}

function page(column: ImageColumn, values: readonly Cell[]): Uint8Array {
  const parts: Uint8Array[] = [];
  if (column.optional === true) {
    const bits = Buffer.alloc(Math.ceil(values.length / 8));
    for (const [i, value] of values.entries()) if (value !== null) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
    const writer = new CompactWriter();
    writer.size(bits.length * 2 + 1);
    const levels = Buffer.concat([writer.copy(), bits]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(levels.length);
    parts.push(length, levels);
  }
  for (const value of values) if (value !== null) parts.push(plain(column.type, value, false));
  const body = Buffer.concat(parts);
  const header = encode(
    struct(i32(1, 0), i32(2, body.length), i32(3, body.length), sub(5, struct(i32(1, values.length), i32(2, 0), i32(3, 3), i32(4, 3)))),
  );
  return Buffer.concat([header, body]);
}

function bounds(column: ImageColumn, values: readonly Cell[]): [Uint8Array, Uint8Array] | undefined {
  const there = values.filter((value) => value !== null);
  if (there.length === 0) return undefined;
  const sorted = there.map((value) => [value, plain(column.type, value, true)] as const);
  sorted.sort((a, b) => (column.type === 'STRING' ? Buffer.compare(a[1], b[1]) : a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return [(sorted[0] as (typeof sorted)[0])[1], (sorted.at(-1) as (typeof sorted)[0])[1]];
}

/** A whole Parquet file. */
export function image(options: ImageOptions): Uint8Array {
  const { columns, pageRows = 3, extra = {} } = options;
  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let at = 4;
  const put = (bytes: Uint8Array): number => {
    parts.push(bytes);
    at += bytes.length;
    return at - bytes.length;
  };

  interface Chunk {
    readonly fields: ThriftField[];
    readonly columnIndex: Uint8Array;
    readonly offsetIndex: Uint8Array;
  }
  const groups = options.rowGroups.map((group) => {
    const first = at;
    const chunks = columns.map((column, c): Chunk => {
      const values = group[c] as readonly Cell[];
      const start = at;
      const locations: ThriftStruct[] = [];
      const pages: (readonly Cell[])[] = [];
      for (let row = 0; row < values.length; row += pageRows) {
        const cells = values.slice(row, row + pageRows);
        const bytes = page(column, cells);
        locations.push(struct(i64(1, put(bytes)), i32(2, bytes.length), i64(3, row)));
        pages.push(cells);
      }
      const nulls = values.filter((value) => value === null).length;
      const whole = bounds(column, values);
      const perPage = pages.map((cells) => bounds(column, cells));
      const statistics = struct(
        i64(3, nulls),
        whole && bin(5, whole[1]),
        whole && bin(6, whole[0]),
        whole && bool(7, true),
        whole && bool(8, true),
      );
      return {
        fields: [
          i32(1, physical[column.type]),
          list(2, T.I32, [0, 3]),
          list(3, T.BINARY, [Buffer.from(column.name)]),
          i32(4, 0),
          i64(5, values.length),
          i64(6, at - start),
          i64(7, at - start),
          i64(9, start),
          sub(12, statistics),
          list(13, T.STRUCT, [struct(i32(1, 0), i32(2, 0), i32(3, pages.length))]),
        ],
        columnIndex: encode(
          struct(
            list(
              1,
              T.BOOL,
              perPage.map((bound) => bound === undefined),
            ),
            list(
              2,
              T.BINARY,
              perPage.map((bound) => bound?.[0] ?? new Uint8Array(0)),
            ),
            list(
              3,
              T.BINARY,
              perPage.map((bound) => bound?.[1] ?? new Uint8Array(0)),
            ),
            i32(4, 0),
            list(
              5,
              T.I64,
              pages.map((cells) => cells.filter((value) => value === null).length),
            ),
            ...(extra.columnIndex ?? []),
          ),
        ),
        offsetIndex: encode(struct(list(1, T.STRUCT, locations))),
      };
    });
    return { chunks, first, bytes: at - first, rows: (group[0] ?? []).length };
  });

  const place = (pick: (chunk: Chunk) => Uint8Array): number[][] => groups.map((group) => group.chunks.map((chunk) => put(pick(chunk))));
  const blooms = options.bloomFilters === true ? place(() => bloomFilter()) : undefined;
  const columnIndexes = options.indexes === false ? undefined : place((chunk) => chunk.columnIndex);
  const offsetIndexes = options.indexes === false ? undefined : place((chunk) => chunk.offsetIndex);

  const rowGroups = groups.map((group, g) => {
    const chunks = group.chunks.map((chunk, c) => {
      const bloomAt = blooms?.[g]?.[c];
      const metaData = struct(
        ...chunk.fields,
        bloomAt === undefined ? undefined : i64(14, bloomAt),
        bloomAt === undefined || options.bloomFilterLengths === false ? undefined : i32(15, bloomFilter().length),
        ...(extra.metaData ?? []),
      );
      const oi = offsetIndexes?.[g]?.[c];
      const ci = columnIndexes?.[g]?.[c];
      return struct(
        i64(2, 77),
        sub(3, metaData),
        ...(oi === undefined ? [] : [i64(4, oi), i32(5, chunk.offsetIndex.length)]),
        ...(ci === undefined ? [] : [i64(6, ci), i32(7, chunk.columnIndex.length)]),
        ...(extra.chunk ?? []),
      );
    });
    return struct(
      list(1, T.STRUCT, chunks),
      i64(2, group.bytes),
      i64(3, group.rows),
      i64(5, group.first),
      i64(6, group.bytes),
      { id: 7, type: T.I16, value: g },
      ...(extra.rowGroup ?? []),
    );
  });
  const elements = [
    struct(bin(4, 'schema'), i32(5, columns.length)),
    ...columns.map((column) =>
      struct(
        i32(1, physical[column.type]),
        i32(3, column.optional === true ? 1 : 0),
        bin(4, column.name),
        column.type === 'STRING' ? i32(6, 0) : undefined,
        column.type === 'STRING' ? sub(10, struct(sub(1, struct()))) : undefined,
      ),
    ),
  ];
  const footer = encode(
    struct(
      i32(1, 1),
      list(2, T.STRUCT, options.schemaElements?.(elements) ?? elements),
      i64(
        3,
        groups.reduce((sum, group) => sum + group.rows, 0),
      ),
      list(4, T.STRUCT, rowGroups),
      options.keyValue &&
        list(
          5,
          T.STRUCT,
          Object.entries(options.keyValue).map(([key, value]) => struct(bin(1, key), bin(2, value))),
        ),
      bin(6, options.createdBy ?? 'gpuparser-test version 1.0.0'),
      options.columnOrders === false
        ? undefined
        : list(
            7,
            T.STRUCT,
            columns.map(() => struct(sub(1, struct()))),
          ),
      ...(extra.file ?? []),
    ),
  );
  put(footer);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(footer.length);
  end.write('PAR1', 4);
  put(end);
  return Buffer.concat(parts);
}

/** A split-block filter of one block that lets everything pass. */
function bloomFilter(): Uint8Array {
  const empty = struct(sub(1, struct()));
  return Buffer.concat([encode(struct(i32(1, 32), sub(2, empty), sub(3, empty), sub(4, empty))), Buffer.alloc(32, 0xff)]);
}
