import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import { readFooter } from '../parquet/footer.js';
import type { DataPage } from '../parquet/pages/column-pages.js';
import { PageError } from '../parquet/pages/hybrid.js';
import { type Leaf, leavesOf } from '../parquet/pages/levels.js';
import { type Codecs, RowGroupReader } from '../parquet/pages/row-group-reader.js';
import type { ValueBlock } from '../parquet/pages/value-block.js';
import { parseSchema, type SchemaNode } from '../parquet/schema.js';
import type { Store } from '../sink/store.js';
import { isGroup } from './canonical-sql.js';
import { canonicalText } from './canonical-text.js';
import type { Comparand } from './comparand.js';
import { throwIfAborted } from './contents.js';
import { LeafCursor } from './leaf-cursor.js';
import { NestedText } from './nested-text.js';
import { type Hash64, HashSum, hashBytes, hashElement, RowHashes } from './text-hash.js';

/** What a table's files, or its server, hold: rows, and a sum of hashes per column and of whole rows. */
export interface TableSums {
  readonly rows: number;
  /** Of columns that cannot be compared, no values. */
  readonly columns: readonly HashSum[];
  readonly wholeRows: HashSum;
}

/**
 * Sums the hashes of all values in the files of a table, one column chunk in memory at a time.
 * @param columns as the files have them
 * @throws GpuParserError FILE for a file that cannot be read to its end.
 */
export async function fileChecksums(
  store: Store,
  files: readonly string[],
  columns: readonly Comparand[],
  codecs: Codecs,
  signal: AbortSignal | undefined,
  onRows: (rows: number) => void,
): Promise<TableSums> {
  const sums = columns.map(() => new HashSum());
  const wholeRows = new HashSum();
  let rows = 0;
  for (const file of files) {
    const source = await store.open(file);
    try {
      const footer = await readFooter(source);
      const schema = parseSchema(footer.schema, file);
      const leaves = leavesOf(schema);
      for (const [number, range] of footer.rowGroups.entries()) {
        const group = new RowGroupReader(source, footer, range, leaves, codecs);
        const rowHashes = new RowHashes(group.rows);
        let first = 0;
        for (const [i, node] of schema.root.children.entries()) {
          throwIfAborted(signal);
          try {
            const column = columns[i] as Comparand;
            if (column.sql !== undefined) await addColumn(group, leaves, first, node, column, sums[i] as HashSum, rowHashes);
            first += leafCount(node);
          } catch (error) {
            if (!(error instanceof PageError)) throw error;
            throw new GpuParserError('FILE', `${file} cannot be read: column "${node.name}", row group ${number}, ${error.message}.`, {
              hint: 'Run verify with --deep to see all that is wrong.',
              cause: error,
            });
          }
        }
        rowHashes.addTo(wholeRows);
        onRows(rows + group.rows);
        rows += group.rows;
      }
    } finally {
      await source.close();
    }
  }
  return { rows, columns: sums, wholeRows };
}

const leafCount = (node: SchemaNode): number =>
  node.type === undefined ? node.children.reduce((sum, child) => sum + leafCount(child), 0) : 1;

async function addColumn(
  group: RowGroupReader,
  leaves: readonly Leaf[],
  first: number,
  node: SchemaNode,
  { column, converted }: Comparand,
  sum: HashSum,
  rows: RowHashes,
): Promise<void> {
  if (isGroup(column)) {
    const cursors: LeafCursor[] = [];
    for (let i = first; i < first + leafCount(node); i++) cursors.push(new LeafCursor(await group.pages(i), leaves[i] as Leaf));
    addNested(new NestedText(node, column, cursors, converted), group.rows, sum, rows);
    return;
  }
  const hasher = new TextHasher();
  const text = canonicalText(node, column, converted);
  if (text === undefined) throw new PageError(`its type is not that of ${column.parquetType}`);
  const hashValue =
    text === 'bytes'
      ? (block: ValueBlock, i: number) => hasher.bytes(block, i)
      : (block: ValueBlock, i: number) => hasher.text(text(block, i));
  let row = 0;
  let dictionary: Hashes | undefined;
  for (const page of await group.pages(first)) {
    if (page.indices !== undefined && dictionary?.block !== page.values) dictionary = hashAll(page.values, hashValue);
    row = addPage(page, dictionary, (leaves[first] as Leaf).maxDefinition, hashValue, sum, rows, row);
  }
  if (row !== group.rows) throw new PageError(`it holds ${counted(row, 'value')}, the row group ${count(group.rows)}`);
}

function addPage(
  page: DataPage,
  dictionary: Hashes | undefined,
  maxDefinition: number,
  hashValue: (block: ValueBlock, i: number) => Hash64,
  sum: HashSum,
  rows: RowHashes,
  firstRow: number,
): number {
  const { count, definitions, values, indices } = page;
  const element: Hash64 = { hi: 0, lo: 0 };
  let next = 0;
  for (let i = 0; i < count; i++) {
    if (definitions !== undefined && definitions[i] !== maxDefinition) {
      rows.add(firstRow + i, 0, 0);
    } else if (indices !== undefined && dictionary !== undefined) {
      const k = 4 * (indices[next++] as number);
      const { words } = dictionary;
      sum.values++;
      sum.addPair(words[k] as number, words[k + 1] as number);
      rows.add(firstRow + i, words[k + 2] as number, words[k + 3] as number);
    } else {
      const found = hashValue(values, next++);
      sum.add(found);
      hashElement(found, element);
      rows.add(firstRow + i, element.hi, element.lo);
    }
  }
  return firstRow + count;
}

/** A dictionary's hashes: of each value the hash and that of the hash as an array's element. */
interface Hashes {
  readonly block: ValueBlock;
  readonly words: Uint32Array;
}

function hashAll(block: ValueBlock, hashValue: (block: ValueBlock, i: number) => Hash64): Hashes {
  const words = new Uint32Array(4 * block.count);
  const element: Hash64 = { hi: 0, lo: 0 };
  for (let i = 0; i < block.count; i++) {
    const found = hashValue(block, i);
    hashElement(found, element);
    words.set([found.hi, found.lo, element.hi, element.lo], 4 * i);
  }
  return { block, words };
}

function addNested(nested: NestedText, count: number, sum: HashSum, rows: RowHashes): void {
  const found: Hash64 = { hi: 0, lo: 0 };
  const element: Hash64 = { hi: 0, lo: 0 };
  for (let row = 0; row < count; row++) {
    if (!nested.row()) {
      rows.add(row, 0, 0);
      continue;
    }
    hashBytes(nested.text.memory, 0, nested.text.length, found);
    sum.add(found);
    hashElement(found, element);
    rows.add(row, element.hi, element.lo);
  }
  nested.end();
}

/** Hashes texts through one buffer. */
class TextHasher {
  readonly #buffer = Buffer.alloc(512);
  readonly #found: Hash64 = { hi: 0, lo: 0 };

  bytes(block: ValueBlock, i: number): Hash64 {
    hashBytes(block.bytes, block.start(i), block.end(i), this.#found);
    return this.#found;
  }

  /** Of ASCII characters, at most 512. */
  text(text: string): Hash64 {
    const buffer = this.#buffer;
    for (let i = 0; i < text.length; i++) buffer[i] = text.charCodeAt(i);
    hashBytes(buffer, 0, text.length, this.#found);
    return this.#found;
  }
}
