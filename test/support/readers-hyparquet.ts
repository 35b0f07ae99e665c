import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { compressors } from 'hyparquet-compressors';
import { dateText, timestampText, timeText } from '../../src/parquet/civil.js';
import { decimalText, doubleText, hexText, uuidText } from '../../src/parquet/values.js';
import { structText } from './readers-duckdb.js';
import type { Filter, Rows } from './rows.js';

/**
 * hyparquet makes floats of decimals and milliseconds of times: its reading is used down to the physical values, which are
 * put into their normal form here.
 */
export async function readWithHyparquet(path: string, filter?: Filter): Promise<Rows> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children;
  const annotated = new Map(columns.map((column) => [column.element.name, copyTree(column)]));
  for (const column of columns) stripLeaves(column);
  if (columns.length === 0) return { columns: [], rows: Array.from({ length: Number(metadata.num_rows) }, () => []) };
  const condition =
    filter === undefined
      ? {}
      : {
          filter: {
            [filter.column]: { $gte: bound(metadata, filter.column, filter.low), $lte: bound(metadata, filter.column, filter.high) },
          },
        };
  const objects = await parquetReadObjects({ file, metadata, compressors, utf8: false, usePageIndex: true, ...condition });
  const names = columns.map((column) => column.element.name);
  return { columns: names, rows: objects.map((row) => names.map((name) => cell(annotated.get(name) as SchemaTree, row[name]))) };
}

function bound(metadata: FileMetaData, column: string, value: number): number | bigint {
  return metadata.schema.find((element) => element.name === column)?.type === 'INT64' ? BigInt(value) : value;
}

function copyTree(tree: SchemaTree): SchemaTree {
  return { ...tree, element: { ...tree.element }, children: tree.children.map(copyTree) };
}

/** Keys and values of a map keep their annotations: hyparquet needs text for an object's keys. */
function stripLeaves(tree: SchemaTree): void {
  if (tree.element.converted_type === 'MAP') return;
  if (tree.children.length === 0) {
    delete tree.element.converted_type;
    delete tree.element.logical_type;
  }
  for (const child of tree.children) stripLeaves(child);
}

type Normal = string | null | Normal[] | { [name: string]: Normal };

function cell(tree: SchemaTree, value: unknown): string | null {
  const plain = normal(tree, value);
  return plain === null || typeof plain === 'string' ? plain : JSON.stringify(plain);
}

function normal(tree: SchemaTree, value: unknown): Normal {
  if (value === null || value === undefined) return null;
  const { element, children } = tree;
  if (element.converted_type === 'LIST' || element.logical_type?.type === 'LIST') {
    const item = children[0]?.children[0] as SchemaTree;
    return (value as unknown[]).map((inner) => normal(item, inner));
  }
  if (element.converted_type === 'MAP') {
    const item = children[0]?.children[1] as SchemaTree;
    return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, normal(item, inner)]));
  }
  if (children.length === 0) return scalar(element, value);
  return structText(
    Object.fromEntries(
      children.map((child) => [child.element.name, normal(child, (value as Record<string, unknown>)[child.element.name])]),
    ),
  );
}

const unit = { MILLIS: 'ms', MICROS: 'us', NANOS: 'ns' } as const;

function scalar(element: SchemaElement, value: unknown): string {
  const { logical_type: logical, converted_type: converted } = element;
  if (typeof value === 'boolean' || typeof value === 'string') return String(value);
  if (element.type === 'FLOAT' || element.type === 'DOUBLE') return doubleText(value as number);
  if (value instanceof Uint8Array) {
    if (logical?.type === 'UUID') return uuidText(value);
    if (converted === 'DECIMAL' || logical?.type === 'DECIMAL')
      return decimalText(BigInt.asIntN(value.length * 8, BigInt(`0x${hexText(value).slice(2)}`)), element.scale ?? 0);
    const isText = ['UTF8', 'JSON', 'ENUM'].includes(converted ?? '') || ['STRING', 'JSON', 'ENUM'].includes(logical?.type ?? '');
    return isText ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value) : hexText(value);
  }
  const integer = BigInt(value as number | bigint);
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return decimalText(integer, element.scale ?? 0);
  if (converted === 'DATE' || logical?.type === 'DATE') return dateText(Number(integer));
  if (logical?.type === 'TIME') return timeText(integer, unit[logical.unit]);
  if (logical?.type === 'TIMESTAMP') {
    const text = timestampText(integer, unit[logical.unit]);
    return logical.isAdjustedToUTC ? text.replace(/( BC)?$/, '+00$1') : text;
  }
  const isUnsigned = (logical?.type === 'INTEGER' && !logical.isSigned) || converted?.startsWith('UINT') === true;
  return String(isUnsigned ? BigInt.asUintN(element.type === 'INT32' ? 32 : 64, integer) : integer);
}
