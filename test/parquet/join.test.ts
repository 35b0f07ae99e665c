import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readFooter } from '../../src/parquet/footer.js';
import { type JoinOptions, type JoinResult, ParquetJoin } from '../../src/parquet/join.js';
import type { ByteSink } from '../../src/parquet/sink.js';
import { MemorySource } from '../../src/parquet/source.js';
import { field, intField, listField, longField, structField, textField } from '../../src/parquet/thrift/access.js';
import { CompactReader } from '../../src/parquet/thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from '../../src/parquet/thrift/types.js';
import { bin, type Cell, encode, type ImageColumn, type ImageOptions, i32, i64, image, list, struct, sub } from '../support/image.js';
import { type Reader, readRows } from '../support/readers.js';

const columns: readonly ImageColumn[] = [
  { name: 'id', type: 'INT64' },
  { name: 'name', type: 'STRING', optional: true },
  { name: 'price', type: 'DOUBLE', optional: true },
];

/** Rows first..first+count-1 of one endless table. */
function rows(first: number, count: number): Cell[][] {
  const ids = Array.from({ length: count }, (_, i) => first + i);
  return [ids.map(BigInt), ids.map((id) => (id % 5 === 0 ? null : `näme ${id}`)), ids.map((id) => (id % 7 === 0 ? null : id / 8))];
}

function expected(first: number, count: number): (string | null)[][] {
  const cells = rows(first, count);
  return Array.from({ length: count }, (_, r) => cells.map((column) => (column[r] === null ? null : String(column[r]))));
}

class MemorySink implements ByteSink {
  readonly writes: Buffer[] = [];
  async write(bytes: Uint8Array): Promise<void> {
    this.writes.push(Buffer.from(bytes));
  }
  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

type Part = readonly [bytes: Uint8Array, order: readonly number[]];

async function join(parts: readonly Part[], options: JoinOptions = {}): Promise<{ sink: MemorySink; bytes: Buffer; result: JoinResult }> {
  const sink = new MemorySink();
  const joined = new ParquetJoin(sink, options);
  await Promise.all(parts.map(([bytes, order], i) => joined.append(new MemorySource(bytes, `image ${i}`), order)));
  const result = await joined.finish();
  return { sink, bytes: sink.bytes, result };
}

const part = (first: number, count: number, more: Partial<ImageOptions> = {}): Uint8Array =>
  image({ columns, rowGroups: [rows(first, count)], ...more });

async function footerOf(bytes: Uint8Array): Promise<{ groups: ThriftStruct[]; others: ThriftStruct; schema: readonly ThriftStruct[] }> {
  const footer = await readFooter(new MemorySource(bytes, 'joined'));
  const groups = footer.rowGroups.map((range) => new CompactReader(footer.bytes, 'joined', range.offset).struct());
  return { groups, others: { fields: footer.others }, schema: footer.schema };
}

const chunksOf = (group: ThriftStruct): readonly ThriftStruct[] => listField<ThriftStruct>(group, 1, T.STRUCT) ?? [];

/** The struct with one field in place of its own of that number. */
function replaced(whole: ThriftStruct, by: ThriftStruct['fields'][number]): ThriftStruct {
  return { fields: whole.fields.map((each) => (each.id === by.id ? by : each)) };
}

/** The image with a changed FileMetaData. */
function withFooter(bytes: Uint8Array, change: (footer: ThriftStruct) => ThriftStruct): Uint8Array {
  const whole = Buffer.from(bytes);
  const from = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  const footer = encode(change(new CompactReader(whole.subarray(from), 'image').struct()));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([whole.subarray(0, from), footer, length, Buffer.from('PAR1')]);
}

describe('joining images into one file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-join-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function assertReads(
    bytes: Uint8Array,
    want: (string | null)[][],
    readers: readonly Reader[] = ['hyparquet', 'duckdb'],
  ): Promise<void> {
    const file = path.join(folder, `${Math.random()}.parquet`);
    await writeFile(file, bytes);
    for (const reader of readers) assert.deepEqual((await readRows(reader, file)).rows, want, reader);
    await rm(file);
  }

  it('lists row groups by their order, however they came, and every reader sees that order', async () => {
    const { bytes, result } = await join([
      [part(31, 4), [2, 10]],
      [part(20, 11), [2, 0]],
      [part(0, 10), [0]],
      [part(10, 10), [1, 7]],
    ]);
    assert.deepEqual(result, { rows: 35, rowGroups: 4, bytes: bytes.length });
    await assertReads(bytes, expected(0, 35), ['hyparquet', 'duckdb', 'pyarrow', 'polars']);
    const { groups } = await footerOf(bytes);
    assert.deepEqual(
      groups.map((group) => intField(group, 7)),
      [0, 1, 2, 3],
    );
  });

