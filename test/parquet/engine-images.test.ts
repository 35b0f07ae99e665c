import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Image } from '../../src/engine/batch.js';
import { Engine } from '../../src/engine/engine.js';
import type { Codec } from '../../src/options.js';
import { inspect } from '../../src/parquet/inspect.js';
import { ParquetJoin } from '../../src/parquet/join.js';
import { merge } from '../../src/parquet/merge.js';
import { MemorySource } from '../../src/parquet/source.js';
import type { ColumnPlan, Kind } from '../../src/plan/plan.js';
import { readRows } from '../support/readers.js';

const column = (name: string, kind: Kind, required = false): ColumnPlan => ({
  name,
  expression: `"${name}"`,
  postgresType: kind,
  parquetType: '',
  kind,
  required,
  precision: 0,
  scale: 0,
  logical: kind === 'text' ? 'string' : 'none',
  onNan: 'error',
  onInfinity: 'error',
  asText: false,
  policies: {},
});
const columns = [
  column('id', 'int8', true),
  column('name', 'text'),
  column('price', 'float8'),
  column('flag', 'bool'),
  column('day', 'date'),
  column('key', 'uuid'),
];

function big(write: (bytes: Buffer) => void, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

/** Row `id` of one endless table, as COPY's fields. */
function fields(id: number): (Buffer | null)[] {
  return [
    big((b) => b.writeBigInt64BE(BigInt(id)), 8),
    id % 5 === 0 ? null : Buffer.from(`näme ${id % 100}`),
    id % 7 === 0 ? null : big((b) => b.writeDoubleBE(id / 8), 8),
    Buffer.of(id % 2),
    // PostgreSQL counts days from 2000-01-01.
    id % 3 === 0 ? null : big((b) => b.writeInt32BE(id % 30), 4),
    big((b) => b.writeUInt32BE(id, 12), 16),
  ];
}

function texts(id: number): (string | null)[] {
  return [
    String(id),
    id % 5 === 0 ? null : `näme ${id % 100}`,
    id % 7 === 0 ? null : String(id / 8),
    String(id % 2 === 1),
    id % 3 === 0 ? null : `2000-01-${String((id % 30) + 1).padStart(2, '0')}`,
    `00000000-0000-0000-0000-0000${id.toString(16).padStart(8, '0')}`,
  ];
}

const range = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i);

function copyMessages(ids: readonly number[]): Buffer {
  const message = (body: Buffer): Buffer => Buffer.concat([Buffer.from('d'), big((b) => b.writeInt32BE(body.length + 4), 4), body]);
  const rows = ids.map((id) => {
    const parts = fields(id).flatMap((field) =>
      field === null ? [big((b) => b.writeInt32BE(-1), 4)] : [big((b) => b.writeInt32BE(field.length), 4), field],
    );
    return message(Buffer.concat([big((b) => b.writeInt16BE(columns.length), 2), ...parts]));
  });
  const header = message(Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1'));
  return Buffer.concat([header, ...rows, message(Buffer.of(0xff, 0xff))]);
}

describe('images of the engine', () => {
  let folder: string;
  let engine: Engine;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gpuparser-images-'));
    engine = new Engine('cpu', 1);
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  async function encode(ids: readonly number[], codec: Codec): Promise<Image> {
    const schema = engine.openSchema(columns, { codec, level: 0, createdBy: 'gpuparser version 0.1.0 (build test)', rowSecurity: false });
    const stream = engine.openStream();
    const batch = schema.openBatch();
    const messages = copyMessages(ids);
    const slot = engine.allocate(messages.length);
    try {
      slot.bytes.set(messages);
      assert.equal(stream.scan(slot, 0, messages.length).rows, ids.length);
      const free = new Promise<void>((resolve) => batch.append(stream, slot, resolve));
      const image = await batch.finish();
      await free;
      return image;
    } finally {
      batch.close();
      schema.close();
      stream.close();
      engine.release(slot);
    }
  }

  /** One image per [first, end), appended from the last to the first. */
  async function joinRanges(
    name: string,
    ranges: readonly (readonly [number, number])[],
    codec: Codec,
  ): Promise<{ file: string; writes: number[] }> {
    const parts: Buffer[] = [];
    const joined = new ParquetJoin(
      { write: async (bytes) => void parts.push(Buffer.from(bytes)) },
      { keyValueMetadata: { table: 'public.t' } },
    );
    for (const [first, end] of [...ranges].reverse()) {
      const image = await encode(range(first, end), codec);
      await joined.append(new MemorySource(image.bytes, name), [first]);
      image.free();
    }
    const writes = parts.map((bytes) => bytes.length);
    await joined.finish();
    const file = path.join(folder, name);
    await writeFile(file, Buffer.concat(parts));
    return { file, writes };
  }

  for (const codec of ['snappy', 'zstd', 'lz4', 'none'] as const)
    it(`become one ${codec} file in table order that every reader sees alike, whole and filtered`, async () => {
      const { file, writes } = await joinRanges(
        `${codec}.parquet`,
        [
          [0, 700],
          [700, 2000],
          [2000, 2001],
          [2001, 3000],
        ],
        codec,
      );
      assert.equal(writes.length, 5, 'the magic, and one write for each image');
      const want = range(0, 3000).map(texts);
      for (const reader of ['hyparquet', 'duckdb', 'pyarrow'] as const) assert.deepEqual((await readRows(reader, file)).rows, want, reader);
      const filter = { column: 'id', low: 1995, high: 2003 };
      for (const reader of ['hyparquet', 'duckdb', 'pyarrow', 'polars'] as const)
        assert.deepEqual(
          (await readRows(reader, file, filter)).rows.map((row) => row[0]),
          range(1995, 2004).map(String),
          reader,
        );
      const { rowGroups } = await inspect(file);
      assert.deepEqual(
        rowGroups.map(({ rows, columns: [id] }) => [rows, id?.min, id?.max, id?.pages !== undefined, id?.hasColumnIndex]),
        [
          [700, '0', '699', true, true],
          [1300, '700', '1999', true, true],
          [1, '2000', '2000', true, true],
          [999, '2001', '2999', true, true],
        ],
      );
    });

  it('of different runs merge, also into a file of an empty table', async () => {
    const { file: first } = await joinRanges(
      'first.parquet',
      [
        [0, 50],
        [50, 90],
      ],
      'snappy',
    );
    const { file: empty } = await joinRanges('empty.parquet', [[0, 0]], 'snappy');
    const { file: second } = await joinRanges('second.parquet', [[90, 200]], 'zstd');
    const target = path.join(folder, 'merged.parquet');
    const summary = await merge([empty, first, second], target);
    assert.deepEqual([summary.rows, summary.rowGroups, summary.warnings], [200, 3, []]);
    for (const reader of ['hyparquet', 'duckdb', 'pyarrow'] as const)
      assert.deepEqual((await readRows(reader, target)).rows, range(0, 200).map(texts), reader);
    assert.deepEqual((await readRows('pyarrow', empty)).rows, []);
  });
});
