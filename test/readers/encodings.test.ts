import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { exportInto, withFolder } from '../support/exporting.js';
import { python } from '../support/readers.js';
import { startServer, type TestServer } from '../support/server.js';
import { MATRIX_READERS, type MatrixReader, observe } from './observe.js';

/** Columns of every physical type that --encodings auto gives another encoding, without NULLs and with them. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'i::bigint',
  code: '(i * 31 % 100003)::int',
  price: '(i * 1.25)::numeric(9,2)',
  ledger: '(i * 1000003.25)::numeric(18,2)',
  day: "date '2000-01-01' + (i * 7 % 3000)::int",
  at: "timestamp '2024-01-01' + i * interval '1.000003 s'",
  small: '(20 + sin(i / 50.0))::real',
  level: '20 + sin(i / 100.0) + (i * 7919 % 1000) / 1e6',
  url: "'https://example.org/item/' || (1000000 + i)",
  note: "md5(i::text) || repeat('x', (i % 13)::int)",
};

const TABLE = `CREATE TABLE encoded AS SELECT ${Object.entries(COLUMNS)
  .flatMap(([name, value]) => [`${value} AS ${name}`, `CASE WHEN i % 7 > 0 AND i > 900 THEN ${value} END AS ${name}_or_null`])
  .join(', ')} FROM generate_series(1, 6000) i`;

/** Why a reader cannot run here; false where it can. */
function reasonAgainst(reader: MatrixReader): string | false {
  if (reader === 'parquet-java' && process.env.GPUPARSER_NIGHTLY !== '1')
    return 'parquet-java is not run: npm run nightly does (Maven, 100 MB)';
  if (reader === 'cudf' && spawnSync(python, ['-c', 'import cudf'], { stdio: 'ignore' }).status !== 0)
    return 'cuDF is not run: it needs a GPU and the Python package cudf-cu13 in .venv';
  return false;
}

describe('what readers make of --encodings auto', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(TABLE);
  });
  after(() => server.stop());

  async function exported(folder: string, encodings: 'compatible' | 'auto'): Promise<string> {
    const { files } = await exportInto(server, folder, { table: 'encoded', encodings });
    assert.equal(files.length, 1);
    return (files[0] as { path: string }).path;
  }

  /** The files of both settings, the same rows in each. */
  const withBoth = (use: (compatible: string, auto: string) => Promise<void>): Promise<void> =>
    withFolder((one) => withFolder(async (other) => use(await exported(one, 'compatible'), await exported(other, 'auto'))));

  for (const reader of MATRIX_READERS) {
    if (reader === 'fastparquet') continue;
    it(`${reader} reads the same values as without it`, { skip: reasonAgainst(reader) }, () =>
      withBoth(async (compatible, auto) => {
        const want = await observe(reader, compatible);
        for (const [name, column] of Object.entries((await observe(reader, auto)).columns)) {
          assert.ok('values' in column, `${name}: ${'error' in column ? column.error : ''}`);
          assert.deepEqual(column, want.columns[name], name);
        }
      }),
    );
  }

  it('fastparquet does not, so that auto is not the default', () =>
    withBoth(async (compatible, auto) => {
      const want = await observe('fastparquet', compatible);
      // It refuses encodings 6, 7 and 9; 5 it reads wrongly, or dies of it.
      const got = await observe('fastparquet', auto).catch(() => undefined);
      assert.notDeepEqual(got?.columns, want.columns);
    }));
});
