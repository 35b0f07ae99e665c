import { readFileSync } from 'node:fs';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { compressors } from 'hyparquet-compressors';
import { dateText, timestampText } from '../../src/parquet/civil.js';
import { doubleText, hexText } from '../../src/parquet/values.js';
import { eachColumn, type Reading } from './reading.js';

/** hyparquet with its default parsers: JavaScript values, as its users get them. readers-hyparquet.ts reads below those. */
export async function observeHyparquet(path: string): Promise<Reading> {
  const file = await asyncBufferFromFile(path);
  const columns = parquetSchema(await parquetMetadataAsync(file)).children;
  const readings = await eachColumn(
    columns.map(({ element }) => element.name),
    async (name, i) => {
      const rows = await parquetReadObjects({ file, compressors, columns: [name] });
      const values = rows.map((row) => row[name] as unknown);
      return { type: typeNames(values), values: values.map((value) => cell(value, columns[i] as SchemaTree)) };
    },
  );
  const manifest = new URL('../../../node_modules/hyparquet/package.json', import.meta.url);
  return { version: (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, columns: readings };
}

function typeNames(values: readonly unknown[]): string {
  const names = values.filter((value) => value !== null && value !== undefined).map(typeName);
  return [...new Set(names)].sort().join(' or ');
}

function typeName(value: unknown): string {
  return typeof value === 'object' ? (value as object).constructor.name : typeof value;
}

type Normal = string | null | Normal[] | { [name: string]: Normal };

function cell(value: unknown, tree: SchemaTree): string | null {
  const plain = normal(value, tree);
  return plain === null || typeof plain === 'string' ? plain : JSON.stringify(plain);
}

function normal(value: unknown, tree: SchemaTree): Normal {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Uint8Array) return hexText(value);
  if (value instanceof Date) return dateOf(value, tree.element);
  // The group of a LIST holds a repeated group, and that the element.
  if (Array.isArray(value)) return value.map((inner) => normal(inner, tree.children[0]?.children[0] ?? tree));
  if (typeof value !== 'object') return String(value);
  const member = (name: string) => tree.children.find(({ element }) => element.name === name) ?? tree;
  const entries = Object.entries(value).map(([name, inner]) => [name, normal(inner, member(name))] as const);
  if (entries.map(([name]) => name).join() !== 'months,days,microseconds') return Object.fromEntries(entries);
  return `${entries[0]?.[1]} mons ${entries[1]?.[1]} days ${entries[2]?.[1]} us`;
}

/** A Date knows milliseconds, not what it stands for: the schema says that. Years beyond ±271,821 make it invalid. */
function dateOf(value: Date, { logical_type: logical }: SchemaElement): string {
  const milliseconds = value.getTime();
  if (Number.isNaN(milliseconds)) return 'Invalid Date';
  if (logical?.type === 'DATE') return dateText(milliseconds / 86_400_000);
  const text = timestampText(BigInt(milliseconds) * 1000n, 'us');
  return logical?.type === 'TIMESTAMP' && logical.isAdjustedToUTC ? text.replace(/( BC)?$/, '+00$1') : text;
}
