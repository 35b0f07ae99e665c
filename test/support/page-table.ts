import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../src/engine/batch.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Attribute, DiskForm, Layout } from '../../src/engine/layout.js';
import { PAGE_BYTES, type PagesTaken } from '../../src/engine/pages.js';
import type { Answer, Asked, PageSnapshot, Visibility } from '../../src/engine/visibility.js';
import type { ColumnPlan } from '../../src/plan/plan.js';
import { relationColumns } from '../../src/postgres/catalog-columns.js';
import { connect } from '../../src/postgres/connect.js';
import { planColumn } from '../../src/types/columns.js';
import { parsePolicies } from '../../src/types/policy-table.js';
import { ByteSink } from './copy-sink.js';
import { writer } from './copy-stream.js';
import { readRows } from './readers.js';
import type { TestServer } from './server.js';

/** A relation as its pages are read: what the engine is told of it, and the bytes of its main fork. */
export interface PageTable {
  readonly columns: readonly ColumnPlan[];
  readonly attributes: readonly Attribute[];
  readonly pages: Buffer;
}

const ALIGN = { c: 1, s: 2, i: 4, d: 8 } as const;
const FORMS: Readonly<Record<string, DiskForm>> = {
  name: 'name',
  inet: 'inet',
  cidr: 'inet',
  macaddr: 'macaddr',
  macaddr8: 'macaddr',
  pg_lsn: 'pg_lsn',
};

