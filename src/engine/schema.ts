import { type FlatNode, isNested } from '../plan/nodes.js';
import type { WriterPlan } from '../plan/plan.js';
import { Batch, type Events } from './batch.js';
import { CODECS, ENCODINGS, KINDS, LOGICALS, POLICIES } from './enums.js';
import { type Attribute, Layout, nativeAttribute } from './layout.js';
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

  /** @param attributes of the relation whose pages are read, by attnum, dropped ones too. */
  openLayout(attributes: readonly Attribute[]): Layout {
    const native = attributes.map(nativeAttribute);
    return new Layout(
      this.#library,
      open((out, status) => this.#library.layoutOpen(this.#handle, native, native.length, out, status)),
    );
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
