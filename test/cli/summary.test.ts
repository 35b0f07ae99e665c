import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Circumstances, whatHeldItBack } from '../../src/cli/advice.js';
import { reportError } from '../../src/cli/report.js';
import { planDetails, planText, summaryJson, summaryText } from '../../src/cli/summary.js';
import { plan, summary } from './samples.js';

describe('the summary', () => {
  it('tells rows, files, bytes, seconds, rates, stages and what held it back', () => {
    assert.equal(
      summaryText(summary, false),
      `public.customer: 1,000,000 rows, 2 files, 43.5 MiB in /data/out
4.00 s, 250 k rows/s, 47.7 MiB/s from the server
time: reading 3.88 s (server 70%, decode 10%, encode 15%, write 5%); snapshot held 3.90 s
The server's COPY, or the network, was the limit: more --jobs helps while the server has idle cores.
  file                                   rows      size    time  device
  /data/out/customer_chunk_0.parquet  500,000  21.7 MiB  3.50 s  cpu
  /data/out/customer_chunk_1.parquet  500,000  21.7 MiB  3.50 s  cpu
`,
    );
  });

  it('says nothing of limits after a short run, and of files when there are many', () => {
    const short = { ...summary.milliseconds, read: 200 };
    const many = { ...summary, seconds: 0.3, milliseconds: short, files: Array.from({ length: 5 }, () => summary.files[0]!) };
    assert.doesNotMatch(summaryText(many, false), /limit|customer_chunk/);
    assert.match(summaryText(many, true), /customer_chunk_0/);
  });

  it('counts failed chunks', () => {
    const error = { code: 'VALUE', message: 'NaN' } as const;
    const failed = [{ chunk: 1, path: '/data/out/customer_chunk_1.parquet', error }];
    assert.match(
      summaryText({ ...summary, failed, files: summary.files.slice(0, 1) }, false),
      /1 chunk failed; the files above are whole\n$/,
    );
  });

  it('names the stage that was the limit', () => {
    const limit = (stages: Partial<typeof summary.stages>) =>
      whatHeldItBack({ ...summary, stages: { server: 0, decode: 0, encode: 0, write: 0, ...stages } });
    assert.match(limit({ server: 0.5 })!, /--jobs/);
    assert.match(limit({ decode: 0.2, encode: 0.3 })!, /cores/);
    assert.match(limit({ write: 0.6 })!, /disk/);
    assert.equal(limit({ server: 0.4, decode: 0.2, encode: 0.2, write: 0.2 }), undefined);
  });

  it('says what was measured: a lock, the start of a cluster, planning, or reading, whichever took most of the run', () => {
    const none = { start: 0, connect: 0, lock: 0, plan: 0, read: 0, finish: 0 };
    const after = (phases: Partial<typeof none>, circumstances?: Circumstances, more: Partial<typeof summary> = {}) =>
      whatHeldItBack({ ...summary, ...more, milliseconds: { ...summary.milliseconds, ...none, ...phases } }, circumstances);
    assert.equal(after({ lock: 10_000, plan: 100, read: 3900 }), 'Another session held what was exported locked for 10.0 s of 14.0 s.');
    assert.equal(after({ connect: 5000, read: 200 }), 'Connecting to the server took 5.00 s of 5.20 s.');
    assert.equal(after({ plan: 3000, read: 2500 }), 'Planning took 3.00 s of 5.50 s, before the first row was read.');
    const ray = { ray: true };
    const few = { receivedBytes: 60_000 };
    assert.equal(
      after({ start: 14_000, read: 800 }, ray, few),
      'Ray took 14.0 s of 14.8 s to start the workers: so little data is exported sooner without --cluster ray.',
    );
    assert.equal(after({ start: 14_000, read: 3000 }, ray), 'Ray took 14.0 s of 17.0 s to start the workers.');
    assert.equal(after({ start: 400, read: 500 }, ray, few), undefined, 'a short run');
    assert.equal(after({ lock: 4000, read: 5000 }), undefined, 'neither was most of it');
    assert.equal(after({ read: 5000 }, {}, few), undefined, 'little was read');
    assert.match(after({ lock: 100, read: 5000 }) ?? '', /COPY, or the network, was the limit/);
  });

  it('gives no advice that cannot be followed', () => {
    const only = (stage: string, circumstances: Circumstances, device = 'cpu') =>
      whatHeldItBack(
        {
          ...summary,
          stages: { server: 0, decode: 0, encode: 0, write: 0, [stage]: 0.9 },
          files: summary.files.map((file) => ({ ...file, device })),
        },
        circumstances,
      );
    assert.equal(
      only('server', { unsplittable: 'a view has no ctid' }),
      "The server's COPY was the limit, by one connection: a view has no ctid.",
    );
    assert.equal(only('write', { codec: 'zstd' }), 'Writing was the limit: a faster disk for --output helps.');
    assert.match(only('write', { codec: 'snappy' }) ?? '', /--compression zstd/);
    assert.match(only('encode', { codec: 'zstd' }) ?? '', /more cores, --compression snappy or none, or a GPU helps\.$/);
    assert.match(only('encode', { codec: 'snappy' }) ?? '', /more cores, --compression none or a GPU helps\.$/);
    assert.match(only('encode', { codec: 'none' }) ?? '', /more cores or a GPU helps\.$/);
    assert.equal(only('encode', {}, 'cuda:0'), undefined);
  });

  it('has the eight keys and the milliseconds in JSON, and no others', () => {
    assert.deepEqual(Object.keys(summaryJson(summary)), [
      'table',
      'rows',
      'bytes',
      'seconds',
      'rowsPerSecond',
      'files',
      'failed',
      'warnings',
      'milliseconds',
    ]);
  });
});

