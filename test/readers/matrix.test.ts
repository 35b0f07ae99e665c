import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { type ExportSummary, planExport } from '../../src/index.js';
import { columnsOf, connectionTo, exportInto, serverRows, withFolder } from '../support/exporting.js';
import { python } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';
import { limits } from '../support/tables.js';
import { type Cell, compare, isLess, type ServerColumn } from './compare.js';
import { type MatrixType, recordedMatrix, recordReader } from './matrix.js';
import { NOTES, noteFor } from './notes.js';
import { MATRIX_READERS, type MatrixReader, observe } from './observe.js';

/** Writes what is observed into matrix.json instead of comparing with it: scripts/readers.mjs. */
const recording = process.env.GPUPARSER_RECORD_READERS === '1';

/** Why a reader cannot run here; false where it can. */
function reasonAgainst(reader: MatrixReader): string | false {
  if (reader === 'parquet-java' && process.env.GPUPARSER_NIGHTLY !== '1')
    return 'parquet-java is not run: npm run nightly does (Maven, 100 MB)';
  if (reader === 'cudf' && spawnSync(python, ['-c', 'import cudf'], { stdio: 'ignore' }).status !== 0)
    return 'cuDF is not run: it needs a GPU and the Python package cudf-cu13 in .venv';
  return false;
}

describe('what readers make of each type', { concurrency: false }, () => {
  let server: TestServer;
  let types: MatrixType[];
  let expected: Map<string, ServerColumn>;
  let summary: ExportSummary;
  let leave: () => void;

  before(async () => {
    server = await startServer({ settings: { lc_monetary: 'C' } });
    for (const statement of limits(17).statements) await server.sql(statement);
    const { columns } = await planExport({ table: 'limits', device: 'cpu', output: '.', connection: connectionTo(server) });
    types = columns.map(({ name, postgresType, parquetType, required }) => ({
      column: name,
      postgres: postgresType,
      parquet: parquetType,
      required,
    }));
    const described = await columnsOf(server, 'limits');
    const rows = await serverRows(server, described, 'limits ORDER BY id');
    expected = new Map(described.map(({ name, type }, i) => [name, { type, values: rows.map((row) => row[i] ?? null) }]));
    // The folder stays while the readers of all tests use it.
    await new Promise<void>((ready, fail) => {
      const held = withFolder(async (folder) => {
        summary = await exportInto(server, folder, { table: 'limits' });
        ready();
        await new Promise<void>((resolve) => {
          leave = resolve;
        });
      });
      held.catch(fail);
    });
  });
  after(async () => {
    leave?.();
    await server.stop();
  });

  it('is told for the types that are exported', () => {
    if (!recording) assert.deepEqual(recordedMatrix().types, types);
  });

  for (const reader of MATRIX_READERS) {
    it(`is for ${reader} as docs/readers.md says, value by value`, { skip: reasonAgainst(reader) }, async () => {
      const { version, columns } = await observe(reader, (summary.files[0] as { path: string }).path);
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
