import { count, counted } from '../counted.js';
import type { FileDescription } from '../index.js';
import { bytes, printable } from './format.js';
import { type Column, table } from './table.js';
import { fit, type Paint } from './terminal.js';

type Schema = FileDescription['schema'];
type RowGroup = FileDescription['rowGroups'][number];

/** Row groups shown when not verbose. */
const SHOWN_ROW_GROUPS = 2;
const NAME_WIDTH = 36;
const BOUND_WIDTH = 24;
const METADATA_WIDTH = 120;

/** A Parquet file for people: schema, then row groups with encodings and statistics. */
export function descriptionText(file: FileDescription, verbose: boolean, paint: Paint): string {
  const leaves = file.rowGroups[0]?.columns.length;
  const head = [
    `${paint('bold', printable(file.path))}: ${counted(file.rows, 'row')}, ${counted(file.rowGroups.length, 'row group')}, ${counted(leaves ?? file.schema.length, 'column')}, ${bytes(file.bytes)}`,
    `written by ${file.createdBy === undefined ? 'an unnamed program' : printable(file.createdBy)}; footer ${bytes(file.footerBytes)}`,
  ];
  const parts = [head.join('\n'), schemaTable(file.schema).trimEnd()];
  const groups = verbose ? file.rowGroups : file.rowGroups.slice(0, SHOWN_ROW_GROUPS);
  for (const [index, group] of groups.entries()) parts.push(rowGroupText(index, group, verbose, paint));
  const hidden = file.rowGroups.length - groups.length;
  if (hidden > 0) parts.push(`and ${counted(hidden, 'more row group')}: --verbose shows them all`);
  if (verbose && file.keyValueMetadata.length > 0) {
    parts.push(
      ['metadata', ...file.keyValueMetadata.map(({ key, value }) => `  ${printable(key)} = ${fit(printable(value), METADATA_WIDTH)}`)].join(
        '\n',
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function schemaTable(schema: Schema): string {
  const rows: string[][] = [];
  const add = (columns: Schema, depth: number): void => {
    for (const column of columns) {
      rows.push(['  '.repeat(depth) + column.name, column.type ?? 'group', column.logicalType ?? '', column.repetition]);
      add(column.children, depth + 1);
    }
  };
  add(schema, 0);
  return table([{ title: 'column', max: NAME_WIDTH }, { title: 'type' }, { title: 'means' }, { title: 'repetition' }], rows, '  ');
}

const STATISTICS: readonly Column[] = [
  { title: 'column', max: NAME_WIDTH },
  { title: 'size', align: 'right' },
  { title: 'raw', align: 'right' },
  { title: 'codec' },
  { title: 'encodings' },
  { title: 'pages', align: 'right' },
  { title: 'nulls', align: 'right' },
  { title: 'min', max: BOUND_WIDTH },
  { title: 'max', max: BOUND_WIDTH },
];
const DETAILS: readonly Column[] = [{ title: 'values', align: 'right' }, { title: 'offset', align: 'right' }, { title: 'has' }];

function rowGroupText(index: number, group: RowGroup, verbose: boolean, paint: Paint): string {
  const title = `row group ${index}: ${counted(group.rows, 'row')}, ${bytes(group.compressedBytes)} (${bytes(group.uncompressedBytes)} before compression)`;
  const rows = group.columns.map((column) => {
    const cells = [
      column.path,
      bytes(column.compressedBytes),
      bytes(column.uncompressedBytes),
      column.codec.toLowerCase(),
      column.encodings.join(' '),
      column.pages === undefined ? '?' : count(column.pages),
      column.nulls === undefined ? '?' : count(column.nulls),
      bound(column.min, column.minExact),
      bound(column.max, column.maxExact),
    ];
    if (!verbose) return cells;
    const has = [column.hasDictionary && 'dictionary', column.hasColumnIndex && 'column index', column.hasBloomFilter && 'bloom filter'];
    return [...cells, count(column.values), count(column.offset), has.filter(Boolean).join(', ')];
  });
  return `${paint('bold', title)}\n${table(verbose ? [...STATISTICS, ...DETAILS] : STATISTICS, rows, '  ').trimEnd()}`;
}

/** A bound that was cut off in the file ends in a tilde. */
function bound(text: string | undefined, exact: boolean | undefined): string {
  if (text === undefined) return '';
  return exact === false ? `${fit(text, BOUND_WIDTH - 1)}~` : text;
}
