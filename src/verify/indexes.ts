import { count, counted } from '../counted.js';
import { OffsetIndexField, PageLocationField as P } from '../parquet/format.js';
import { compareBounds } from '../parquet/order.js';
import type { SchemaNode } from '../parquet/schema.js';
import { intField, listField, longField } from '../parquet/thrift/access.js';
import { CompactReader } from '../parquet/thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from '../parquet/thrift/types.js';
import type { Report } from './problems.js';
import { short } from './statistics.js';

const ColumnIndexField = { nullPages: 1, minValues: 2, maxValues: 3, nullCounts: 5 } as const;

/** What decoding a page found. */
export interface PageFacts {
  /** From its header to its end, in the column chunk. */
  readonly from: number;
  readonly to: number;
  readonly firstRow: number;
  readonly nulls: number;
  readonly count: number;
  /** Undefined where no value has a place in the column's order. */
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

interface Indexes {
  readonly columnIndexBytes: Uint8Array | undefined;
  readonly offsetIndexBytes: Uint8Array | undefined;
  /** Of the column chunk, in the file. */
  readonly chunkOffset: number;
  /** Of the file, for messages. */
  readonly name: string;
  readonly column: SchemaNode;
  readonly pages: readonly PageFacts[];
}

/** Compares the page indexes, by which readers skip pages, with the pages. */
export function checkIndexes(indexes: Indexes, report: Report): void {
  checkOffsets(indexes, report);
  checkBounds(indexes, report);
}

function checkOffsets({ offsetIndexBytes, chunkOffset, name, pages }: Indexes, report: Report): void {
  if (offsetIndexBytes === undefined) return;
  const places =
    listField<ThriftStruct>(new CompactReader(offsetIndexBytes, name).struct(), OffsetIndexField.pageLocations, T.STRUCT) ?? [];
  if (places.length !== pages.length) {
    report('indexes', `its offset index lists ${counted(places.length, 'page')}, there are ${count(pages.length)}`);
    return;
  }
  for (const [i, page] of pages.entries()) {
    const place = places[i] as ThriftStruct;
    const [offset, bytes, row] = [longField(place, P.offset), intField(place, P.compressedPageSize), longField(place, P.firstRowIndex)];
    if (offset === chunkOffset + page.from && bytes === page.to - page.from && row === page.firstRow) continue;
    report(
      'indexes',
      `page ${i} is ${page.to - page.from} B from ${chunkOffset + page.from} and begins with row ${page.firstRow}, its offset index says ${bytes} B from ${offset} and row ${row}`,
    );
    return;
  }
}

function checkBounds({ columnIndexBytes, name, column, pages }: Indexes, report: Report): void {
  if (columnIndexBytes === undefined) return;
  const index = new CompactReader(columnIndexBytes, name).struct();
  const nullPages =
    listField<boolean>(index, ColumnIndexField.nullPages, T.BOOL) ?? listField<boolean>(index, ColumnIndexField.nullPages, T.FALSE) ?? [];
  const mins = listField<Uint8Array>(index, ColumnIndexField.minValues, T.BINARY) ?? [];
  const maxs = listField<Uint8Array>(index, ColumnIndexField.maxValues, T.BINARY) ?? [];
  const nullCounts = listField<number | bigint>(index, ColumnIndexField.nullCounts, T.I64);
  if ([nullPages.length, mins.length, maxs.length, nullCounts?.length ?? pages.length].some((length) => length !== pages.length)) {
    report('indexes', `its column index does not list ${counted(pages.length, 'page')}`);
    return;
  }
  for (const [i, page] of pages.entries()) {
    const allNull = page.nulls === page.count;
    if (nullPages[i] !== allNull) report('indexes', `its column index says that page ${i} ${allNull ? 'has values' : 'is all NULL'}`);
    const nulls = nullCounts?.[i];
    if (nulls !== undefined && Number(nulls) !== page.nulls)
      report('indexes', `page ${i} holds ${page.nulls} NULLs, its column index says ${nulls}`);
    if (allNull) continue;
    const { min, max } = page;
    const [low, high] = [mins[i] as Uint8Array, maxs[i] as Uint8Array];
    if (min !== undefined && (compareBounds(column, low, min) ?? 0) > 0)
      report('indexes', `page ${i} begins at ${short(column, min)}, its column index says ${short(column, low)}`);
    if (max !== undefined && (compareBounds(column, high, max) ?? 0) < 0)
      report('indexes', `page ${i} ends at ${short(column, max)}, its column index says ${short(column, high)}`);
  }
}
