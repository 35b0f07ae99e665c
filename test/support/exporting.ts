import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportTable, verify } from '../../src/functions.js';
import type { ExportHooks, ExportOptions, ExportSummary, GpuParserError } from '../../src/index.js';
import { nestedText, type TypeTree } from './nested-text.js';
import { normalText, type Reader, readRows } from './readers.js';
import type { TestServer } from './server.js';
import { typeTrees } from './type-trees.js';

/** The connection options that lead to a test server. */
export function connectionTo(server: TestServer): NonNullable<ExportOptions['connection']> {
  const { host, port, user, database } = server;
  return { host, port, user, database };
}

/** Runs `use` with a folder of its own, removed afterwards. */
export async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'gpuparser-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Exports on the CPU engine into a folder, in this process and worker processes. */
export function exportInto(server: TestServer, folder: string, options: ExportOptions, hooks: ExportHooks = {}): Promise<ExportSummary> {
  return exportTable({ device: 'cpu', output: folder, connection: connectionTo(server), ...options }, hooks);
}

/** The error of an export that must fail, and leaves no file. */
export async function refusalOf(server: TestServer, options: ExportOptions): Promise<GpuParserError> {
  return withFolder(async (folder) => {
    const error: unknown = await exportInto(server, folder, options).then(
      () => assert.fail('it was exported'),
      (thrown: unknown) => thrown,
    );
    assert.deepEqual(await readdir(folder), [], 'no file is left');
    return error as GpuParserError;
  });
}

interface ServerColumn {
  readonly name: string;
  readonly type: string;
  /** What the type is made of. */
  readonly tree: TypeTree;
}

/** The columns of a relation, with format_type()'s names. */
export async function columnsOf(server: TestServer, table: string): Promise<ServerColumn[]> {
  const rows = await server.sql(
    `SELECT attname, format_type(CASE WHEN typtype = 'd' THEN typbasetype ELSE atttypid END, CASE WHEN typtype = 'd' THEN typtypmod ELSE atttypmod END) AS type
     FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  const trees = await typeTrees(server, table);
  return rows.map(({ attname, type }, i) => ({ name: attname as string, type: type as string, tree: trees[i] as TypeTree }));
}

/** The server's own text of a query's rows, in the readers' normal form. */
export async function serverRows(server: TestServer, columns: readonly ServerColumn[], from: string): Promise<(string | null)[][]> {
  const expressions = columns.map(({ name, type }) => textExpression(`"${name.replaceAll('"', '""')}"`, type));
  await server.sql(
    "SET TimeZone = 'UTC'; SET DateStyle = ISO; SET extra_float_digits = 1; SET bytea_output = hex; SET IntervalStyle = iso_8601",
  );
  const rows = await server.sql(`SELECT ${expressions.map((text, i) => `${text} AS c${i}`).join(', ')} FROM ${from}`);
  return rows.map((row) => columns.map((column, i) => normalize(column, row[`c${i}`] as string | null)));
}

/** timetz has no Parquet type: it travels as the server's own text. */
function normalize({ type, tree }: ServerColumn, text: string | null): string | null {
  if (tree.kind !== 'scalar') return nestedText(tree, text);
  return type === 'time with time zone' ? text : normalText(type, text);
}

function textExpression(column: string, type: string): string {
  if (type === 'money') return `${column}::numeric`;
  // The cast to text that exports use says more than the output function: inet hides /32, xml its declaration.
  if (type === 'inet' || type === 'xml') return `${column}::text`;
  if (type !== 'interval') return column;
  const months = `extract(year from ${column}) * 12 + extract(month from ${column})`;
  const time = `extract(hour from ${column})::numeric * 3600000000 + extract(minute from ${column})::numeric * 60000000 + extract(microseconds from ${column})::numeric`;
  return `(${months})::bigint || ' mons ' || extract(day from ${column})::bigint || ' days ' || (${time})::bigint || ' us'`;
}

/** All rows of an export's files, chunk after chunk. */
export async function fileRows(
  reader: Reader,
  summary: ExportSummary,
): Promise<{ columns: readonly string[]; rows: (readonly (string | null)[])[] }> {
  let columns: readonly string[] = [];
  const rows: (readonly (string | null)[])[] = [];
  for (const { path } of summary.files) {
    const file = await readRows(reader, path);
    columns = file.columns;
    rows.push(...file.rows);
  }
  return { columns, rows };
}

/** Asserts that every reader reads from the files exactly what the server says, row by row in the given order. */
export async function assertSameAsServer(
  server: TestServer,
  summary: ExportSummary,
  table: string,
  { readers = ['hyparquet', 'duckdb', 'pyarrow'] as readonly Reader[], from = table } = {},
): Promise<void> {
  const columns = await columnsOf(server, table);
  const expected = await serverRows(server, columns, from);
  for (const reader of readers) {
    const { columns: names, rows } = await fileRows(reader, summary);
    assert.deepEqual(
      names,
      columns.map(({ name }) => name),
      reader,
    );
    assert.equal(rows.length, expected.length, reader);
    for (const [i, row] of rows.entries()) {
      for (const [j, value] of row.entries()) {
        const column = columns[j] as ServerColumn;
        assert.equal(value, expected[i]?.[j], `${reader}: row ${i}, column ${column.name} (${column.type})`);
      }
    }
  }
}

/** Asserts that every reader reads from the files exactly the rows of a query, in its order. */
export async function assertSameAsQuery(
  server: TestServer,
  summary: ExportSummary,
  query: string,
  readers: readonly Reader[] = ['hyparquet', 'duckdb'],
): Promise<void> {
  await server.sql(`DROP VIEW IF EXISTS pg_temp.expected; CREATE TEMPORARY VIEW expected AS ${query}`);
  await assertSameAsServer(server, summary, 'pg_temp.expected', { readers });
}

/** Asserts that verify finds a folder's files whole, page by page, and every value in them equal to the server's. */
export async function assertVerified(folder: string, connection: NonNullable<ExportOptions['connection']>): Promise<void> {
  const { ok, tables, problems } = await verify(folder, { deep: true, connection });
  const found = [...problems, ...tables.flatMap((table) => [...table.problems, ...table.files.flatMap((file) => file.problems)])];
  const left = tables.flatMap(({ columns }) =>
    columns.filter(({ status }) => status !== 'same').map(({ column, reason }) => ({ column, reason })),
  );
  assert.deepEqual({ ok, found, left }, { ok: true, found: [], left: [] });
}
