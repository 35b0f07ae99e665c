import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportInto, withFolder } from '../support/exporting.js';
import { peakOfWorkers } from '../support/peak.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { startServer, type TestServer } from '../support/server.js';

const MIB = 1 << 20;
const COLUMNS = 800;
const ROWS = 8000;
/** It is 120; while each column kept a hash table of its own it was 370. */
const MOST = 200 * MIB;

describe('an export of many columns of distinct values', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const kinds = [
    { type: 'int', columns: COLUMNS, value: (c: number) => `i * 7919 + ${c * 100_003}`, sum: 'sum(c)' },
    // Short enough for a page of the server, which holds a row.
    { type: 'text', columns: COLUMNS / 2, value: (c: number) => `'t' || i * 79 + ${c * 100_003}`, sum: 'sum(substr(c, 2)::int)' },
  ];
  for (const { type, columns, value, sum } of kinds) {
    it(`holds to its budget: ${columns} of ${type}`, async (context) => {
      const names = Array.from({ length: columns }, (_, c) => `c${c}`);
      await server.sql(
        `CREATE UNLOGGED TABLE wide_${type} AS SELECT ${names.map((name, c) => `(${value(c)})::${type} AS ${name}`).join(', ')} FROM generate_series(1, ${ROWS}) i`,
      );
      await withFolder(async (folder) => {
        const peak = await peakOfWorkers(async () => {
          const { files, warnings } = await exportInto(server, folder, { table: `wide_${type}`, memory: 64 * MIB, jobs: 2 });
          assert.match(warnings.join(), /--memory cannot be kept: 1 worker with 2 connections takes about 124 MiB/);
          const last = columns - 1;
          const { rows } = await queryDuckDB(
            `SELECT count(*), ${[0, last].map((c) => `count(DISTINCT c${c}), ${sum.replace(/\bc\b/, `c${c}`)}`).join(', ')} FROM read_parquet('${files[0]?.path}')`,
          );
          const step = type === 'int' ? 7919 : 79;
          const total = (c: number) => String((step * ROWS * (ROWS + 1)) / 2 + c * 100_003 * ROWS);
          assert.deepEqual(rows[0]?.map(String), [ROWS, ROWS, total(0), ROWS, total(last)].map(String));
        });
        context.diagnostic(`${Math.round(peak / MIB)} MiB`);
        assert.ok(peak < MOST, `${Math.round(peak / MIB)} MiB`);
      });
    });
  }
});
