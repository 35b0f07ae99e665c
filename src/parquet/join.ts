import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { ByteSource } from '../sink/byte-source.js';
import { damaged } from '../sink/byte-source.js';
import { bloomFilterRange, copyRanges } from './copy.js';
import { fillRowGroup } from './fill-row-group.js';
import { readFooter } from './footer.js';
import { magic, physicalTypes, SizeStatisticsField } from './format.js';
import { type MovedRowGroup, moveRowGroup } from './move-row-group.js';
import { type PageIndexes, packColumnIndexes, packOffsetIndexes } from './page-indexes.js';
import { type ChunkPlace, locateRowGroup } from './row-group.js';
import { BufferedSink, type ByteSink } from './sink.js';
import { commonSorting, readSorting, type SortingColumn } from './sorting.js';
import { type Range, readRanges } from './source.js';
import { changeStatistics, hasWrongHistograms, type StatisticsRule, without } from './statistics.js';
import { Target } from './target.js';
import { CompactReader } from './thrift/reader.js';
import type { ThriftStruct } from './thrift/types.js';
import { CompactWriter } from './thrift/writer.js';

export interface JoinOptions {
  /** The file's key-value metadata. Default: the first source's. */
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
  /** Default: the first source's. */
  readonly createdBy?: string;
  /**
   * The file's SchemaElements, for sources whose writer cannot express them all: they must lay out the same columns, but may
   * give them other names and annotations. Default: the first source's.
   */
  readonly schema?: readonly ThriftStruct[];
  /** What to change in column chunks' statistics. Default: nothing. */
  readonly statistics?: StatisticsRule;
  /** Each of the sources' sorting columns is in order by itself, as the CPU engine means them. Default: as the format means them. */
  readonly sortedAlone?: boolean;
}

export interface JoinResult {
  readonly rows: number;
  readonly rowGroups: number;
  /** Of the file. */
  readonly bytes: number;
}

/** What is kept of a row group until the footer is written: bytes, no objects per column. */
interface KeptRowGroup {
  readonly order: readonly number[];
  readonly group: MovedRowGroup;
  readonly rows: number;
  readonly sorting: readonly SortingColumn[];
  readonly columnIndexes: PageIndexes;
  readonly offsetIndexes: PageIndexes;
}

/**
 * Joins Parquet files into one without touching a page: column chunks are copied as they come, and the footer lists the row
 * groups by `order`. Every page index stands before the footer, column indexes first, in footer order, because readers fetch
 * them as one range. Calls may overlap: they are served one after the other. After an error the output is worthless, and every
 * later call fails with the same error.
 */
export class ParquetJoin {
  readonly #sink: ByteSink;
  readonly #options: JoinOptions;
  readonly #kept: KeptRowGroup[] = [];
  readonly #scratch = new CompactWriter(64 * 1024);
  #target: Target | undefined;
  #position = 0;
  #rows = 0;
  #chain: Promise<unknown> = Promise.resolve();

  constructor(sink: ByteSink, options: JoinOptions = {}) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * Copies a file's row groups. order: where they stand in the footer, compared number by number, [2, 10] before [3]. The
   * source is not used after the promise settles. Errors: FILE when it is not a whole Parquet file or has another schema.
   */
  append(source: ByteSource, order: readonly number[]): Promise<void> {
    return this.#next(() => this.#append(source, order));
  }

  /** Writes indexes and footer. Call it once, after the last append. */
  finish(): Promise<JoinResult> {
    return this.#next(() => this.#finish());
  }

