import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { normalText, readRows } from '../support/readers.js';
import { type Samples, writeSamples } from '../support/samples.js';

describe('independent readers', () => {
  let samples: Samples;
  before(async () => {
    samples = await writeSamples();
  });
  after(() => samples.remove());

  it('agree on every value of a file that holds every type', async () => {
    const [first, ...others] = await Promise.all(
      (['pyarrow', 'duckdb', 'hyparquet'] as const).map((reader) => readRows(reader, samples.path('types.parquet'))),
    );
    assert.equal(first?.rows.length, 3);
    for (const other of others) assert.deepEqual(other, first);
    const row = (i: number): Record<string, string | null> =>
      Object.fromEntries(first?.columns.map((name, c) => [name, first.rows[i]?.[c] ?? null]) ?? []);
    assert.deepEqual(row(0), {
      bool: 'true',
      int2: '-32768',
      int4: '-2147483648',
      int8: '-9223372036854775808',
      oid: '0',
      float4: '0.10000000149011612',
      float8: '1e+21',
      dec9: '-0.50',
      dec38: `-${'9'.repeat(38)}`,
      text: '',
      bytea: '\\x',
      uuid: '00000000-0000-0000-0000-000000000000',
      date: '1970-01-01',
      timestamp: '1970-01-01 00:00:00.000000',
      timestamptz: '2024-01-31 12:34:56.123456+00',
      time: '00:00:00.000000',
      interval: '14 mons -3 days 4000000 us',
      list: '["1",null,"3"]',
      map: '{"a":"b","c":null}',
    });
    assert.equal(row(2).date, '0001-12-31 BC');
    assert.equal(row(2).timestamp, '10000-01-01 00:00:00.000000');
    assert.equal(row(1).timestamptz, '0001-01-01 00:00:00.000000+00 BC');
  });

  it("see filtered rows of another writer's file alike", async () => {
    const filter = { column: 'id', low: 998, high: 1002 };
    for (const reader of ['pyarrow', 'duckdb', 'hyparquet', 'polars'] as const)
      assert.deepEqual(
        (await readRows(reader, samples.path('orders-0.parquet'), filter)).rows.map((row) => row[0]),
        ['998', '999', '1000', '1001', '1002'],
        reader,
      );
  });

  it("have the normal form that PostgreSQL's text is put into", () => {
    const cases: [string, string, string][] = [
      ['boolean', 't', 'true'],
      ['real', '0.1', '0.10000000149011612'],
      ['real', '-0', '-0'],
      ['double precision', '1e+21', '1e+21'],
      ['double precision', '-Infinity', '-Infinity'],
      ['timestamp without time zone', '2024-01-31 12:34:56', '2024-01-31 12:34:56.000000'],
      ['timestamp(3) with time zone', '2024-01-31 12:34:56.5+00', '2024-01-31 12:34:56.500000+00'],
      ['timestamp with time zone', '0001-01-01 00:00:00+00 BC', '0001-01-01 00:00:00.000000+00 BC'],
      ['time without time zone', '23:59:59.999999', '23:59:59.999999'],
      ['numeric(12,2)', '-0.50', '-0.50'],
      ['character(3)', 'a  ', 'a  '],
    ];
    for (const [type, text, want] of cases) assert.equal(normalText(type, text), want, type);
    assert.equal(normalText('text', null), null);
  });
});
