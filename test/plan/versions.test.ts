import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.js';
import { Planner } from './planner.js';

const SETUP = `
  CREATE TABLE tree (id int NOT NULL, v numeric(5,2)) PARTITION BY RANGE (id);
  CREATE TABLE leaf_b PARTITION OF tree FOR VALUES FROM (0) TO (500); CREATE TABLE leaf_a PARTITION OF tree FOR VALUES FROM (500) TO (2000);
  INSERT INTO tree SELECT i, i / 100.0 FROM generate_series(1, 900) i;`;

/** The oldest served, the first with ctid range scans, and the first with NOT NULL ... NOT VALID. */
const MAJORS = [12, 14, 18];

describe('plans against old and new servers', () => {
  for (const major of MAJORS) {
    it(`read all rows once with PostgreSQL ${major}`, async () => {
      const server = await startServer({ major });
      const planner = new Planner(server);
      try {
        await server.sql(SETUP);
        const all = await planner.plan({ table: 'tree', chunks: 2, where: 'id > 0' });
        assert.deepEqual(
          (await all.read()).flat().map(({ id }) => id),
          Array.from({ length: 900 }, (_, i) => i + 1),
        );
        assert.equal(all.plan.columns[0]?.required, true);
        assert.equal(all.plan.unsplittable, major < 14 ? `PostgreSQL ${major} has no ctid range scan (14 and later have)` : undefined);
        const some = await planner.plan({ table: 'tree', rows: 601, chunks: 2 });
        assert.deepEqual(
          (await some.read()).flat().map(({ id }) => id),
          Array.from({ length: 601 }, (_, i) => i + 1),
        );
        if (major >= 18) {
          await server.sql(`CREATE TABLE loose (a int, b int NOT NULL, c int GENERATED ALWAYS AS (b * 2) VIRTUAL NOT NULL); INSERT INTO loose VALUES (NULL, 1);
            ALTER TABLE loose ADD CONSTRAINT later NOT NULL a NOT VALID`);
          const { plan, read } = await planner.plan({ table: 'loose' });
          assert.deepEqual(
            plan.columns.map(({ required }) => required),
            [false, true, true],
          );
          assert.deepEqual((await read()).flat(), [{ a: null, b: 1, c: 2 }]);
        }
      } finally {
        await planner.close();
        await server.stop();
      }
    });
  }
});
