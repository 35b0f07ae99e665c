import { GpuParserError } from '../errors.js';
import type { Footer } from './footer.js';
import { FileMetaDataField as F } from './format.js';
import { layoutDifference, parseSchema, type Schema, schemaDifference } from './schema.js';
import { ThriftType as T, type ThriftField, type ThriftStruct } from './thrift/types.js';
import { CompactWriter } from './thrift/writer.js';

export interface TargetOptions {
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
  readonly createdBy?: string;
  readonly schema?: readonly ThriftStruct[];
}

/** What a joined file says about itself besides its row groups, and which sources may join. */
export class Target {
  /** Of the sources; a given schema lays out the same columns. */
  readonly schema: Schema;
  /** path_in_schema per column, where a given schema names columns otherwise than the sources. */
  readonly paths: readonly (readonly Uint8Array[])[] | undefined;
  readonly #name: string;
  readonly #schemaBytes: Uint8Array;
  readonly #columnOrders: Uint8Array;
  /** The fields behind the row groups, encoded at once: the source's memory is gone when the footer is written. */
  readonly #tail: Uint8Array;
  /** Schema bytes of the last source that was found equal: sources of one writer need no second look. */
  #equal: Uint8Array;
  #version: number;

  constructor(footer: Footer, name: string, options: TargetOptions) {
    this.schema = parseSchema(footer.schema, name);
    this.#name = name;
    this.#version = footer.version;
    this.#equal = footer.schemaBytes;
    this.#columnOrders = columnOrdersOf(footer);
    this.#tail = encodeTail(tailFields(footer.others, options));
    if (options.schema === undefined) {
      this.#schemaBytes = footer.schemaBytes;
    } else {
      const given = parseSchema(options.schema, 'the given schema');
      const difference = layoutDifference(this.schema, given);
      if (difference !== undefined) throw new GpuParserError('INTERNAL', `${name} does not fit the given schema: ${difference}.`);
      const encode = new TextEncoder();
      this.paths = given.leaves.map((leaf) => leaf.path.map((part) => encode.encode(part)));
      const writer = new CompactWriter();
      writer.value(T.LIST, { elementType: T.STRUCT, values: options.schema });
      this.#schemaBytes = writer.copy();
    }
  }

  /** Errors: FILE when a source cannot be part of the same file; it names the first difference. */
  accept(footer: Footer, name: string): void {
    if (Buffer.compare(this.#equal, footer.schemaBytes) !== 0) {
      const schema = parseSchema(footer.schema, name);
      const difference =
        this.paths === undefined ? schemaDifference(this.schema, this.#name, schema, name) : layoutDifference(schema, this.schema);
      if (difference !== undefined)
        throw new GpuParserError('FILE', `The files have different schemas: ${difference}.`, {
          hint: 'Only files with the same columns and types can become one file.',
        });
      this.#equal = footer.schemaBytes;
    }
    const columnOrders = columnOrdersOf(footer);
    if (Buffer.compare(this.#columnOrders, columnOrders) !== 0) {
      const [says, doesNot] = columnOrders.length === 0 ? [this.#name, name] : [name, this.#name];
      const silent = columnOrders.length === 0 || this.#columnOrders.length === 0;
      const difference = silent
        ? `${says} says by which rules its values are sorted, ${doesNot} does not`
        : `${says} and ${doesNot} sort their values by different rules`;
      throw new GpuParserError('FILE', `The files' statistics cannot stand in one file: ${difference} (column_orders).`, {
        hint: 'Write the files with one tool, or rewrite one of them.',
      });
    }
    this.#version = Math.max(this.#version, footer.version);
  }

  /** Writes the FileMetaData up to the header of its list of row groups. */
  writeHead(writer: CompactWriter, rows: number, rowGroups: number): void {
    writer.fieldHeader(0, F.version, T.I32);
    writer.int(this.#version);
    writer.fieldHeader(F.version, F.schema, T.LIST);
    writer.raw(this.#schemaBytes);
    writer.fieldHeader(F.schema, F.numRows, T.I64);
    writer.int(rows);
    writer.fieldHeader(F.numRows, F.rowGroups, T.LIST);
    writer.listHeader(T.STRUCT, rowGroups);
  }

  /** Writes what follows the row groups, stop byte included. */
  writeTail(writer: CompactWriter): void {
    writer.raw(this.#tail);
  }
}

function encodeTail(fields: readonly ThriftField[]): Uint8Array {
  const writer = new CompactWriter();
  let last: number = F.rowGroups;
  for (const field of fields) {
    const isFalse = field.type === T.BOOL && field.value === false;
    writer.fieldHeader(last, field.id, isFalse ? T.FALSE : field.type);
    if (field.type !== T.BOOL) writer.value(field.type, field.value);
    last = field.id;
  }
  writer.byte(0);
  return writer.copy();
}

function tailFields(others: readonly ThriftField[], options: TargetOptions): readonly ThriftField[] {
  const encode = new TextEncoder();
  const set = new Map<number, ThriftField | undefined>();
  for (const field of others) set.set(field.id, field);
  const { keyValueMetadata, createdBy } = options;
  if (createdBy !== undefined) set.set(F.createdBy, { id: F.createdBy, type: T.BINARY, value: encode.encode(createdBy) });
  if (keyValueMetadata !== undefined) {
    const pairs = Object.entries(keyValueMetadata).map(
      ([key, value]): ThriftStruct => ({
        fields: [
          { id: 1, type: T.BINARY, value: encode.encode(key) },
          { id: 2, type: T.BINARY, value: encode.encode(value) },
        ],
      }),
    );
    const list: ThriftField = { id: F.keyValueMetadata, type: T.LIST, value: { elementType: T.STRUCT, values: pairs } };
    set.set(F.keyValueMetadata, pairs.length === 0 ? undefined : list);
  }
  return [...set.values()].filter((field) => field !== undefined).sort((a, b) => a.id - b.id);
}

function columnOrdersOf(footer: Footer): Uint8Array {
  const found = footer.others.find((field) => field.id === F.columnOrders);
  const writer = new CompactWriter();
  if (found !== undefined) writer.value(found.type, found.value);
  return writer.copy();
}
