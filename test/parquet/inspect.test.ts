import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type ColumnDescription, inspect } from '../../src/parquet/inspect.js';
import { image } from '../support/image.js';
import { type Samples, writeSamples } from '../support/samples.js';

describe('inspecting a file', () => {
  let samples: Samples;
  before(async () => {
    samples = await writeSamples();
  });
  after(() => samples.remove());

  it('names every type as people do', async () => {
    const { schema } = await inspect(samples.path('types.parquet'));
    const text = ({ name, repetition, type, logicalType, children }: ColumnDescription): string =>
      `${name}: ${[repetition, type, logicalType].filter(Boolean).join(' ')}${children.length === 0 ? '' : ` {${children.map(text).join('; ')}}`}`;
    assert.deepEqual(schema.map(text), [
      'bool: optional BOOLEAN',
      'int2: optional INT32 INT 16',
      'int4: optional INT32',
      'int8: optional INT64',
      'oid: optional INT32 UINT 32',
      'float4: optional FLOAT',
      'float8: optional DOUBLE',
      'dec9: optional FIXED_LEN_BYTE_ARRAY(4) DECIMAL(9,2)',
      'dec38: optional FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,0)',
      'text: optional BYTE_ARRAY STRING',
      'bytea: optional BYTE_ARRAY',
      'uuid: optional FIXED_LEN_BYTE_ARRAY(16) UUID',
      'date: optional INT32 DATE',
      'timestamp: optional INT64 TIMESTAMP(us, local)',
      'timestamptz: optional INT64 TIMESTAMP(us, UTC)',
      'time: optional INT64 TIME(us, local)',
      'interval: optional {months: required INT32; days: required INT32; microseconds: required INT64}',
      'list: optional LIST {list: repeated {element: optional INT32}}',
      'map: optional MAP {key_value: repeated {key: required BYTE_ARRAY STRING; value: optional BYTE_ARRAY STRING}}',
    ]);
  });

  it('shows bounds as text by type', async () => {
    const { rowGroups, rows } = await inspect(samples.path('types.parquet'));
    assert.equal(rows, 3);
    const bounds = Object.fromEntries((rowGroups[0]?.columns ?? []).map(({ path, min, max }) => [path, [min, max]]));
    assert.deepEqual(bounds, {
      bool: ['false', 'true'],
      int2: ['-32768', '32767'],
      int4: ['-2147483648', '2147483647'],
      int8: ['-9223372036854775808', '9223372036854775807'],
      oid: ['0', '4294967295'],
      float4: ['-0', '0.1'],
      float8: ['-Infinity', '1e+21'],
      dec9: ['-0.50', '9999999.99'],
      dec38: [`-${'9'.repeat(38)}`, '0'],
      text: ['', 'größe 雪 😀 "quoted"\n'],
      bytea: ['\\x', '\\x00ff5c'],
      uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
      date: ['0001-12-31 BC', '9999-12-31'],
      timestamp: ['1969-12-31 23:59:59.999999', '10000-01-01 00:00:00.000000'],
      timestamptz: ['0001-01-01 00:00:00.000000+00 BC', '2024-01-31 12:34:56.123456+00'],
      time: ['00:00:00.000000', '23:59:59.999999'],
      'interval.months': ['0', '14'],
      'interval.days': ['-3', '0'],
      'interval.microseconds': ['-1', '4000000'],
      'list.list.element': ['1', '3'],
      'map.key_value.key': ['a', 'c'],
      'map.key_value.value': ['b', 'b'],
    });
  });

  it('counts rows, pages and bytes as the file has them', async () => {
    const path = samples.path('orders-0.parquet');
    const { bytes, rows, createdBy, footerBytes, rowGroups, keyValueMetadata } = await inspect(path);
    const file = await readFile(path);
    assert.equal(bytes, file.length);
    assert.equal(footerBytes, file.readUInt32LE(file.length - 8));
    assert.equal(rows, 2500);
    assert.match(createdBy ?? '', /^parquet-cpp-arrow version 26/);
    assert.deepEqual(
      keyValueMetadata.map(({ key }) => key),
      ['ARROW:schema'],
    );
    assert.deepEqual(
      rowGroups.map((group) => group.rows),
      [1000, 1000, 500],
    );
    const [id, name] = rowGroups[0]?.columns ?? [];
    assert.equal(id?.codec, 'SNAPPY');
    assert.equal(id?.values, 1000);
    assert.equal(id?.nulls, 0);
    assert.ok((id?.pages ?? 0) > 1);
    assert.ok(id?.hasColumnIndex);
    assert.ok(name?.hasDictionary);
    assert.equal(name?.nulls, 143);
    assert.ok(name?.encodings.includes('RLE_DICTIONARY'));
    assert.equal(rowGroups[0]?.offset, 4);
    assert.equal(
      rowGroups[0]?.compressedBytes,
      rowGroups[0]?.columns.reduce((sum, column) => sum + column.compressedBytes, 0),
    );
  });

  it('is plain data that survives JSON', async () => {
    const description = await inspect(samples.path('types.parquet'));
    assert.deepEqual(JSON.parse(JSON.stringify(description)), JSON.parse(JSON.stringify(structuredClone(description))));
  });

  it('says in one sentence what is wrong with a file, and what to do', async () => {
    const whole = await readFile(samples.path('orders-0.parquet'));
    const longFooter = Buffer.from(whole);
    longFooter.writeUInt32LE(0x7fffffff, whole.length - 8);
    const brokenFooter = Buffer.from(whole);
    brokenFooter.fill(0xff, whole.length - 8 - whole.readUInt32LE(whole.length - 8), whole.length - 8);
    const cases: [string, Uint8Array, RegExp][] = [
      ['empty', Buffer.alloc(0), /is empty, so it is not a Parquet file/],
      ['short', Buffer.from('PAR'), /is not a Parquet file/],
      ['magic', Buffer.from('PAR1'), /is a cut-off Parquet file/],
      ['text', Buffer.from('id,name\n1,a\n2,b\n'), /is not a Parquet file: it does not begin with PAR1/],
      ['cut', whole.subarray(0, 20_000), /is a cut-off Parquet file/],
      ['tail', whole.subarray(20_000), /is not a Parquet file/],
      ['long-footer', longFooter, /is damaged: its footer would be 2,147,483,647 bytes long/],
      ['broken-footer', brokenFooter, /is damaged: /],
      ['swapped-ends', Buffer.concat([Buffer.from('PARE'), whole.subarray(4)]), /is an encrypted Parquet file/],
      ['no-footer', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(4), Buffer.from('PAR1')]), /is damaged/],
      [
        'column-count',
        image({ columns: [{ name: 'a', type: 'INT64' }], rowGroups: [[[1n]]], schemaElements: (e) => e.slice(0, 1) }),
        /is damaged/,
      ],
    ];
    for (const [name, bytes, message] of cases) {
      const path = samples.path(`bad-${name}.parquet`);
      await writeFile(path, bytes);
      await assert.rejects(inspect(path), (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'FILE', name);
        assert.match(error.message, message, name);
        assert.match(error.message, /^[^\n]*\.$/, name);
        assert.ok(error.hint, name);
        return true;
      });
    }
    await assert.rejects(inspect(samples.path('absent')), { code: 'NOT_FOUND' });
    for (const name of ['encrypted', 'encrypted-footer'])
      await assert.rejects(inspect(samples.path(`${name}.parquet`)), { code: 'FILE', message: /is an encrypted Parquet file/ });
  });

  it('answers files with damaged metadata with a description or an error about the file', async () => {
    const path = samples.path('damaged.parquet');
    for (const name of ['types', 'orders-0', 'fast-0']) {
      const good = await readFile(samples.path(`${name}.parquet`));
      const from = good.length - 8 - good.readUInt32LE(good.length - 8);
      const change = fc.tuple(fc.integer({ min: from, max: good.length - 1 }), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
          const bytes = Buffer.from(good);
          for (const [at, byte] of changes) bytes[at] = byte;
          await writeFile(path, bytes);
          try {
            await inspect(path);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'FILE', String((error as Error).stack));
          }
        }),
        { numRuns: 400 },
      );
    }
  });
});
