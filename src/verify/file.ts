import { count, counted } from '../counted.js';
import { type Footer, readFooter } from '../parquet/footer.js';
import { FileMetaDataField as F } from '../parquet/format.js';
import type { Codecs } from '../parquet/pages/row-group-reader.js';
import { locateRowGroup } from '../parquet/row-group.js';
import { parseSchema, type Schema, schemaDifference } from '../parquet/schema.js';
import { listField, textField } from '../parquet/thrift/access.js';
import { CompactReader } from '../parquet/thrift/reader.js';
import { ThriftType as T, type ThriftStruct } from '../parquet/thrift/types.js';
import type { OpenFile } from '../sink/byte-source.js';
import type { ManifestEntry } from '../sink/manifest.js';
import type { Store } from '../sink/store.js';
import { checkContents } from './contents.js';
import { parquetTypeOf, physicalTypeFits } from './parquet-type.js';
import { Problems } from './problems.js';
import type { FileVerification } from './report.js';

type Chunk = ManifestEntry['chunks'][number];

/** The schema of the first chunk that could be read, which all others must have too. */
export interface Common {
  schema?: Schema;
  file?: string;
}

export interface Depth {
  /** Present when pages are to be decoded. */
  readonly codecs: Codecs | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Checks one chunk's file against its table's entry. What is wrong is in the result. */
export async function checkFile(
  store: Store,
  entry: ManifestEntry,
  chunk: Chunk,
  common: Common,
  { codecs, signal }: Depth,
): Promise<FileVerification> {
  const problems = new Problems(chunk.file);
  const checked: string[] = [];
  const check = async (name: string, run: () => Promise<void> | void): Promise<void> => {
    checked.push(name);
    await problems.during(name, run);
  };
  let source: OpenFile | undefined;
  await problems.during('missing', async () => {
    source = await store.open(chunk.file);
  });
  if (source === undefined) return { file: chunk.file, ok: false, checked: ['missing'], problems: problems.list };
  const opened = source;
  try {
    await check('size', () => {
      if (opened.size !== chunk.bytes)
        problems.add('size', `It has ${counted(opened.size, 'byte')}, the manifest says ${count(chunk.bytes)}.`);
    });
    let footer: Footer | undefined;
    let schema: Schema | undefined;
    await check('footer', async () => {
      footer = await readFooter(opened);
      schema = parseSchema(footer.schema, chunk.file);
    });
    if (footer !== undefined && schema !== undefined) {
      const [read, tree] = [footer, schema];
      await check('rows', () => checkRows(read, chunk, problems));
      await check('schema', () => checkSchema(tree, entry, chunk, common, problems));
      await check('origin', () => checkOrigin(read, entry, problems));
      if (codecs !== undefined) await checkContents(opened, read, tree, chunk, codecs, problems, checked, signal);
    }
  } finally {
    await opened.close();
  }
  return { file: chunk.file, ok: problems.none, checked, problems: problems.list };
}

function checkRows(footer: Footer, chunk: Chunk, problems: Problems): void {
  if (footer.numRows !== chunk.rows)
    problems.add('rows', `Its footer says ${counted(footer.numRows, 'row')}, the manifest says ${count(chunk.rows)}.`);
  let sum = 0;
  for (const { offset, length } of footer.rowGroups)
    sum += locateRowGroup(new CompactReader(footer.bytes, chunk.file, offset, offset + length), chunk.file).rows;
  if (sum !== footer.numRows) problems.add('rows', `Its row groups hold ${counted(sum, 'row')}, its footer says ${count(footer.numRows)}.`);
}

function checkSchema(schema: Schema, entry: ManifestEntry, { file }: Chunk, common: Common, problems: Problems): void {
  const { children } = schema.root;
  for (let i = 0; i < Math.max(children.length, entry.columns.length); i++) {
    const [node, column] = [children[i], entry.columns[i]];
    if (node === undefined || column === undefined) {
      const name = (node ?? column)?.name as string;
      const [has, lacks] = node === undefined ? ['The manifest', 'the file'] : ['The file', 'the manifest'];
      problems.add('schema', `${has} has a column "${name}", which ${lacks} lacks.`, { column: name });
      return;
    }
    const { name } = column;
    if (node.name !== name) {
      problems.add('schema', `Column ${i + 1} is "${node.name}", the manifest says "${name}".`, { column: name });
      return;
    }
    const type = parquetTypeOf(node);
    if (type !== column.parquetType || !physicalTypeFits(node))
      problems.add('schema', `Column "${name}" is ${type} (${node.type ?? 'group'}), the manifest says ${column.parquetType}.`, {
        column: name,
      });
    if ((node.repetition === 'required') !== column.required)
      problems.add('schema', `Column "${name}" is ${node.repetition}, the manifest says ${column.required ? 'required' : 'optional'}.`, {
        column: name,
      });
  }
  if (common.schema === undefined || common.file === undefined) Object.assign(common, { schema, file });
  else {
    const difference = schemaDifference(common.schema, common.file, schema, file);
    if (difference !== undefined) problems.add('schema', `The table's files have different schemas: ${difference}.`);
  }
}

/** Whether this export wrote the file: one of an earlier run may have the same size and columns. */
function checkOrigin(footer: Footer, entry: ManifestEntry, problems: Problems): void {
  const pairs = listField<ThriftStruct>({ fields: footer.others }, F.keyValueMetadata, T.STRUCT) ?? [];
  const values = new Map(pairs.map((pair) => [textField(pair, 1), textField(pair, 2)]));
  const table = values.get('gpuparser.table');
  if (table !== entry.table) {
    problems.add('origin', `It was written for ${table ?? 'no table of an export'}, the manifest says ${entry.table}.`);
    return;
  }
  const snapshot = parsed(values.get('gpuparser.snapshot'));
  const same = (['id', 'lsn', 'takenAt'] as const).every((key) => snapshot[key] === entry.snapshot[key]);
  if (!same)
    problems.add(
      'origin',
      `It holds a snapshot taken ${String(snapshot.takenAt)} (LSN ${String(snapshot.lsn)}), the manifest's was taken ${entry.snapshot.takenAt} (LSN ${entry.snapshot.lsn}).`,
      { hint: 'It is left over from another run: export the table again with --overwrite.' },
    );
}

function parsed(json: string | undefined): Record<string, unknown> {
  try {
    return (JSON.parse(json ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
