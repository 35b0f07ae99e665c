import type { Codec, Encodings } from '../options.js';
import { type FlatNode, isNested } from '../plan/nodes.js';
import type { Kind, NodePlan, Policy, WriterPlan } from '../plan/plan.js';
import { Batch, type Events } from './batch.js';
import type { Library } from './library.js';
import { check, newStatus, open, type Pointer } from './status.js';
import { readInt64 } from './stream.js';

/** Columns and writer options, with every per-column decision made. */
export class Schema {
  readonly #library: Library;
  readonly #handle: Pointer;
  readonly #events: Events;
  readonly #nextId: () => number;

  /** @param nextId numbers batches so that no two of an engine are alike. */
  constructor(library: Library, handle: Pointer, events: Events, nextId: () => number) {
    this.#library = library;
    this.#handle = handle;
    this.#events = events;
    this.#nextId = nextId;
  }

  /** The FileMetaData, Thrift bytes, of a file of this schema without rows: it has the schema's elements, the same with every engine. */
  describe(): Uint8Array {
    const status = newStatus();
    const length = Buffer.alloc(8);
    for (let bytes = Buffer.alloc(64 << 10); ; bytes = Buffer.alloc(readInt64(length, 0))) {
      check(this.#library.schemaDescribe(this.#handle, bytes, bytes.length, length, status), status);
      if (readInt64(length, 0) <= bytes.length) return bytes.subarray(0, readInt64(length, 0));
    }
  }

  openBatch(): Batch {
    const id = this.#nextId();
    const handle = open((out, status) => this.#library.batchOpen(this.#handle, id, out, status));
    return new Batch(this.#events, this.#library, handle, id);
  }

  close(): void {
    this.#library.schemaClose(this.#handle);
  }
}

const KINDS: Readonly<Record<Kind, number>> = {
  bool: 1,
  int2: 2,
  int4: 3,
  int8: 4,
  oid: 5,
  float4: 6,
  float8: 7,
  decimal: 8,
  numeric_double: 9,
  numeric_text: 10,
  money: 11,
  text: 12,
  jsonb: 13,
  bytea: 14,
  uuid: 15,
  date: 16,
  timestamp: 17,
  timestamptz: 18,
  time: 19,
  interval: 20,
  char: 21,
  utf8: 22,
  geometry: 23,
  list: 32,
  struct: 33,
  map: 34,
  range: 35,
  multirange: 36,
  vector: 37,
  halfvec: 38,
};
const LOGICALS: Readonly<Record<NodePlan['logical'], number>> = { none: 0, string: 1, json: 2, enum: 3 };
const POLICIES: Readonly<Record<Policy, number>> = { error: 0, null: 1, saturate: 2 };
const CODECS: Readonly<Record<Codec, number>> = { none: 0, snappy: 1, zstd: 2, lz4: 3 };
const ENCODINGS: Readonly<Record<Encodings, number>> = { compatible: 0, auto: 1 };

/** A gp_column. */
export function nativeColumn({ node, column, parent }: FlatNode): object {
  return {
    name: node.name,
    kind: KINDS[node.kind],
    required: node.required ? 1 : 0,
    precision: node.precision,
    scale: node.scale,
    logical: LOGICALS[node.logical],
    on_nan: POLICIES[node.onNan],
    on_infinity: POLICIES[node.onInfinity],
    parent,
    bloom_filter: column.bloomFilter && node.kind !== 'bool' && !isNested(node.kind) ? 1 : 0,
    reserved: 0,
  };
}

/** A gp_writer_options. */
export function nativeWriter(writer: WriterPlan): object {
  return {
    codec: CODECS[writer.codec],
    level: writer.level,
    page_bytes: 0,
    statistics_bytes: 0,
    dictionary: 1,
    created_by: writer.createdBy,
    encodings: ENCODINGS[writer.encodings ?? 'compatible'],
    reserved: 0,
  };
}
