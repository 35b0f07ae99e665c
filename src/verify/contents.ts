import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { Footer } from '../parquet/footer.js';
import type { DataPage } from '../parquet/pages/column-pages.js';
import { PageError } from '../parquet/pages/hybrid.js';
import { type Leaf, leavesOf } from '../parquet/pages/levels.js';
import { type Codecs, RowGroupReader } from '../parquet/pages/row-group-reader.js';
import type { ValueBlock } from '../parquet/pages/value-block.js';
import type { Schema, SchemaNode } from '../parquet/schema.js';
import { readRanges } from '../parquet/source.js';
import type { ByteSource } from '../sink/byte-source.js';
import type { ManifestEntry } from '../sink/manifest.js';
import { crcText } from '../sink/names.js';
import { Extremes } from './extremes.js';
import { checkIndexes, type PageFacts } from './indexes.js';
import type { Problems } from './problems.js';
import { checkStatistics } from './statistics.js';

const PIECE_BYTES = 1 << 20;

/** Reads every byte of a file: its checksum, then every page of every column, and what statistics and indexes say of them. */
export async function checkContents(
  source: ByteSource,
  footer: Footer,
  schema: Schema,
  chunk: ManifestEntry['chunks'][number],
  codecs: Codecs,
  problems: Problems,
  checked: string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (chunk.crc32 !== undefined) {
    checked.push('checksum');
    const found = await fileCrc(source, signal);
    if (found !== chunk.crc32)
      problems.add('checksum', `Its CRC-32 is ${found}, the manifest says ${chunk.crc32}: its bytes are not those that were written.`, {
        hint: 'Copy the file again, or export the table again with --overwrite.',
      });
  }
  checked.push('pages', 'statistics', 'indexes');
  const leaves = leavesOf(schema);
  for (const [number, range] of footer.rowGroups.entries()) {
    let group: RowGroupReader | undefined;
    await problems.during('pages', () => {
      group = new RowGroupReader(source, footer, range, leaves, codecs);
    });
    if (group === undefined) continue;
    const reader = group;
    for (const [column, leaf] of leaves.entries()) {
      throwIfAborted(signal);
      await problems.during('pages', () => checkColumnChunk(source, reader, number, column, leaf, problems));
    }
  }
}

async function checkColumnChunk(
  source: ByteSource,
  group: RowGroupReader,
  number: number,
  column: number,
  leaf: Leaf,
  problems: Problems,
): Promise<void> {
  const name = leaf.node.path.join('.');
  const at = `column "${name}", row group ${number}`;
  const report = (check: string, what: string) => problems.add(check, `${capital(at)}: ${what}.`, { column: name });
  const pages: PageFacts[] = [];
  const all = new Extremes(leaf.node);
  let [rows, nulls] = [0, 0];
  let dictionary: ValueBlock | undefined;
  try {
    for (const page of await group.pages(column)) {
      if (page.values !== dictionary) checkText(leaf.node, page.values, pages.length);
      if (page.indices !== undefined) dictionary = page.values;
      const extremes = new Extremes(leaf.node);
      extremes.addAll(page.values, page.indices);
      all.merge(extremes);
      const [min, max] = [copyOf(extremes.min), copyOf(extremes.max)];
      pages.push({ from: page.from, to: page.to, firstRow: rows, nulls: page.count - page.present, count: page.count, min, max });
      nulls += page.count - page.present;
      rows += rowsOf(page);
    }
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    report('pages', error.message);
    return;
  }
  if (rows !== group.rows) report('pages', `its pages hold ${counted(rows, 'row')}, the row group ${count(group.rows)}`);
  checkStatistics(group, column, leaf.node, all, nulls, report);
  const { columnIndex, offsetIndex, pages: place } = group.places[column] as (typeof group.places)[number];
  const [columnIndexBytes, offsetIndexBytes] = await readRanges(source, [columnIndex, offsetIndex]);
  checkIndexes({ columnIndexBytes, offsetIndexBytes, chunkOffset: place.offset, name: source.name, column: leaf.node, pages }, report);
}

/** A STRING must be UTF-8: most readers refuse a file, some crash, where it is not. */
function checkText({ annotation, type }: SchemaNode, values: ValueBlock, page: number): void {
  if (type !== 'BYTE_ARRAY' || (annotation !== 'STRING' && annotation !== 'JSON')) return;
  for (let i = 0; i < values.count; i++)
    if (!isUtf8(values.bytes.subarray(values.start(i), values.end(i)))) throw new PageError(`page ${page}: value ${i} is not UTF-8`);
}

/** A page's bound that keeps no page in memory; what an index says of it is decided long before these many bytes. */
const copyOf = (value: Uint8Array | undefined): Uint8Array | undefined => value?.slice(0, 4096);

/** A row begins where nothing repeats. */
function rowsOf({ count, repetitions }: DataPage): number {
  if (repetitions === undefined) return count;
  let rows = 0;
  for (const level of repetitions) if (level === 0) rows++;
  return rows;
}

async function fileCrc(source: ByteSource, signal: AbortSignal | undefined): Promise<string> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, source.size));
  let crc = 0;
  for (let at = 0; at < source.size; at += PIECE_BYTES) {
    throwIfAborted(signal);
    crc = crc32(await source.read(at, Math.min(PIECE_BYTES, source.size - at), buffer), crc);
  }
  return crcText(crc);
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new GpuParserError('INTERRUPTED', 'The verification was interrupted.');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
