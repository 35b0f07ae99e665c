import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../src/postgres/connect.js';
import { beginLocked, beginRead, exportSnapshot } from '../../src/postgres/snapshot.js';
import { ByteSink } from '../support/copy-sink.js';
import { availableMajors, startServer } from '../support/server.js';

describe('every major of PostgreSQL', () => {
  for (const major of availableMajors) {
    it(`is read under one snapshot: ${major}`, async () => {
      const server = await startServer({ major });
      try {
        await server.sql('CREATE TABLE t AS SELECT generate_series(1, 1000) AS n');
        const { session: coordinator, config } = await connect(server.config({ host: '127.0.0.1', ssl: { mode: 'prefer' } }));
        const { session: reader } = await connect(config);
        assert.equal(Math.floor(coordinator.serverVersion / 10_000), major);
        assert.equal(String(coordinator.serverVersion), await server.value('SHOW server_version_num'));
        await beginLocked(coordinator, ['public.t'], 1000);
        const { id } = await exportSnapshot(coordinator, false);
        await beginRead(reader, { snapshotId: id, rowSecurity: false });
        const sink = new ByteSink();
        assert.deepEqual(await reader.copyOut('COPY (SELECT * FROM ONLY public.t) TO STDOUT (FORMAT binary)', sink), { rows: 1000 });
        assert.equal(sink.bytes, 21 + 1000 * 10);
        await Promise.all([coordinator.close(), reader.close()]);
      } finally {
        await server.stop();
      }
    });
  }
});
