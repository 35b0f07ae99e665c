import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportTable, inspect, verify } from '../../src/functions.js';
import type { Problem, Verification, VerifyOptions } from '../../src/index.js';
import { readFooter } from '../../src/parquet/footer.js';
import { FileSource } from '../../src/sink/local/file-source.js';
import { MANIFEST_FILE } from '../../src/sink/names.js';
import { connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';
import { limits, lineitem } from '../support/tables.js';

const problemsOf = ({ tables, problems }: Verification): Problem[] => [
  ...problems,
  ...tables.flatMap((table) => [...table.problems, ...table.files.flatMap((file) => file.problems)]),
];

describe('verify, of an export of two tables', { concurrency: false }, () => {
  let server: TestServer;
  let exported: string;
  before(async () => {
    server = await startServer();
    for (const table of [lineitem(3000), limits(server.major)]) for (const statement of table.statements) await server.sql(statement);
    exported = await mkdtemp(join(tmpdir(), 'gpuparser-verify-'));
    for (const compression of ['snappy', 'none'] as const) {
      await exportInto(server, join(exported, compression), { table: 'lineitem', chunks: 3, compression });
      await exportInto(server, join(exported, compression), { table: 'limits', compression });
    }
  });
  after(async () => {
    await rm(exported, { recursive: true, force: true });
    await server.stop();
  });

  /** Takes a copy of the export, spoils something, and returns what verify says. */
  const spoilt = async (spoil: (folder: string) => Promise<unknown>, options: VerifyOptions = {}, codec: 'snappy' | 'none' = 'snappy') => {
    let found: Verification | undefined;
    await withFolder(async (folder) => {
      await cp(join(exported, codec), folder, { recursive: true });
      await spoil(folder);
      found = await verify(folder, options);
    });
    return found as Verification;
  };
  /** The one problem that is found. */
  const only = async (spoil: (folder: string) => Promise<unknown>, options: VerifyOptions = {}): Promise<Problem> => {
    const verification = await spoilt(spoil, options);
    assert.equal(verification.ok, false);
    const problems = problemsOf(verification);
    assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
    return problems[0] as Problem;
  };
  const editManifest = async (folder: string, edit: (tables: Record<string, Record<string, unknown>>) => void) => {
    const path = join(folder, MANIFEST_FILE);
    const manifest = JSON.parse(await readFile(path, 'utf8')) as { tables: Record<string, Record<string, unknown>> };
    edit(manifest.tables);
    await writeFile(path, JSON.stringify(manifest));
  };

  for (const compression of ['snappy', 'zstd', 'lz4', 'none'] as const) {
    it(`finds nothing wrong with what was written, every byte read, ${compression}`, async () => {
      await withFolder(async (folder) => {
        for (const table of ['lineitem', 'limits']) await exportInto(server, folder, { table, compression });
        const { ok, deep, server: asked, tables, problems } = await verify(folder, { deep: true });
        assert.deepEqual(problemsOf({ tables, problems } as unknown as Verification), []);
        assert.deepEqual([ok, deep, asked], [true, true, false]);
        assert.deepEqual(
          tables.map(({ table, rows }) => [table, rows]),
          [
            ['public.lineitem', 3000],
            ['public.limits', limits(server.major).rows],
          ],
        );
        assert.deepEqual(tables[0]?.files[0]?.checked, [
          'size',
          'footer',
          'rows',
          'schema',
          'origin',
          'checksum',
          'pages',
          'statistics',
          'indexes',
        ]);
      });
    });
  }

  it('finds nothing wrong with delta encodings, byte splits and bloom filters, and reads their values as the server has them', async () => {
    await withFolder(async (folder) => {
      const asked = { encodings: 'auto', overwrite: true } as const;
      await exportInto(server, folder, { table: 'lineitem', bloomFilters: ['l_orderkey'], ...asked });
      await exportInto(server, folder, { table: 'limits', ...asked });
      const encodings = (await inspect(join(folder, 'lineitem_chunk_0.parquet'))).rowGroups.flatMap(({ columns }) =>
        columns.flatMap((column) => column.encodings),
      );
      assert.ok(
        ['DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'].some((name) => encodings.includes(name)),
        encodings.join(),
      );
      assert.deepEqual(problemsOf(await verify(folder, { deep: true, connection: connectionTo(server) })), []);
    });
  });

  it('looks at one table alone when it is named, in SQL syntax', async () => {
    const spoil = (folder: string) => rm(join(folder, 'limits_chunk_0.parquet'));
    for (const table of ['lineitem', 'LineItem', 'public.lineitem', '"lineitem"']) assert.ok((await spoilt(spoil, { table })).ok, table);
    assert.ok(!(await spoilt(spoil, { table: 'public."limits"' })).ok);
    await assert.rejects(spoilt(spoil, { table: 'lineitems' }), { code: 'NOT_FOUND', hint: /public\.limits|public\.lineitem/ });
  });

  it('says that a folder, its manifest, or an entry is not there or is none', async () => {
    await assert.rejects(verify('/nowhere/at/all'), { code: 'NOT_FOUND', message: 'There is no folder /nowhere/at/all.' });
    await withFolder(async (folder) => {
      await assert.rejects(verify(folder), { code: 'NOT_FOUND', message: /has no _manifest\.json/ });
      for (const text of ['{', '{"version": 1, "tables": {"t": {}}}', '[]', '{"version": 1, "tables": {"t": null}}']) {
        await writeFile(join(folder, MANIFEST_FILE), text);
        await assert.rejects(verify(folder), { code: 'FILE' }, text);
      }
    });
  });

  it('names a file that is gone, and one that is cut off', async () => {
    const gone = await only((folder) => rm(join(folder, 'lineitem_chunk_1.parquet')));
    assert.deepEqual([gone.check, gone.file], ['missing', 'lineitem_chunk_1.parquet']);
    const cut = problemsOf(await spoilt((folder) => truncate(join(folder, 'lineitem_chunk_1.parquet'), 5000)));
    assert.deepEqual(
      cut.map(({ check, file }) => [check, file]),
      [
        ['size', 'lineitem_chunk_1.parquet'],
        ['footer', 'lineitem_chunk_1.parquet'],
      ],
    );
  });

  it('names chunks that are stale, of an export that has no entry, and files of other origin', async () => {
    const copy = (to: string) => (folder: string) => copyFile(join(folder, 'lineitem_chunk_0.parquet'), join(folder, to));
    for (const [name, message] of [
      ['lineitem_chunk_7.parquet', /not in the manifest's entry of public\.lineitem/],
      ['orders_chunk_0.parquet', /belongs to no table of the manifest/],
      ['merged.parquet', /belongs to no table of the manifest/],
      ['.lineitem_chunk_9.parquet.1.tmp', /what a run left/],
    ] as const) {
      const problem = await only(copy(name));
      assert.deepEqual([problem.check, problem.file], ['stale', name]);
      assert.match(problem.message, message);
    }
  });

  it('names a file that two chunks have exchanged, or that an earlier export left', async () => {
    const swapped = problemsOf(
      await spoilt(
        async (folder) => {
          const [a, b, c] = ['lineitem_chunk_0.parquet', 'lineitem_chunk_1.parquet', 'away'].map((name) => join(folder, name)) as [
            string,
            string,
            string,
          ];
          await rename(a, c);
          await rename(b, a);
          await rename(c, b);
        },
        { deep: true },
      ),
    );
    assert.deepEqual(
      [...new Set(swapped.filter(({ check }) => check === 'checksum').map(({ file }) => file))],
      ['lineitem_chunk_0.parquet', 'lineitem_chunk_1.parquet'],
    );
    const earlier = problemsOf(
      await spoilt(async (folder) => {
        const file = join(folder, 'lineitem_chunk_0.parquet');
        await copyFile(file, join(folder, 'kept'));
        await exportTable({
          table: 'lineitem',
          chunks: 3,
          output: folder,
          overwrite: true,
          device: 'cpu',
          connection: connectionTo(server),
        });
        await rename(join(folder, 'kept'), file);
      }),
    );
    const origin = earlier.find(({ check }) => check === 'origin');
    assert.equal(origin?.file, 'lineitem_chunk_0.parquet');
    assert.match(origin?.message ?? '', /It holds a snapshot taken 20/);
  });

  it('names what was edited in the manifest', async () => {
    const edits: [
      RegExp,
      string,
      (entry: {
        rows: number;
        columns: { name: string; parquetType: string; required: boolean }[];
        chunks: { rows: number }[];
        failures: unknown[];
      }) => unknown,
    ][] = [
      [/chunks have 3000 rows together, its entry says 2999/, 'manifest', (entry) => (entry.rows = 2999)],
      [/footer says 1,000 rows, the manifest says 1,001/, 'rows', (entry) => [(entry.chunks[0]!.rows = 1001), (entry.rows = 3001)]],
      [/Column 2 is "l_partkey", the manifest says "l_part"/, 'schema', (entry) => (entry.columns[1]!.name = 'l_part')],
      [
        /Column "l_quantity" is DECIMAL\(15,2\) \(INT64\), the manifest says DECIMAL\(15,3\)/,
        'schema',
        (entry) => (entry.columns[4]!.parquetType = 'DECIMAL(15,3)'),
      ],
      [/the manifest says (optional|required)/, 'schema', (entry) => (entry.columns[0]!.required = !entry.columns[0]!.required)],
      [/The file has a column "l_comment", which the manifest lacks/, 'schema', (entry) => entry.columns.pop()],
      [
        /Chunk 1 is not listed/,
        'manifest',
        (entry) => {
          const [gone] = entry.chunks.splice(1, 1);
          entry.rows -= gone!.rows;
          (entry as unknown as { bytes: number }).bytes -= (gone as unknown as { bytes: number }).bytes;
        },
      ],
      [
        /Chunk 3 failed when the table was exported: disk full/,
        'failures',
        (entry) => entry.failures.push({ index: 3, file: 'lineitem_chunk_3.parquet', error: { code: 'OUTPUT', message: 'disk full' } }),
      ],
    ];
    for (const [message, check, edit] of edits) {
      const found = problemsOf(await spoilt((folder) => editManifest(folder, (tables) => void edit(tables.lineitem as never))));
      assert.ok(
        found.some((problem) => problem.check === check && message.test(problem.message)),
        `${message}: ${JSON.stringify(found)}`,
      );
    }
  });

  it('names an entry without what every export writes', async () => {
    const cut: Record<string, unknown>[] = [{ snapshot: null }, { snapshot: {} }, { origin: null }, { origin: {} }, { columns: null }];
    for (const edit of cut)
      await assert.rejects(
        spoilt((folder) => editManifest(folder, (tables) => void Object.assign(tables.lineitem as object, edit))),
        { code: 'FILE', message: /entry "lineitem" that lacks what every export writes/ },
        JSON.stringify(edit),
      );
  });

  it('names a row count that was changed in a footer', async () => {
    const problems = problemsOf(
      await spoilt(async (folder) => {
        const path = join(folder, 'limits_chunk_0.parquet');
        const bytes = await readFile(path);
        const source = await FileSource.open(path);
        const { numRows } = await readFooter(source);
        await source.close();
        // The footer's num_rows is field 3 behind the schema: 0x16 and the zigzag varint; the row group's own comes later.
        const at = bytes.lastIndexOf(Buffer.from([0x16, numRows * 2, 0x19]));
        assert.ok(at > 0);
        bytes[at + 1] = numRows * 2 + 2;
        await writeFile(path, bytes);
      }),
    );
    assert.ok(problems.length > 0);
    assert.ok(
      problems.every(({ file, check }) => file === 'limits_chunk_0.parquet' && check === 'rows'),
      JSON.stringify(problems),
    );
  });

  it('names the file of any flipped byte, and never takes one for a defect of its own', async () => {
    await withFolder(async (folder) => {
      await exportInto(server, folder, { table: 'limits' });
      const path = join(folder, 'limits_chunk_0.parquet');
      const whole = await readFile(path);
      const wrong: number[] = [];
      // Every 67th byte, in all pages, indexes and the footer; which bit of it changes from one to the next.
      for (let at = 0; at < whole.length; at += 67) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
        await writeFile(path, bytes);
        const { ok, tables } = await verify(folder, { deep: true });
        if (ok || tables[0]?.files[0]?.problems[0]?.file !== 'limits_chunk_0.parquet') wrong.push(at);
      }
      assert.deepEqual(wrong, []);
    });
  });

  it('names column, row group and page of a byte flipped in a page without compression', async () => {
    const { rowGroups } = await withFolder(async (folder) => {
      const { files } = await exportInto(server, folder, { table: 'lineitem', chunks: 3, compression: 'none' });
      return inspect(files[0]?.path as string);
    });
    const column = rowGroups[0]?.columns.findIndex(({ path }) => path === 'l_comment') as number;
    const chunk = rowGroups[0]?.columns[column];
    const problems = problemsOf(
      await spoilt(
        async (folder) => {
          const path = join(folder, 'lineitem_chunk_0.parquet');
          const bytes = await readFile(path);
          // Behind the page header and its first value's length: an l_comment longer than its page.
          const at = (chunk?.offset ?? 0) + Math.floor((chunk?.compressedBytes ?? 0) / 2);
          bytes.fill(0xff, at, at + 8);
          await writeFile(path, bytes);
        },
        { deep: true },
        'none',
      ),
    );
    assert.ok(problems.some(({ check }) => check === 'checksum'));
    const named = problems.find(({ check }) => check === 'pages');
    assert.equal(named?.column, 'l_comment', JSON.stringify(problems));
    assert.match(named?.message ?? '', /^Column "l_comment", row group 0: page 0: /);
  });
});
