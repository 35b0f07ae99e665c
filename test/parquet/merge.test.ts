import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from '../../src/parquet/inspect.js';
import { merge } from '../../src/parquet/merge.js';
import { bin, type ImageOptions, i64, image, list, struct, sub } from '../support/image.js';
import { readRows } from '../support/readers.js';
import { queryDuckDB } from '../support/readers-duckdb.js';
import { type Samples, writeSamples } from '../support/samples.js';

describe('merging files', () => {
  let samples: Samples;
  let out: string;
  before(async () => {
    samples = await writeSamples();
    for (const i of [0, 1])
      await queryDuckDB(
        `COPY (SELECT range + ${i * 3000} AS id, CASE WHEN range % 3 > 0 THEN 'name ' || (range % 40) END AS name, (range / 100)::DECIMAL(12,2) AS price
               FROM range(3000)) TO '${samples.path(`duck-${i}.parquet`)}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
      );
    out = samples.path('out');
    await mkdir(out);
  });
  after(() => samples.remove());

  const inputs = (...names: string[]): string[] => names.map((name) => samples.path(`${name}.parquet`));
  let made = 0;
  const output = (): string => path.join(out, `${made++}.parquet`);

  for (const [writer, names, readers] of [
    ['pyarrow', ['orders-0', 'orders-1', 'orders-2'], ['pyarrow', 'duckdb', 'hyparquet', 'polars']],
    ['DuckDB', ['duck-0', 'duck-1'], ['pyarrow', 'duckdb', 'hyparquet', 'polars']],
    ['fastparquet', ['fast-0', 'fast-1'], ['pyarrow', 'duckdb', 'hyparquet', 'fastparquet']],
    ['pandas', ['pandas-0', 'pandas-1'], ['pyarrow', 'duckdb', 'hyparquet', 'fastparquet']],
  ] as const)
    it(`gives the rows of ${writer}'s files, one after the other, to every reader`, async () => {
      const target = output();
      const summary = await merge(inputs(...names), target);
      assert.deepEqual(summary.warnings, []);
      assert.equal((await stat(target)).size, summary.bytes);
      const want = [];
      for (const name of names) want.push(...(await readRows('duckdb', samples.path(`${name}.parquet`))).rows);
      assert.equal(summary.rows, want.length);
      for (const reader of readers) {
        const { rows } = await readRows(reader, target);
        // fastparquet's rows went through pandas, which has no NULL integers of its own: its numbers are compared as text all the same.
        assert.deepEqual(rows, want, reader);
      }
    });

  it('warns where the merged file lands among the chunks of an export', async () => {
    const folder = path.join(out, 'export');
    await mkdir(folder);
    await writeFile(path.join(folder, '_manifest.json'), '{}');
    const { warnings } = await merge(inputs('orders-0', 'orders-1'), path.join(folder, 'all.parquet'));
    assert.match(warnings.join(), /reads its rows twice/);
    const bare = path.join(out, 'no manifest');
    await mkdir(bare);
    assert.deepEqual((await merge(inputs('orders-0', 'orders-1'), path.join(bare, 'all.parquet'))).warnings, []);
    await copyFile(samples.path('orders-0.parquet'), path.join(bare, 't_chunk_0.parquet'));
    assert.match((await merge(inputs('orders-0', 'orders-1'), path.join(bare, 'more.parquet'))).warnings.join(), /reads its rows twice/);
  });

  it('lets filters prune pages and row groups of a merged file without losing a row', async () => {
    const target = output();
    await merge(inputs('orders-2', 'orders-0', 'orders-1'), target);
    for (const [low, high] of [
      [2495, 2505],
      [7499, 9999],
      [3100, 3102],
    ] as const)
      for (const reader of ['pyarrow', 'duckdb', 'hyparquet', 'polars'] as const) {
        const ids = (await readRows(reader, target, { column: 'id', low, high })).rows.map((row) => Number(row[0]));
        const want = Array.from({ length: Math.min(high, 7499) - low + 1 }, (_, i) => low + i);
        assert.deepEqual(
          ids.sort((a, b) => a - b),
          want,
          reader,
        );
      }
  });

  it('merges files of different writers, says what it left out, and keeps what is still true', async () => {
    const target = output();
    const a = samples.path('writer-a.parquet');
    const b = samples.path('writer-b.parquet');
    const columns: ImageOptions['columns'] = [
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING', optional: true },
    ];
    await writeFile(
      a,
      image({
        columns,
        rowGroups: [
          [
            [1n, 2n],
            ['x', null],
          ],
        ],
        createdBy: 'a version 1',
        keyValue: { same: 's', mine: 'a', only: 'o' },
      }),
    );
    await writeFile(b, image({ columns, rowGroups: [[[3n], ['y']]], createdBy: 'b version 1', keyValue: { same: 's', mine: 'b' } }));
    const { warnings } = await merge([a, b], target);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /different programs/);
    assert.match(warnings[1] ?? '', /left out: mine, only\./);
    const { createdBy, keyValueMetadata, rowGroups } = await inspect(target);
    assert.match(createdBy ?? '', /^gpuparser version \d/);
    assert.deepEqual(keyValueMetadata, [{ key: 'same', value: 's' }]);
    assert.deepEqual(
      rowGroups.map(({ columns: [id, name] }) => [id?.min, id?.max, name?.min, name?.max, name?.nulls]),
      [
        ['1', '2', undefined, undefined, 1],
        ['3', '3', undefined, undefined, 0],
      ],
    );
    for (const reader of ['pyarrow', 'duckdb', 'hyparquet'] as const)
      assert.deepEqual(
        (await readRows(reader, target)).rows,
        [
          ['1', 'x'],
          ['2', null],
          ['3', 'y'],
        ],
        reader,
      );
  });

  it('merges files with and without page indexes, and data pages of both versions', async () => {
    const target = output();
    await merge(inputs('legacy', 'orders-0'), target);
    const want = [
      ...(await readRows('duckdb', samples.path('legacy.parquet'))).rows,
      ...(await readRows('duckdb', samples.path('orders-0.parquet'))).rows,
    ];
    for (const reader of ['pyarrow', 'duckdb', 'hyparquet', 'polars'] as const)
      assert.deepEqual((await readRows(reader, target)).rows, want, reader);
    const { rowGroups } = await inspect(target);
    assert.deepEqual(
      rowGroups.map(({ columns }) => columns[0]?.pages !== undefined),
      [false, false, false, true, true, true],
    );
  });

  it('keeps the Arrow schema and pandas metadata that all files share', async () => {
    const target = output();
    await merge(inputs('pandas-0', 'pandas-1'), target);
    assert.deepEqual((await inspect(target)).keyValueMetadata.map(({ key }) => key).sort(), ['ARROW:schema', 'pandas']);
  });

  it('merges its own output again', async () => {
    const once = output();
    const twice = output();
    await merge(inputs('orders-0', 'orders-1'), once);
    await merge([once, samples.path('orders-2.parquet')], twice);
    const { rows } = await readRows('pyarrow', twice);
    assert.deepEqual(
      rows.map((row) => Number(row[0])),
      Array.from({ length: 7500 }, (_, i) => i),
    );
  });

  it('copies a single file', async () => {
    const target = output();
    const summary = await merge(inputs('types'), target);
    assert.equal(summary.files, 1);
    assert.deepEqual(await readRows('pyarrow', target), await readRows('pyarrow', samples.path('types.parquet')));
  });

  describe('refuses, with one sentence and nothing left behind', () => {
    const columns: ImageOptions['columns'] = [{ name: 'id', type: 'INT64' }];
    const one = (more: Partial<ImageOptions> = {}): Uint8Array => image({ columns, rowGroups: [[[1n]]], ...more });

    async function refuses(files: string[], want: { code: string; message: RegExp }, target = output(), overwrite = false): Promise<void> {
      const before = await readdir(out);
      await assert.rejects(merge(files, target, { overwrite }), (error: Error & { hint?: string }) => {
        assert.equal((error as { code?: string }).code, want.code);
        assert.match(error.message, want.message);
        assert.ok(error.hint, 'a hint');
        return true;
      });
      assert.deepEqual(await readdir(out), before);
    }

    it('files of different schemas, naming the first difference', async () => {
      await refuses(inputs('orders-0', 'duck-0'), {
        code: 'FILE',
        message:
          /different schemas: column "price" is optional FIXED_LEN_BYTE_ARRAY\(6\) DECIMAL\(12,2\) in .*orders-0\.parquet, but optional INT64/,
      });
    });

    it('encrypted files, with an encrypted footer or a plain one', async () => {
      await refuses(inputs('encrypted'), { code: 'FILE', message: /encrypted\.parquet is an encrypted Parquet file/ });
      await refuses(inputs('encrypted-footer'), {
        code: 'FILE',
        message: /encrypted-footer\.parquet is an encrypted Parquet file: its footer is/,
      });
    });

    it('files whose data is in other files', async () => {
      const file = samples.path('elsewhere.parquet');
      await writeFile(file, one({ extra: { chunk: [bin(1, 'part-0.parquet')] } }));
      await refuses([file], { code: 'FILE', message: /in other files \(file_path is set\)/ });
    });

    it('negative offsets', async () => {
      const file = samples.path('negative.parquet');
      await writeFile(file, one({ extra: { metaData: [i64(11, -5)] } }));
      await refuses([file], { code: 'FILE', message: /negative offset/ });
    });

    it('files that sort their values by different rules', async () => {
      const [a, b] = [samples.path('order-a.parquet'), samples.path('order-b.parquet')];
      await writeFile(a, one());
      await writeFile(b, one({ columnOrders: false, extra: { file: [list(7, 12, [struct(sub(2, struct()))])] } }));
      await refuses([a, b], { code: 'FILE', message: /different rules \(column_orders\)/ });
      await refuses(inputs('pandas-0', 'fast-0'), {
        code: 'FILE',
        message: /.*pandas-0\.parquet says by which rules its values are sorted, .*fast-0\.parquet does not \(column_orders\)/,
      });
    });

    it('no files, missing files, folders, and files that are not Parquet', async () => {
      await refuses([], { code: 'USAGE', message: /no file to merge/ });
      await refuses(inputs('absent'), { code: 'NOT_FOUND', message: /There is no file .*absent\.parquet/ });
      await refuses([out], { code: 'FILE', message: /is a folder, not a Parquet file/ });
      const text = samples.path('text.parquet');
      await writeFile(text, 'id,name\n1,a\n');
      await refuses([...inputs('orders-0'), text], { code: 'FILE', message: /text\.parquet is not a Parquet file/ });
    });

    it('a file that is cut off', async () => {
      const cut = samples.path('cut.parquet');
      const whole = await readFile(samples.path('orders-0.parquet'));
      await writeFile(cut, whole.subarray(0, whole.length - 100));
      await refuses([...inputs('orders-1'), cut], { code: 'FILE', message: /cut\.parquet is a cut-off Parquet file/ });
    });

    it('to go on once it is interrupted', async () => {
      const target = output();
      const before = await readdir(out);
      await assert.rejects(merge(inputs('orders-0'), target, { signal: AbortSignal.abort() }), { code: 'INTERRUPTED' });
      assert.deepEqual(await readdir(out), before);
    });

    it('an output that is there, that is an input, or that is a folder', async () => {
      const target = output();
      await writeFile(target, 'precious');
      assert.equal((await merge(inputs('orders-0'), path.join(out, `${'x'.repeat(247)}.parquet`))).files, 1);
      await refuses(inputs('orders-0'), { code: 'OUTPUT', message: /exists already/ }, target);
      assert.equal(await readFile(target, 'utf8'), 'precious');
      await merge(inputs('orders-0'), target, { overwrite: true });
      await refuses([target, ...inputs('orders-1')], { code: 'USAGE', message: /both an input and the output/ }, target, true);
      const link = samples.path('link.parquet');
      await symlink(target, link);
      await refuses([target], { code: 'USAGE', message: /both an input and the output/ }, link, true);
      await refuses(inputs('orders-0'), { code: 'OUTPUT', message: /is a folder, not a file/ }, out, true);
      const socket = samples.path('socket');
      const listening = createServer().listen(socket);
      await once(listening, 'listening');
      await refuses(inputs('orders-0'), { code: 'OUTPUT', message: /is a device or the like, not a file/ }, socket, true);
      listening.close();
      await refuses(
        inputs('orders-0'),
        { code: 'OUTPUT', message: /There is no folder .*no to write such\.parquet in/ },
        path.join(out, 'no', 'such.parquet'),
      );
    });
  });
});