/** Layout and columns as the catalogue has them, and the pages as the files do. */
export async function readTable(server: TestServer, table: string, options = {}): Promise<PageTable> {
  const { session } = await connect(server.config());
  try {
    const oid = Number(await server.value('SELECT $1::regclass::oid', [table]));
    const catalog = await relationColumns(session, oid, [oid]);
    const facts = { policies: parsePolicies(options), encoding: 'UTF8', moneyDigits: 2 };
    const columns = catalog.map((column) => planColumn(column, facts));
    const rows = await server.sql(
      `SELECT attname, attlen, attalign, attisdropped, atthasmissing, format_type(atttypid, atttypmod) AS type
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
      [table],
    );
    const attributes: Attribute[] = [];
    for (const { attname, attlen, attalign, attisdropped, atthasmissing, type } of rows) {
      const column = columns.findIndex(({ name }) => name === attname);
      const at = { length: Number(attlen), align: ALIGN[attalign as keyof typeof ALIGN] };
      if (attisdropped === 't') {
        attributes.push(at);
        continue;
      }
      const { base } = catalog[column] as (typeof catalog)[0];
      let missing: Buffer | undefined;
      if (atthasmissing === 't') {
        const parts: Uint8Array[] = [];
        await session.copyOut(
          `COPY (SELECT ${(columns[column] as ColumnPlan).expression} FROM (SELECT (attmissingval::text::${type}[])[1] AS "${attname}"
             FROM pg_attribute WHERE attrelid = ${oid} AND attname = '${attname}') x) TO STDOUT (FORMAT binary)`,
          new ByteSink({ onData: (bytes) => parts.push(Buffer.from(bytes)) }),
        );
        const sent = Buffer.concat(parts);
        missing = sent.subarray(25, 25 + sent.readInt32BE(21));
      }
      const form = base.typtype === 'e' ? 'enum' : (FORMS[base.name] ?? 'plain');
      attributes.push({
        ...at,
        column,
        form,
        missing,
        ...(form === 'enum' && { labels: await labels(server, type as string) }),
      } as Attribute);
    }
    return { columns, attributes, pages: await fork(server, table) };
  } finally {
    await session.close();
  }
}

async function labels(server: TestServer, type: string): Promise<Map<number, string>> {
  const rows = await server.sql('SELECT oid, enumlabel FROM pg_enum WHERE enumtypid = $1::regtype', [type]);
  return new Map(rows.map((row) => [Number(row.oid), row.enumlabel as string]));
}

async function fork(server: TestServer, table: string): Promise<Buffer> {
  return Buffer.from(
    ((await server.value("SELECT encode(pg_read_binary_file(pg_relation_filepath($1)), 'hex')", [table])) as string) ?? '',
    'hex',
  );
}

/** The snapshot of the transaction that server.sql() is in. */
export async function exportSnapshot(server: TestServer): Promise<PageSnapshot> {
  const id = await server.value('SELECT pg_export_snapshot()');
  const lines = ((await server.value("SELECT pg_read_file('pg_snapshots/' || $1)", [id])) as string).split('\n');
  const all = (key: string) => lines.filter((line) => line.startsWith(`${key}:`)).map((line) => Number(line.slice(key.length + 1)));
  return {
    xmin: all('xmin')[0] as number,
    xmax: all('xmax')[0] as number,
    running: [...all('xip'), ...all('sxp')],
    overflowed: all('sof')[0] === 1,
  };
}

/** The first file of pg_xact. */
export async function xactFile(server: TestServer): Promise<Buffer> {
  return Buffer.from((await server.value("SELECT encode(pg_read_binary_file('pg_xact/0000'), 'hex')")) as string, 'hex');
}

/** What the server says of transactions and multixacts, in autocommit. */
export async function askServer(server: TestServer, asked: readonly Asked[]): Promise<Answer[]> {
  const client = await server.client();
  const status = server.major >= 13 ? 'pg_xact_status($1::text::xid8)' : 'txid_status($1::bigint)';
  try {
    const answers: Answer[] = [];
    for (const { id, multi } of asked) {
      if (multi) {
        const { rows } = await client.query('SELECT xid, mode FROM pg_get_multixact_members($1::text::xid)', [id]);
        const updater = rows.find(({ mode }) => mode === 'upd' || mode === 'nokeyupd');
        answers.push({ id, multi, updater: Number(updater?.xid ?? 0) });
      } else {
        const { rows } = await client.query(`SELECT ${status} AS status`, [id]);
        const said = rows[0].status as string;
        answers.push({ id, multi, status: said === 'committed' || said === 'aborted' ? said : 'unknown' });
      }
    }
    return answers;
  } finally {
    await client.end();
  }
}

export interface Decoded {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly image: Buffer;
  /** Rows of each page. */
  readonly counts: readonly number[];
  readonly states: readonly string[];
  readonly asked: readonly Asked[];
}

export interface DecodeOptions {
  readonly checksums?: boolean;
  /** Default: all are unknown. */
  readonly answer?: (asked: readonly Asked[]) => Promise<Answer[]> | Answer[];
  /** Pages of each append. Default: 7. */
  readonly step?: number;
}

/** Sends a relation's pages through the engine, asking whenever it stops to ask. */
export async function decodeTable(engine: Engine, table: PageTable, visibility: Visibility, options: DecodeOptions = {}): Promise<Decoded> {
  const { checksums = true, step = 7, answer = () => [] } = options;
  const schema = engine.openSchema(table.columns, writer);
  const layout = schema.openLayout(table.attributes);
  const batch = schema.openBatch();
  const folder = mkdtempSync(join(tmpdir(), 'gpuparser-pages-'));
  const counts: number[] = [];
  const states: string[] = [];
  const all: Asked[] = [];
  try {
    const total = table.pages.length / PAGE_BYTES;
    for (let from = 0, resume = false; from < total; ) {
      const blocks = Array.from({ length: Math.min(step, total - from) }, (_, i) => from + i);
      const done = await append(engine, batch, layout, visibility, table, blocks, checksums, resume);
      for (const { state, rows } of done.pages.slice(0, done.taken)) {
        states.push(state);
        counts.push(rows);
      }
      from += done.taken;
      resume = done.taken < blocks.length;
      if (!resume) continue;
      const { state } = done.pages[done.taken] as PagesTaken['pages'][number];
      if (state !== 'ask') throw new Error(`block ${from} is ${state}`);
      all.push(...done.asked);
      visibility.answer(await answer(done.asked));
    }
    const image = await batch.finish();
    const bytes = Buffer.from(image.bytes);
    image.free();
    const file = join(folder, 'image.parquet');
    writeFileSync(file, bytes);
    return { ...(await readRows('hyparquet', file)), image: bytes, counts, states, asked: all };
  } finally {
    batch.close();
    layout.close();
    schema.close();
    rmSync(folder, { recursive: true });
  }
}

async function append(
  engine: Engine,
  batch: Batch,
  layout: Layout,
  visibility: Visibility,
  { pages }: PageTable,
  blocks: readonly number[],
  checksums: boolean,
  resume: boolean,
): Promise<PagesTaken> {
  const slot = engine.allocate(blocks.length * PAGE_BYTES);
  slot.bytes.set(pages.subarray((blocks[0] as number) * PAGE_BYTES, ((blocks.at(-1) as number) + 1) * PAGE_BYTES));
  const done = await batch.appendPages({ layout, visibility, slot, blocks, checksums, resume });
  engine.release(slot);
  return done;
}
