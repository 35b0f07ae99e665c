import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Codec } from '../../src/options.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { Both } from './both.js';
import { skip } from './machine.js';
import { array, hstore, listsOf, nestedKinds, nestedTraps, record, vector } from './nested.js';
import { column, everyKind, float4, int4, type Row, randomRows } from './rows.js';

const named = (name: string): ColumnPlan => nestedKinds.find((plan) => plan.name === name) as ColumnPlan;

describe('the CUDA engine writes nested columns as the CPU engine does', { skip }, () => {
  let both: Both;
  before(async () => {
    both = await Both.open();
  });
  after(() => both.close());

  for (const kind of nestedKinds) {
    it(`for a column ${JSON.stringify(kind.name)}`, async () => {
      await both.same([kind], randomRows([kind], 1500, 7));
    });
  }
  for (const kind of listsOf(everyKind)) {
    it(`for a ${kind.name}`, async () => {
      await both.same([kind], randomRows([kind], 700, 9));
    });
  }
  for (const count of [0, 1, 2, 3, 31, 32, 33, 255, 256, 257, 1500]) {
    it(`for ${count} rows of every nested kind`, async () => {
      await both.same(nestedKinds, randomRows(nestedKinds, count, count + 1));
    });
  }
  it('for 20,001 rows beside plain columns', async () => {
    const columns = [...everyKind.slice(0, 4), named('2 dimensions'), named('struct of maps'), named('multirange'), named('vector')];
    await both.same(columns, randomRows(columns, 20_001, 3));
  });
  for (const codec of ['none', 'zstd', 'lz4'] satisfies Codec[]) {
    it(`with the codec ${codec}`, async () => {
      await both.same(nestedKinds, randomRows(nestedKinds, 500, 11), { codec });
    });
  }
  it('where every column that may be NULL is', async () => {
    const columns = nestedKinds.filter(({ required }) => !required);
    await both.same(columns, randomRows(columns, 300, 5, 1));
  });
  it('where no column is NULL', async () => {
    await both.same(nestedKinds, randomRows(nestedKinds, 300, 6, 0));
  });
  it('in many batches, each with rows of many slots', async () => {
    await both.same(nestedKinds, randomRows(nestedKinds, 2000, 8), { batchRows: 777, slotBytes: 3000 });
  });

  const lists = (kind: 'int4' | 'text' | 'uuid') => listsOf([column('x', kind)]);
  it('for lists of the same number of elements, none NULL, around warps', async () => {
    const rows: Row[] = Array.from({ length: 300 }, (_, i) => {
      const count = [1, 31, 32, 33, 63, 64, 65, 257][i % 8] as number;
      return [
        array(
          [count],
          Array.from({ length: count }, (_, e) => int4(i * 1000 + e)),
        ),
      ];
    });
    await both.same(lists('int4'), rows);
  });
  it('for lists of 100,000 elements beside empty ones and NULLs', async () => {
    const long = (make: (i: number) => Buffer | null) =>
      array(
        [100_000],
        Array.from({ length: 100_000 }, (_, i) => make(i)),
      );
    const empty = array([], []);
    await both.same(lists('int4'), [[empty], [long(int4)], [null], [long((i) => (i % 7 === 0 ? null : int4(i)))], [empty]]);
    await both.same(lists('text'), [[long((i) => Buffer.from(`${i % 10}`))], [null], [long((i) => (i % 3 === 0 ? null : Buffer.of()))]]);
  });
  it('for vectors of 16,000 dimensions', async () => {
    const long = vector(Array.from({ length: 16_000 }, (_, i) => float4(i / 3)));
    await both.same([named('vector')], [[long], [null], [vector([])], [long]]);
  });
  it('for columns in which nothing has an element', async () => {
    const empty = { list: array([], []), map: hstore([]), vector: vector([]) };
    const columns = [...lists('text'), ...lists('uuid'), named('list'), named('map'), named('vector'), named('6 dimensions')];
    const row = [empty.list, empty.list, empty.list, empty.map, empty.vector, empty.list];
    await both.same(
      columns,
      Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? columns.map(() => null) : row)),
    );
  });
  it('for texts inside that look like the values around them', async () => {
    const columns = [...listsOf([column('x', 'bytea')]), named('map')];
    const rows: Row[] = nestedTraps.flatMap((trap) => [
      [array([2], [trap, null]), hstore([['', '']])],
      [array([1], [array([2], [trap, trap])]), hstore([[trap.toString('latin1').replace(/[^\0-\x7f]/g, '?'), null]])],
    ]);
    await both.same(columns, rows);
  });
  it('under the policies that make NULL of what a type cannot hold', async () => {
    const infinite = [int4(2147483647), int4(-2147483648), int4(5)];
    for (const onInfinity of ['null', 'saturate'] as const) {
      const columns = listsOf([column('d', 'date', { onInfinity })]);
      await both.same(
        columns,
        Array.from({ length: 200 }, (_, i) => [array([3], [infinite[i % 3] as Buffer, infinite[1] as Buffer, null])]),
      );
    }
  });
  it('and leaves a value that it does not round to the CPU engine', async () => {
    const columns = listsOf([column('n', 'numeric_double')]);
    const wide = Buffer.from([0, 5, 0, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6].slice(0, 18));
    await both.same(columns, [[array([1], [wide])]], {}, [
      '1 rows were encoded by the CPU: it holds numerics that the GPU does not round to doubles',
    ]);
  });
  it('for rows whose members are all NULL', async () => {
    const plan = named('struct');
    const members = plan.children?.length as number;
    await both.same(
      [plan],
      Array.from({ length: 70 }, (_, i) => [i % 2 === 0 ? null : record(Array.from({ length: members }, () => null))]),
    );
    assert.ok(members > 5);
  });
});