  #next<R>(step: () => Promise<R>): Promise<R> {
    const result = this.#chain.then(step);
    this.#chain = result;
    // The caller gets the rejection; this keeps a chain that nobody awaits any more from ending the process.
    result.catch(() => undefined);
    return result;
  }

  async #append(source: ByteSource, order: readonly number[]): Promise<void> {
    const footer = await readFooter(source);
    if (this.#target === undefined) {
      this.#target = new Target(footer, source.name, this.#options);
      await this.#sink.write(magic);
      this.#position = magic.length;
    } else this.#target.accept(footer, source.name);
    let rows = 0;
    for (const [index, range] of footer.rowGroups.entries())
      rows += await this.#appendRowGroup(source, footer.bytes, range, this.#target, [...order, index]);
    if (rows !== footer.numRows)
      throw damaged(source.name, `its footer says ${counted(footer.numRows, 'row')}, its row groups ${count(rows)}`);
    this.#rows += rows;
  }

  /** Returns its rows. */
  async #appendRowGroup(source: ByteSource, footer: Uint8Array, range: Range, target: Target, order: readonly number[]): Promise<number> {
    const reader = (): CompactReader => new CompactReader(footer, source.name, range.offset, range.offset + range.length);
    const { rows, chunks, sorted } = locateRowGroup(reader(), source.name);
    checkColumns(chunks, target, source.name);

    const ranges = chunks.map((chunk) => chunk.pages);
    const bloomFilters = new Int32Array(chunks.length).fill(-1);
    for (const [i, chunk] of chunks.entries()) {
      if (chunk.bloomFilterOffset === undefined) continue;
      bloomFilters[i] = ranges.push(await bloomFilterRange(source, chunk.bloomFilterOffset, chunk.bloomFilterLength)) - 1;
    }
    const { shifts, position } = await copyRanges(source, this.#sink, ranges, this.#position);
    this.#position = position;

    const lostColumnIndexes = new Set<number>();
    const rule = this.#options.statistics;
    const { leaves } = target.schema;
    const { paths } = target;
    const wrongHistograms = (chunk: number) => hasWrongHistograms(rule, leaves[chunk] as (typeof leaves)[number]);
    const group = moveRowGroup(
      reader(),
      chunks.length,
      {
        pageShift: (chunk) => shifts[chunk] as number,
        bloomFilterShift: (chunk) => shifts[bloomFilters[chunk] as number] ?? 0,
        fileOffset: chunks[0] === undefined ? 0 : chunks[0].pages.offset + (shifts[0] as number),
        ...(paths === undefined ? {} : { path: (chunk: number) => paths[chunk] }),
        ...(rule === undefined
          ? {}
          : {
              statistics: (chunk: number, statistics: ThriftStruct) => {
                const changed = changeStatistics(rule, leaves[chunk] as (typeof leaves)[number], statistics);
                if (changed.dropColumnIndex) lostColumnIndexes.add(chunk);
                return changed.statistics;
              },
              sizeStatistics: (chunk: number, statistics: ThriftStruct) =>
                wrongHistograms(chunk) ? without(statistics, SizeStatisticsField) : undefined,
            }),
      },
      this.#scratch,
    );
    const columnIndexes = await readRanges(
      source,
      chunks.map((chunk, i) => (lostColumnIndexes.has(i) ? undefined : chunk.columnIndex)),
    );
    const offsetIndexes = await readRanges(
      source,
      chunks.map((chunk) => chunk.offsetIndex),
    );
    this.#kept.push({
      order,
      group,
      rows,
      sorting: sorted ? readSorting(reader()) : [],
      columnIndexes: packColumnIndexes(columnIndexes, wrongHistograms, source.name, this.#scratch),
      offsetIndexes: packOffsetIndexes(offsetIndexes, chunks, shifts, source.name, this.#scratch),
    });
    return rows;
  }

  async #finish(): Promise<JoinResult> {
    const target = this.#target;
    if (target === undefined) throw new GpuParserError('INTERNAL', 'A Parquet file needs at least one image, for its schema.');
    const kept = this.#kept.sort((a, b) => compareOrder(a.order, b.order));
    const sink = new BufferedSink(this.#sink);
    const writer = this.#scratch;
    writer.reset();
    const write = async (bytes: Uint8Array): Promise<void> => {
      await sink.write(bytes);
      this.#position += bytes.length;
    };

    let columnIndexAt = this.#position;
    for (const row of kept) await write(row.columnIndexes.take());
    let offsetIndexAt = this.#position;
    for (const row of kept) await write(row.offsetIndexes.take());

    const sorting = commonSorting(
      kept.filter(({ rows }) => rows > 0).map((row) => row.sorting),
      target.schema.leaves,
      this.#options.sortedAlone ?? false,
    );
    const footerAt = this.#position;
    target.writeHead(writer, this.#rows, kept.length);
    for (const [ordinal, row] of kept.entries()) {
      const places = fillRowGroup(row, columnIndexAt, offsetIndexAt, ordinal, sorting, writer);
      columnIndexAt = places.columnIndexAt;
      offsetIndexAt = places.offsetIndexAt;
      await write(writer.view());
      writer.reset();
    }
    target.writeTail(writer);
    await write(writer.view());
    const length = this.#position - footerAt;
    // Readers take the length as a signed 32-bit number.
    if (length > 0x7fffffff)
      throw new GpuParserError('OUTPUT', `The file's footer would be ${counted(length, 'byte')} long; Parquet allows 2,147,483,647.`, {
        hint: 'Export to more chunks (--chunks), or merge fewer files into one.',
      });
    const end = new Uint8Array(8);
    new DataView(end.buffer).setUint32(0, length, true);
    end.set(magic, 4);
    await write(end);
    await sink.flush();
    return { rows: this.#rows, rowGroups: kept.length, bytes: this.#position };
  }
}

function checkColumns(chunks: readonly ChunkPlace[], target: Target, name: string): void {
  const { leaves } = target.schema;
  if (chunks.length !== leaves.length)
    throw damaged(name, `a row group has ${counted(chunks.length, 'column chunk')}, the schema ${counted(leaves.length, 'column')}`);
  for (const [i, chunk] of chunks.entries())
    if (physicalTypes[chunk.type] !== leaves[i]?.type)
      throw damaged(name, `a column chunk of ${JSON.stringify(leaves[i]?.path.join('.'))} has another type than the schema says`);
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