  it('finds rows by filters in a file whose row groups are swapped', async () => {
    const { bytes } = await join([
      [part(100, 100), [1]],
      [part(0, 100), [0]],
      [part(200, 100), [2]],
    ]);
    const file = path.join(folder, 'filtered.parquet');
    await writeFile(file, bytes);
    const filter = { column: 'id', low: 95, high: 104 };
    for (const reader of ['hyparquet', 'duckdb', 'pyarrow', 'polars'] as const)
      assert.deepEqual((await readRows(reader, file, filter)).rows, expected(95, 10), reader);
  });

  it('writes all column indexes, then all offset indexes, in footer order and without gaps, right before the footer', async () => {
    const { bytes } = await join([
      [part(10, 10), [1]],
      [part(0, 10), [0]],
      [part(20, 10), [2]],
    ]);
    const { groups } = await footerOf(bytes);
    const chunks = groups.flatMap(chunksOf);
    const places = (offset: number, length: number): [number, number][] =>
      chunks.map((chunk) => [longField(chunk, offset) as number, intField(chunk, length) as number]);
    let at = Math.max(...groups.map((group) => (longField(group, 5) as number) + (longField(group, 6) as number)));
    for (const [offset, length] of [...places(6, 7), ...places(4, 5)]) {
      assert.equal(offset, at);
      at += length;
    }
    assert.equal(at, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8));
  });

  it('shifts every offset: data pages, page locations, bloom filters, row groups; and sets ColumnChunk.file_offset to 0', async () => {
    const { bytes } = await join([
      [part(10, 10, { bloomFilters: true }), [1]],
      [part(0, 10, { bloomFilters: true }), [0]],
    ]);
    const { groups } = await footerOf(bytes);
    for (const group of groups) {
      const first = structField(chunksOf(group)[0] as ThriftStruct, 3) as ThriftStruct;
      assert.equal(longField(group, 5), longField(first, 9));
      for (const chunk of chunksOf(group)) {
        assert.equal(longField(chunk, 2), 0);
        const metaData = structField(chunk, 3) as ThriftStruct;
        // A page header begins with its type, DATA_PAGE; the filter's with its 32 bytes.
        const dataAt = longField(metaData, 9) as number;
        assert.deepEqual(new CompactReader(bytes, 'page', dataAt).struct().fields[0], i32(1, 0));
        assert.deepEqual(new CompactReader(bytes, 'filter', longField(metaData, 14)).struct().fields[0], i32(1, 32));
        const offsetIndex = new CompactReader(bytes, 'index', longField(chunk, 4)).struct();
        let at = dataAt;
        for (const location of listField<ThriftStruct>(offsetIndex, 1, T.STRUCT) ?? []) {
          assert.equal(longField(location, 1), at);
          at += intField(location, 2) as number;
        }
        assert.equal(at, dataAt + (longField(metaData, 7) as number));
      }
    }
    await assertReads(bytes, expected(0, 20));
  });

  it('takes the length of a bloom filter from its header where the metadata lacks it', async () => {
    const offsets = async (bloomFilterLengths: boolean): Promise<(number | undefined)[]> => {
      const { bytes } = await join([[part(0, 10, { bloomFilters: true, bloomFilterLengths }), [0]]]);
      const { groups } = await footerOf(bytes);
      return groups.flatMap(chunksOf).map((chunk) => longField(structField(chunk, 3) as ThriftStruct, 14));
    };
    const [first, second] = await offsets(true);
    // 15 bytes of header, 32 of filter.
    assert.equal((second as number) - (first as number), 47);
    assert.deepEqual(await offsets(false), await offsets(true));
  });

  it('writes the same file whether a source comes whole or in small pieces', async () => {
    const source = part(0, 30, { bloomFilters: true });
    const whole = await join([[source, [0]]]);
    const sink = new MemorySink();
    const joined = new ParquetJoin(sink);
    const memory = new MemorySource(source, 'pieces');
    const pieces = {
      name: 'pieces',
      size: source.length,
      pieceBytes: 100,
      read: (offset: number, length: number) => memory.read(offset, length),
    };
    await joined.append(pieces, [0]);
    const longest = Math.max(...sink.writes.map((bytes) => bytes.length));
    await joined.finish();
    assert.deepEqual(sink.bytes, whole.bytes);
    assert.equal(longest, 100);
  });

  it('writes the data of an image at once and nothing of its footer', async () => {
    const bytes = part(0, 30);
    const sink = new MemorySink();
    const joined = new ParquetJoin(sink);
    await joined.append(new MemorySource(bytes, 'image'), [0]);
    assert.equal(sink.writes.length, 2);
    const { groups } = await footerOf(bytes);
    assert.deepEqual(sink.writes[1], Buffer.from(bytes.subarray(4, 4 + (longField(groups[0] as ThriftStruct, 6) as number))));
  });

  it('keeps nothing of an image: its memory may be overwritten when append has resolved', async () => {
    const sink = new MemorySink();
    const joined = new ParquetJoin(sink);
    for (const first of [10, 0]) {
      const bytes = part(first, 10, { keyValue: { table: 'public.orders' } });
      await joined.append(new MemorySource(bytes, 'image'), [first]);
      bytes.fill(0xee);
    }
    await joined.finish();
    await assertReads(sink.bytes, expected(0, 20));
    assert.ok(sink.bytes.includes('public.orders'));
  });

  it('keeps fields it does not know, wherever they are', async () => {
    const unknown = [
      list(900, T.STRUCT, [struct(bin(1, 'kept'), sub(3000, struct(i64(1, 2n ** 62n))))]),
      { id: 901, type: T.DOUBLE, value: -0.25 },
    ];
    const source = part(0, 10, { extra: { file: unknown, rowGroup: unknown, chunk: unknown, metaData: unknown } });
    const { bytes } = await join([[source, [0]]]);
    const { groups, others } = await footerOf(bytes);
    const chunk = chunksOf(groups[0] as ThriftStruct)[0] as ThriftStruct;
    for (const where of [others, groups[0] as ThriftStruct, chunk, structField(chunk, 3) as ThriftStruct])
      for (const want of unknown) assert.deepEqual(JSON.stringify(field(where, want.id), big), JSON.stringify(want, big));
    await assertReads(bytes, expected(0, 10));
  });

  it('drops ordinals from the 32,768th row group on, which a 16-bit number cannot hold', async () => {
    const tiny = image({ columns: [{ name: 'id', type: 'INT64' }], rowGroups: [[[7n]]], indexes: false });
    const sink = new MemorySink();
    const joined = new ParquetJoin(sink);
    for (let i = 0; i < 32_770; i++) await joined.append(new MemorySource(tiny, 'tiny'), [i]);
    assert.equal((await joined.finish()).rowGroups, 32_770);
    const { groups } = await footerOf(sink.bytes);
    assert.deepEqual(
      [0, 32_767, 32_768, 32_769].map((i) => intField(groups[i] as ThriftStruct, 7)),
      [0, 32_767, undefined, undefined],
    );
  });

  it('makes a valid empty file of images without row groups, with no columns too', async () => {
    const empty = image({ columns, rowGroups: [] });
    const { bytes, result } = await join([
      [empty, [0]],
      [empty, [1]],
    ]);
    assert.equal(result.rows, 0);
    await assertReads(bytes, [], ['hyparquet', 'duckdb', 'pyarrow', 'polars']);
    const nothing = await join([[image({ columns: [], rowGroups: [] }), [0]]]);
    await assertReads(nothing.bytes, [], ['hyparquet', 'pyarrow']);
  });

  it('joins an image without row groups to images with some', async () => {
    const { bytes } = await join([
      [image({ columns, rowGroups: [] }), [1]],
      [part(0, 9), [0]],
    ]);
    await assertReads(bytes, expected(0, 9));
  });

  it("writes the given creator and metadata, and the first image's where none are given", async () => {
    const source = part(0, 3, { keyValue: { a: '1' }, createdBy: 'engine version 1' });
    const own = (await footerOf((await join([[source, [0]]])).bytes)).others;
    assert.equal(textField(own, 6), 'engine version 1');
    const { others } = await footerOf(
      (await join([[source, [0]]], { createdBy: 'me version 2', keyValueMetadata: { table: 'ö', b: '' } })).bytes,
    );
    assert.equal(textField(others, 6), 'me version 2');
    const pairs = listField<ThriftStruct>(others, 5, T.STRUCT) ?? [];
    assert.deepEqual(
      pairs.map((pair) => [textField(pair, 1), textField(pair, 2)]),
      [
        ['table', 'ö'],
        ['b', ''],
      ],
    );
  });

  it('replaces the schema, and with it the paths of the column chunks', async () => {
    const source = part(0, 6);
    const { schema } = await footerOf(source);
    const renamed = schema.map((element) =>
      textField(element, 4) === 'name'
        ? struct(...element.fields.filter((f) => f.id !== 4 && f.id !== 6 && f.id !== 10), bin(4, 'doc'), i32(6, 4))
        : element,
    );
    const { bytes } = await join([[source, [0]]], { schema: renamed });
    const { groups } = await footerOf(bytes);
    assert.deepEqual(
      chunksOf(groups[0] as ThriftStruct).map((chunk) =>
        Buffer.from(listField<Uint8Array>(structField(chunk, 3) as ThriftStruct, 3, T.BINARY)?.[0] ?? []).toString(),
      ),
      ['id', 'doc', 'price'],
    );
    await assertReads(bytes, expected(0, 6));
    await assert.rejects(join([[source, [0]]], { schema: schema.slice(0, -1) }), { code: 'FILE' });
  });

  it('drops the level histograms of repaired columns inside lists, of no others', async () => {
    const counts = (id: number) => list(id, T.I64, [3, 4]);
    const source = image({
      columns,
      rowGroups: [rows(0, 6)],
      extra: { metaData: [sub(16, struct(i64(1, 9), counts(2), counts(3)))], columnIndex: [counts(6), counts(7)] },
      schemaElements: ([root, id, name, price]) => [
        root as ThriftStruct,
        struct(...(id as ThriftStruct).fields.map((each) => (each.id === 3 ? i32(3, 2) : each))),
        name as ThriftStruct,
        price as ThriftStruct,
      ],
    });
    const idsOf = async (options: JoinOptions) => {
      const { bytes } = await join([[source, [0]]], options);
      const { groups } = await footerOf(bytes);
      return chunksOf(groups[0] as ThriftStruct).map((chunk) => {
        const at = longField(chunk, 6);
        const index = at === undefined ? undefined : new CompactReader(bytes, 'joined', Number(at)).struct();
        const sizes = structField(structField(chunk, 3) as ThriftStruct, 16);
        return [sizes, index].map((each) => each?.fields.map(({ id }) => id));
      });
    };
    const all = [
      [1, 2, 3],
      [1, 2, 3, 4, 5, 6, 7],
    ];
    assert.deepEqual(await idsOf({}), [all, all, all]);
    assert.deepEqual(await idsOf({ statistics: 'repair' }), [[[1], [1, 2, 3, 4, 5]], all, [[1, 2, 3], undefined]]);
  });

  it('drops the column index together with repaired statistics, and every reader still finds every row', async () => {
    const source = image({
      columns,
      rowGroups: [
        [
          [1n, 2n],
          ['a', 'b'],
          [Number.MAX_VALUE, Number.MAX_VALUE],
        ],
      ],
    });
    const { bytes } = await join(
      [
        [source, [1]],
        [part(5, 4), [0]],
      ],
      { statistics: 'repair' },
    );
    const { groups } = await footerOf(bytes);
    const indexes = groups.map((group) =>
      chunksOf(group).map((chunk) => [longField(chunk, 6) !== undefined, longField(chunk, 4) !== undefined]),
    );
    const both = [true, true];
    assert.deepEqual(indexes, [
      [both, both, [false, true]],
      [both, both, [false, true]],
    ]);
    await assertReads(
      bytes,
      [...expected(5, 4), ['1', 'a', String(Number.MAX_VALUE)], ['2', 'b', String(Number.MAX_VALUE)]],
      ['hyparquet', 'duckdb', 'pyarrow', 'polars'],
    );
  });

  it('names the first difference of another schema', async () => {
    const cases: [readonly ImageColumn[], RegExp][] = [
      [columns.slice(0, 2), /image 0 has column "price", which image 1 lacks/],
      [[...columns, { name: 'x', type: 'INT64' }], /image 1 has column "x", which image 0 lacks/],
      [columns.map((c) => (c.name === 'name' ? { ...c, name: 'Name' } : c)), /column 2 is "name" in image 0, but "Name" in image 1/],
      [
        columns.map((c) => (c.name === 'id' ? { ...c, optional: true } : c)),
        /column "id" is required INT64 in image 0, but optional INT64 in image 1/,
      ],
      [
        columns.map((c) => (c.name === 'price' ? { ...c, type: 'INT64' as const } : c)),
        /column "price" is optional DOUBLE in image 0, but optional INT64 in image 1/,
      ],
    ];
    for (const [other, message] of cases) {
      const parts: Part[] = [
        [part(0, 1), [0]],
        [image({ columns: other, rowGroups: [] }), [1]],
      ];
      await assert.rejects(join(parts), { code: 'FILE', message });
    }
  });

  it('refuses images that order their values otherwise', async () => {
    await assert.rejects(
      join([
        [part(0, 1), [0]],
        [part(1, 1, { columnOrders: false }), [1]],
      ]),
      { code: 'FILE', message: /column_orders/ },
    );
  });

  it('refuses row groups that contradict their footer', async () => {
    const group = (changed: (chunks: readonly ThriftStruct[]) => readonly ThriftStruct[]) => (footer: ThriftStruct) => {
      const [first] = listField<ThriftStruct>(footer, 4, T.STRUCT) as [ThriftStruct];
      return replaced(footer, list(4, T.STRUCT, [replaced(first, list(1, T.STRUCT, changed(chunksOf(first))))]));
    };
    const asDouble = (chunk: ThriftStruct) => replaced(chunk, sub(3, replaced(structField(chunk, 3) as ThriftStruct, i32(1, 5))));
    const cases: [RegExp, (footer: ThriftStruct) => ThriftStruct][] = [
      [/its footer says 11 rows, its row groups 10/, (footer) => replaced(footer, i64(3, 11))],
      [/a row group has 2 column chunks, the schema 3 columns/, group((chunks) => chunks.slice(0, 2))],
      [/chunk of "id" has another type than the schema says/, group(([id, ...others]) => [asDouble(id as ThriftStruct), ...others])],
    ];
    for (const [message, change] of cases)
      await assert.rejects(join([[withFooter(part(0, 10), change), [0]]]), { code: 'FILE', message }, String(message));
  });

  it('fails every later call with the first error', async () => {
    const joined = new ParquetJoin(new MemorySink());
    const bad = joined.append(new MemorySource(Buffer.from('not parquet at all'), 'bad.parquet'), [0]);
    const good = joined.append(new MemorySource(part(0, 1), 'good'), [1]);
    const want = { code: 'FILE', message: /bad\.parquet is not a Parquet file/ };
    await assert.rejects(bad, want);
    await assert.rejects(good, want);
    await assert.rejects(joined.finish(), want);
  });

  it('passes on the error of a full disk and writes no more', async () => {
    let writes = 0;
    const joined = new ParquetJoin({
      write: async () => {
        if (++writes > 1) throw new Error('no space');
      },
    });
    await assert.rejects(joined.append(new MemorySource(part(0, 5), 'image'), [0]), /no space/);
    await assert.rejects(joined.finish(), /no space/);
    assert.equal(writes, 2);
  });

  it('gives the table back for any cut into images and row groups, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        fc.boolean(),
        async (cut, random, bloomFilters) => {
          let first = 0;
          const parts = cut.map((groups, i): Part => {
            const rowGroups = groups.map((count) => {
              first += count;
              return rows(first - count, count);
            });
            return [image({ columns, rowGroups, bloomFilters, pageRows: 2 }), [i]];
          });
          const shuffled = parts.map((p) => [random.next().value, p] as const).sort((a, b) => a[0] - b[0]);
          const { bytes, result } = await join(shuffled.map(([, p]) => p));
          assert.equal(result.rows, first);
          await assertReads(bytes, expected(0, first), ['hyparquet']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('survives damaged images: an error about the file or a join, nothing else', async () => {
    const good = image({ columns, rowGroups: [rows(0, 8), rows(8, 5)], bloomFilters: true, keyValue: { k: 'v' } });
    const footerAt = good.length - 8 - new DataView(good.buffer, good.byteOffset).getUint32(good.length - 8, true);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (changes, everywhere) => {
          const bytes = Buffer.from(good);
          const from = everywhere ? 0 : footerAt;
          for (const [at, byte] of changes) bytes[from + Math.floor(at * (bytes.length - from))] = byte;
          try {
            await join([[bytes, [0]]], { statistics: 'repair' });
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'FILE', String((error as Error).stack));
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});

const big = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : isBuffer(value) ? value.data : value instanceof Uint8Array ? [...value] : value;
const isBuffer = (value: unknown): value is { data: number[] } => (value as { type?: unknown } | null)?.type === 'Buffer';
