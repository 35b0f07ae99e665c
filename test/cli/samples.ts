import type { ExportEvent, ExportSummary, Plan } from '../../src/index.js';

/** A plan of two chunks with 1,000,000 rows expected. */
export const plan: Plan = {
  version: 1,
  table: 'public.customer',
  stem: 'customer',
  request: {},
  source: 'table',
  columns: [
    column('id', 'bigint', 'INT64', { kind: 'int8', required: true }),
    column('shape', 'point', 'STRING', { kind: 'text', logical: 'string', asText: true }),
  ],
  chunks: [0, 1].map((index) => ({
    index,
    file: `customer_chunk_${index}.parquet`,
    scans: [
      {
        relation: '"public"."customer"',
        select: 'SELECT "id", "shape"::text FROM ONLY "public"."customer"',
        from: 'ONLY "public"."customer"',
        range: { from: { page: index * 500, line: 0 }, to: index === 0 ? { page: 500, line: 0 } : undefined, pages: 500 },
      },
    ],
  })),
  estimatedRows: 1_000_000,
  exactRows: false,
  heapBytes: 8_192_000,
  snapshot: { id: '00000003-0000001B-1', lsn: '0/1', takenAt: '2026-11-01T00:00:00.000Z', standby: false, serverVersion: '17.4' },
  writer: { codec: 'snappy', level: 0, createdBy: 'gpuparser', rowSecurity: false },
  origin: {
    version: 1,
    tool: 'gpuparser',
    server: 'PostgreSQL 17.4',
    database: 'shop',
    encoding: 'UTF8',
    columns: [],
    types: [],
  },
  keyValueMetadata: {},
  policies: {},
  jobs: 2,
  warnings: ['row counts may differ between files'],
};

function column(name: string, postgresType: string, parquetType: string, rest: Partial<Plan['columns'][number]>): Plan['columns'][number] {
  return {
    name,
    expression: name,
    postgresType,
    parquetType,
    kind: 'text',
    required: false,
    precision: 0,
    scale: 0,
    logical: 'none',
    onNan: 'error',
    onInfinity: 'error',
    asText: false,
    policies: {},
    ...rest,
  };
}

export const summary: ExportSummary = {
  table: 'public.customer',
  rows: 1_000_000,
  bytes: 45_600_000,
  seconds: 4,
  rowsPerSecond: 250_000,
  files: [0, 1].map((index) => ({
    path: `/data/out/customer_chunk_${index}.parquet`,
    rows: 500_000,
    bytes: 22_800_000,
    seconds: 3.5,
    device: 'cpu',
  })),
  failed: [],
  warnings: [],
  receivedBytes: 200_000_000,
  stages: { server: 0.7, decode: 0.1, encode: 0.15, write: 0.05 },
  milliseconds: {
    start: 40,
    connect: 10,
    lock: 0,
    plan: 50,
    read: 3880,
    finish: 20,
    server: 14_000,
    decode: 2000,
    encode: 3000,
    write: 1000,
  },
  snapshotSeconds: 3.9,
};

/** Progress of workers with the given rows; a row is 200 bytes, worker i has chunk i in hand. */
export function progress(
  rows: readonly number[],
  elapsedSeconds: number,
  estimatedRows: number | undefined = 1_000_000,
): Extract<ExportEvent, { type: 'progress' }> {
  const total = rows.reduce((sum, each) => sum + each, 0);
  return {
    type: 'progress',
    workers: rows.map((each, worker) => ({ worker, device: 'cpu', chunk: worker, rows: each, bytes: each * 200 })),
    rows: total,
    bytes: total * 200,
    estimatedRows,
    elapsedSeconds,
  };
}