describe('the plan', () => {
  it('is two lines before an export', () => {
    assert.equal(
      planText(plan, './out'),
      'public.customer: table, about 1,000,000 rows, 2 columns, 7.81 MiB in the server\nto 2 files in ./out, snappy; 2 connections to PostgreSQL 17.4\n',
    );
    assert.match(
      planText({ ...plan, unsplittable: 'a view has no ctid', estimatedRows: undefined, heapBytes: 0 }, 'o'),
      /rows not known, 2 columns\n.*\nread as one stream: a view has no ctid\n$/,
    );
  });

  it('is tables of columns and files for --dry-run', () => {
    assert.equal(
      planDetails(plan, './out').split('\n\n').slice(1).join('\n\n'),
      `  column  PostgreSQL  Parquet  null  note
  id      bigint      INT64    no
  shape   point       STRING   yes   as text

  file                      rows  reads
  customer_chunk_0.parquet        "public"."customer" page 0 to page 500
  customer_chunk_1.parquet        "public"."customer" page 500 to end
`,
    );
  });
});

describe('errors', () => {
  const reported = (...[error, verbose]: [Parameters<typeof reportError>[2], boolean]): string => {
    let text = '';
    reportError({ write: (part) => (text += part) }, {}, error, verbose);
    return text;
  };

  it('are a sentence, the detail and a hint', () => {
    const error = {
      code: 'SERVER',
      message: 'The server refused.',
      detail: 'line 1\nline 2\n',
      hint: 'Ask again.',
      sqlState: '42601',
      stack: 'at x',
    } as const;
    assert.equal(reported(error, false), 'gpuparser: The server refused.\ndetail: line 1\n  line 2\nhint: Ask again.\n');
    assert.equal(
      reported(error, true),
      'gpuparser: The server refused.\ndetail: line 1\n  line 2\nhint: Ask again.\ncode: SERVER, SQLSTATE 42601\n',
    );
  });

  it('have colours on a terminal that wants them, and nowhere else', () => {
    const painted = (output: { isTTY?: boolean }, environment: Record<string, string>): string => {
      let text = '';
      const error = { code: 'SERVER', message: 'No.', detail: 'Why.', hint: 'Do.' } as const;
      reportError({ write: (part) => (text += part), ...output }, environment, error, false);
      return text;
    };
    const plain = 'gpuparser: No.\ndetail: Why.\nhint: Do.\n';
    assert.equal(
      painted({ isTTY: true }, {}),
      '\u001b[31mgpuparser:\u001b[0m No.\n\u001b[2mdetail:\u001b[0m Why.\n\u001b[32mhint:\u001b[0m Do.\n',
    );
    assert.deepEqual(
      [painted({ isTTY: true }, { NO_COLOR: '1' }), painted({ isTTY: true }, { TERM: 'dumb' }), painted({}, {})],
      [plain, plain, plain],
    );
  });

  it('show a stack only for defects, and only on request', () => {
    const error = { code: 'INTERNAL', message: 'Oh.', stack: 'Error: Oh.\n    at x' } as const;
    assert.equal(
      reported(error, false),
      'gpuparser: Oh.\nhint: This is a defect of gpuparser. Please report it with the output of --verbose.\n',
    );
    assert.match(reported(error, true), /\ncode: INTERNAL\nError: Oh\.\n {4}at x\n$/);
  });

  it("cannot steer a terminal with a server's text", () => {
    assert.equal(reported({ code: 'SERVER', message: 'a\u001b[2J\rb' }, false), 'gpuparser: a\ufffd[2J\ufffdb\n');
  });
});
