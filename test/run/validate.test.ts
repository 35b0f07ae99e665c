import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExportOptions, exportTable } from '../../src/index.js';

test('options of the wrong kind are refused before anything is connected to, also where no compiler checks them', async () => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ table: 5 }, /a text for `table` but received 5/],
    [{ where: {} }, /a text for `where` but received \{\}/],
    [{ output: ['a'] }, /a text for `output` but received \["a"\]/],
    [{ columns: 'id' }, /a list of names for `columns` but received "id"/],
    [{ bloomFilters: [1] }, /a list of names for `bloomFilters` but received \[1\]/],
    [{ compression: 'gzip' }, /one of snappy, zstd, lz4, none for `compression` but received "gzip"/],
    [{ compression: 'zstd', compressionLevel: 23 }, /a whole number from 1 to 22 for `compressionLevel` but received 23/],
    [{ compressionLevel: 3 }, /`compressionLevel` is for zstd; snappy has no levels/],
    [{ encodings: 'best' }, /`encodings`/],
    [{ device: 'tpu' }, /`device`/],
    [{ cluster: 'k8s' }, /`cluster`/],
    [{ rows: '5' }, /a whole number of at least 0 for `rows` but received "5"/],
    [{ rows: Number.NaN }, /`rows` but received NaN/],
    [{ wher: 'a > 1' }, /no option "wher"/],
    [{ output: '' }, /`output` is empty/],
    [{ output: 's3://bucket/orders' }, /`output` is a folder, and s3:\/\/\.\.\. is a URL/],
    [{ output: 'orders.parquet' }, /orders\.parquet names a file/],
    [{ output: './orders.parquet/' }, /orders\.parquet\/ names a file/],
    [{ output: '-', gpus: 2 }, /`gpus` cannot be used .* standard output/],
    [{ output: '-', chunks: 2 }, /`chunks` cannot be used .* standard output/],
    [{ output: '-', overwrite: true }, /`overwrite` cannot be used .* standard output/],
    [{ output: '-', cluster: 'ray' }, /`cluster: 'ray'` cannot be used .* standard output/],
    [{ columns: [] }, /`columns` names no column/],
    [{ overwrite: 'false' }, /true or false for `overwrite` but received "false"/],
    [{ chunks: 1e9 }, /`chunks` but received 1000000000/],
    [{ numeric: 5 }, /`numeric` takes .* it was given 5/],
    [{ nan: ['null'] }, /`nan` takes .* it was given \["null"\]/],
    [{ connection: 'postgres://u@h' }, /A connection is an object of options/],
    [{ connection: { db: 'x' } }, /A connection has no option "db"/],
    [{ connection: { password: 5 } }, /^Expected a text for connection\.password\.$/],
    [{ types: { id: 5 } }, /"5", given for "id", is no form/],
  ];
  for (const [options, message] of wrong) {
    const given = { table: 't', connection: { host: '127.0.0.1', port: 1, user: 'nobody' }, ...options } as unknown as ExportOptions;
    await assert.rejects(exportTable(given), { name: 'GpuParserError', code: 'USAGE', message });
  }
  await assert.rejects(exportTable(undefined as unknown as ExportOptions), { name: 'GpuParserError', code: 'USAGE' });
});
