import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { type ExportEvent, type ExportOptions, exportTable, type GpuParserError } from '../../src/index.js';
import { connectionTo, withFolder } from '../support/exporting.js';
import { type StandbyPair, startStandby } from '../support/standby.js';

/** A row takes a tenth of a millisecond at least, so that replay finds the export at work. */
const ROWS = 50_000;

describe('an export from a standby', { concurrency: false }, () => {
  let pair: StandbyPair;
  before(async () => {
    const table = (name: string) => `CREATE TABLE ${name} AS SELECT i AS id, repeat('x', 500) AS body FROM generate_series(1, ${ROWS}) i`;
    const slow = `CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN PERFORM pg_sleep(0.0001); RETURN id; END $$`;
    pair = await startStandby([table('cleaned'), table('dropped'), slow, 'ANALYZE'], {
      hot_standby_feedback: false,
      max_standby_streaming_delay: 0,
    });
  });
  after(() => pair.stop());

  /** The error of an export during which the primary does something, and the retries that it made. */
  async function conflict(options: ExportOptions, change: readonly string[]) {
    const retries: ExportEvent[] = [];
    let changed: Promise<void> | undefined;
    const onEvent = (event: ExportEvent) => {
      if (event.type === 'retry') retries.push(event);
      if (event.type !== 'progress' || event.rows === 0) return;
      changed ??= (async () => {
        for (const statement of change) await pair.primary.sql(statement);
      })();
    };
    const error = await withFolder(async (folder) => {
      const own: ExportOptions = { device: 'cpu', output: folder, connection: connectionTo(pair.standby), where: 'slow(id) = id' };
      const failed = await exportTable({ ...own, ...options }, { onEvent }).then(
        ({ failed }) => failed[0]?.error,
        (thrown: GpuParserError) => thrown,
      );
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.endsWith('.parquet')),
        [],
      );
      return failed;
    });
    assert.ok(changed, 'the export was read from before it ended');
    await changed;
    return { error, retries };
  }

  for (const [what, table, change] of [
    ['rows are vacuumed away', 'cleaned', ['DELETE FROM cleaned', 'VACUUM cleaned']],
    ['a table is dropped', 'dropped', ['DROP TABLE dropped']],
  ] as const) {
    it(`ends with the conflict and its remedies where ${what} on the primary, and is not tried again`, async () => {
      const { error, retries } = await conflict({ table, jobs: 2, retries: 3 }, change);
      assert.equal(error?.code, 'SERVER');
      assert.match(error?.message ?? '', /conflict with recovery/);
      assert.match(error?.hint ?? '', /hot_standby_feedback.*max_standby_streaming_delay.*primary/);
      assert.deepEqual(retries, []);
    });
  }
});
