import { open } from 'node:fs/promises';
import type { Image } from '../../src/engine/batch.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Slot } from '../../src/engine/slot.js';
import type { Codec } from '../../src/options.js';
import { parseFooter } from '../../src/parquet/footer.js';
import { ParquetJoin } from '../../src/parquet/join.js';
import { MemorySource } from '../../src/parquet/source.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { int2, int4, type Row } from './rows.js';

/** CopyData messages as a server sends them: the first carries the COPY header, the last the trailer. */
export function copyMessages(rows: readonly Row[]): Buffer[] {
  const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
  const bodies = rows.map((row) => [
    int2(row.length),
    ...row.flatMap((field) => (field === null ? [int4(-1)] : [int4(field.length), field])),
  ]);
  bodies.push([int2(-1)]);
  return bodies.map((parts, i) => {
    const body = Buffer.concat(i === 0 ? [header, ...parts] : parts);
    return Buffer.concat([Buffer.from('d'), int4(body.length + 4), body]);
  });
}

export interface EncodeOptions {
  readonly codec?: Codec;
  /** Rows per batch. Default: all in one. */
  readonly batchRows?: number;
  /** Bytes per slot; a longer message gets a slot of its own. Default 64 KiB. */
  readonly slotBytes?: number;
}

export const keyValueMetadata = { 'gpuparser.test': 'same for both engines' };

/** Encodes rows on a device. `each` gets the images in row order and frees nothing. Returns the engine's notes. */
export async function encode(
  engine: Engine,
  columns: readonly ColumnPlan[],
  rows: readonly Row[],
  { codec = 'snappy', batchRows = Math.max(1, rows.length), slotBytes = 64 << 10 }: EncodeOptions,
  each: (image: Image) => Promise<void>,
): Promise<string[]> {
  const schema = engine.openSchema(columns, { codec, level: 0, createdBy: 'gpuparser version 0.0.0 (build test)', rowSecurity: false });
  const stream = engine.openStream();
  const notes: string[] = [];
  try {
    const messages = copyMessages(rows);
    for (let first = 0; first < Math.max(1, rows.length); first += batchRows) {
      const last = first + batchRows >= rows.length;
      const batch = schema.openBatch();
      try {
        for (const slot of fill(engine, messages.slice(first, last ? messages.length : first + batchRows), slotBytes)) {
          stream.scan(slot.slot, 0, slot.bytes);
          batch.append(stream, slot.slot, () => engine.release(slot.slot));
        }
        const image = await batch.finish();
        if (image.note !== undefined) notes.push(image.note);
        await each(image);
        image.free();
      } finally {
        batch.close();
      }
    }
    return notes;
  } finally {
    stream.close();
    schema.close();
  }
}

function* fill(engine: Engine, messages: readonly Buffer[], slotBytes: number): Generator<{ slot: Slot; bytes: number }> {
  let held: Buffer[] = [];
  let size = 0;
  const flush = () => {
    const slot = engine.allocate(Math.max(size, 64));
    slot.bytes.set(Buffer.concat(held));
    const bytes = size;
    held = [];
    size = 0;
    return { slot, bytes };
  };
  for (const message of messages) {
    if (size > 0 && size + message.length > slotBytes) yield flush();
    held.push(message);
    size += message.length;
  }
  if (size > 0) yield flush();
}

/** Encodes rows into a file as a worker would. */
export async function encodeFile(
  engine: Engine,
  columns: readonly ColumnPlan[],
  rows: readonly Row[],
  options: EncodeOptions,
  path: string,
): Promise<string[]> {
  const file = await open(path, 'w');
  try {
    const sink = { write: async (bytes: Uint8Array) => void (await file.write(bytes)) };
    const writer = { codec: options.codec ?? 'snappy', level: 0, createdBy: '', rowSecurity: false };
    const schema = engine.openSchema(columns, writer);
    const elements = parseFooter(schema.describe(), 'the schema').schema;
    schema.close();
    const base = { keyValueMetadata, createdBy: 'gpuparser version 0.0.0 (build test)' };
    const join = new ParquetJoin(sink, engine.imageWriter === 'cudf' ? { ...base, schema: elements, statistics: 'repair' } : base);
    let order = 0;
    const notes = await encode(engine, columns, rows, options, (image) => join.append(new MemorySource(image.bytes, path), [order++]));
    await join.finish();
    return notes;
  } finally {
    await file.close();
  }
}
