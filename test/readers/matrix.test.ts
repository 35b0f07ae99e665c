import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { planExport } from '../../src/index.js';
import { columnsOf, connectionTo, exportInto, serverRows, withFolder } from '../support/exporting.js';
import { python } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';
import { limits, nestedLimits } from '../support/tables.js';
import { type Cell, compare, isLess, type ServerColumn } from './compare.js';
import { type MatrixType, recordedMatrix, recordReader } from './matrix.js';
import { NOTES, noteFor } from './notes.js';
import { MATRIX_READERS, type MatrixReader, observe } from './observe.js';
import { type Reading, readingOf } from './reading.js';

/** Writes what is observed into matrix.json instead of comparing with it: scripts/readers.mjs. */
const recording = process.env.GPUPARSER_RECORD_READERS === '1';

/** Where the files go that a machine with a GPU is to read, and what it printed of each, in the order of `tables`. */
const keepIn = process.env.GPUPARSER_READERS_KEEP;
const cudfReadings = process.env.GPUPARSER_CUDF_READINGS?.split(',');

/** Why a reader cannot run here; false where it can. */
function reasonAgainst(reader: MatrixReader): string | false {
  if (reader === 'cudf' && cudfReadings !== undefined) return false;
  if (reader === 'parquet-java' && process.env.GPUPARSER_NIGHTLY !== '1')
    return 'parquet-java is not run: npm run nightly does (Maven, 100 MB)';
  if (reader === 'cudf' && spawnSync(python, ['-c', 'import pylibcudf'], { stdio: 'ignore' }).status !== 0)
    return 'cuDF is not run: it needs a GPU and the Python package pylibcudf-cu13 in .venv, or what it read elsewhere (see scripts/readers.mjs)';
  return false;
}

/** One file per table; the columns of all are told together. */
const tables = [limits(17), nestedLimits()];

describe('what readers make of each type', { concurrency: false }, () => {
  let server: TestServer;
  let files: string[];
  let types: MatrixType[];
  let expected: Map<string, ServerColumn>;
  let leave: () => void;

  before(async () => {
    server = await startServer({ settings: { lc_monetary: 'C' } });
    for (const { statements } of tables) for (const statement of statements) await server.sql(statement);
    types = (await Promise.all(tables.map(({ name }) => typesOf(name)))).flat();
    expected = new Map((await Promise.all(tables.map(({ name }) => serverColumns(name)))).flat());
    // The folder stays while the readers of all tests use it.
    await new Promise<void>((ready, fail) => {
      const held = withFolder(async (folder) => {
        files = [];
        for (const { name: table } of tables) files.push(...(await exportInto(server, folder, { table })).files.map((file) => file.path));
        if (keepIn) for (const file of files) await copyFile(file, path.join(keepIn, path.basename(file)));
        ready();
        await new Promise<void>((resolve) => {
          leave = resolve;
        });
      });
      held.catch(fail);
    });
  });

  async function typesOf(table: string): Promise<MatrixType[]> {
    const { columns } = await planExport({ table, device: 'cpu', output: '.', connection: connectionTo(server) });
    return columns
      .filter(({ name }) => name !== 'id' || table === 'limits')
      .map(({ name, postgresType, parquetType, required }) => ({ column: name, postgres: postgresType, parquet: parquetType, required }));
  }

  async function serverColumns(table: string): Promise<[string, ServerColumn][]> {
    const columns = await columnsOf(server, table);
    const rows = await serverRows(server, columns, `${table} ORDER BY id`);
    return columns.map(({ name, type }, i) => [name, { type, values: rows.map((row) => row[i] ?? null) }]);
  }
  after(async () => {
    leave?.();
    await server.stop();
  });

  it('is told for the types that are exported', () => {
    if (!recording) assert.deepEqual(recordedMatrix().types, types);
  });

  for (const reader of MATRIX_READERS) {
    it(`is for ${reader} as docs/readers.md says, value by value`, { skip: reasonAgainst(reader) }, async () => {
      const readings: Reading[] = [];
      const elsewhere = reader === 'cudf' ? cudfReadings : undefined;
      for (const [i, file] of files.entries())
        readings.push(elsewhere ? readingOf(await readFile(elsewhere[i] as string, 'utf8')) : await observe(reader, file));
      const version = readings[0]?.version as string;
      const columns: Reading['columns'] = Object.assign({}, ...readings.map((reading) => reading.columns));
      const cells: Record<string, Cell> = {};
      for (const [name, server] of expected) cells[name] = compare(server, columns[name] ?? { error: 'no such column' });
      if (recording) recordReader(types, reader, version, cells);
      else assert.deepEqual({ version, cells }, recordedMatrix().readers[reader], 'node scripts/readers.mjs records what has changed');
    });
  }

  it('has a note wherever it is not the value itself, and none elsewhere', () => {
    const { readers } = recordedMatrix();
    for (const reader of MATRIX_READERS)
      for (const [column, cell] of Object.entries(readers[reader]?.cells ?? {}))
        assert.equal(noteFor(reader, column) !== undefined, isLess(cell), `${reader}, ${column}: ${JSON.stringify(cell)}`);
    for (const { reader, columns } of NOTES)
      for (const column of columns) assert.ok(readers[reader]?.cells[column], `${reader}, ${column}`);
  });
});
