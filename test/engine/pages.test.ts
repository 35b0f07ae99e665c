import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import type { Attribute } from '../../src/engine/layout.js';
import { PAGE_BYTES } from '../../src/engine/pages.js';
import { EngineError } from '../../src/engine/status.js';
import type { Answer, Asked, PageSnapshot } from '../../src/engine/visibility.js';
import { columnsOf, serverRows } from '../support/exporting.js';
import { CHANGES_AFTER, STATES } from '../support/page-states.js';
import {
  askServer,
  type Decoded,
  type DecodeOptions,
  decodeTable,
  exportSnapshot,
  type PageTable,
  readTable,
  xactFile,
} from '../support/page-table.js';
import { availableMajors, startServer, type TestServer } from '../support/server.js';

const TABLES = ['fz', 'av', 's', 'f', 'h', 'm', 'g', 'w', 'ty', 'rw'];

/** Statements of a script, of which each is sent alone: VACUUM and PREPARE TRANSACTION want that. */
function statements(script: string): string[] {
  const parts = script.replaceAll(/^--.*$/gm, '').split('$$');
  const marked = parts.map((part, i) => (i % 2 === 0 ? part.replaceAll(';', '\0') : part)).join('$$');
  return marked.split('\0').filter((statement) => statement.trim() !== '');
}

async function runScript(server: TestServer, script: string): Promise<void> {
  const client = await server.client();
  try {
    for (const statement of statements(script)) await client.query(statement);
  } finally {
    await client.end();
  }
}

// infomask bits
const XMAX_LOCK_ONLY = 0x80;
const XMAX_COMMITTED = 0x400;
const XMAX_INVALID = 0x800;
/** All that says what an xmax is. */
const XMAX_CLEARED = 0x1cd0;
const ALL_VISIBLE = 4;

function setMask(page: Buffer, at: number, mask: number): void {
  page.writeUInt16LE(mask, at + 20);
}

/** The same table with its tuples changed. */
function edited(table: PageTable, tuple: (page: Buffer, at: number) => void, whole: (page: Buffer) => void = () => undefined): PageTable {
  const pages = Buffer.from(table.pages);
  for (let from = 0; from < pages.length; from += PAGE_BYTES) {
    const page = pages.subarray(from, from + PAGE_BYTES);
    whole(page);
    for (let at = 24; at < page.readUInt16LE(12); at += 4) {
      const item = page.readUInt32LE(at);
      if (((item >> 15) & 3) === 1) tuple(page, item & 0x7fff);
    }
  }
  return { ...table, pages };
}

for (const major of [Math.min(...availableMajors), Math.max(...availableMajors)]) {
  describe(`pages of PostgreSQL ${major}`, () => {
    let server: TestServer;
    let snapshot: PageSnapshot;
    let xact: Buffer;
    const engine = new Engine('cpu', 1);
    const tables = new Map<string, PageTable>();
    /** By the server's own text, under the snapshot: rows in the order of their ctids, and how many each block has. */
    const truth = new Map<string, { rows: (string | null)[][]; counts: Map<number, number> }>();
    const tableOf = (name: string) => tables.get(name) as PageTable;

    before(async () => {
      server = await startServer({ major, initdbArgs: ['--data-checksums'], settings: { max_prepared_transactions: 50 } });
      await runScript(server, STATES);
      await server.sql('BEGIN ISOLATION LEVEL REPEATABLE READ');
      snapshot = await exportSnapshot(server);
      await runScript(server, CHANGES_AFTER);
      await runScript(server, 'CHECKPOINT');
      xact = await xactFile(server);
      // Everything is read from files before the first SELECT sets a hint bit.
      for (const name of TABLES) tables.set(name, await readTable(server, name));
      for (const name of TABLES) {
        const columns = await columnsOf(server, name);
        const counted = await server.sql(`SELECT (ctid::text::point)[0]::int AS block, count(*) FROM ${name} GROUP BY 1`);
        truth.set(name, {
          rows: await serverRows(server, columns, `${name} ORDER BY ctid`.replace('ORDER BY ctid', major >= 14 ? 'ORDER BY ctid' : '')),
          counts: new Map(counted.map(({ block, count }) => [Number(block), Number(count)])),
        });
      }
    });
    after(async () => {
      await engine.close();
      await server.stop();
    });

    async function decode(table: PageTable, { files = true, ...options }: DecodeOptions & { files?: boolean } = {}): Promise<Decoded> {
      const visibility = engine.openVisibility(snapshot);
      try {
        if (files) visibility.xact(0, xact);
        return await decodeTable(engine, table, visibility, { answer: (asked) => askServer(server, asked), ...options });
      } finally {
        visibility.close();
      }
    }

    function assertTruth(name: string, { rows, counts }: Decoded): void {
      const wanted = truth.get(name) as { rows: (string | null)[][]; counts: Map<number, number> };
      const { columns } = tableOf(name);
      for (const [i, row] of wanted.rows.entries()) {
        for (const [j, value] of row.entries()) assert.equal(rows[i]?.[j], value, `${name}: row ${i}, column ${columns[j]?.name}`);
      }
      assert.equal(rows.length, wanted.rows.length);
      for (const [block, count] of counts.entries())
        assert.equal(count, wanted.counts.get(block) ?? 0, `rows of block ${block} of ${name}`);
    }

    /** How many rows differ from the server's, one way or the other. */
    function wrong(name: string, { rows }: Pick<Decoded, 'rows'>): number {
      const left = new Map<string, number>();
      const count = (list: readonly (readonly (string | null)[])[], by: number) => {
        for (const row of list) left.set(JSON.stringify(row), (left.get(JSON.stringify(row)) ?? 0) + by);
      };
      count(rows, 1);
      count(truth.get(name)?.rows ?? [], -1);
      return [...left.values()].reduce((sum, by) => sum + Math.abs(by), 0);
    }

    for (const name of TABLES) {
      it(`gives the server's rows of table ${name}, value by value and block by block`, async () => {
        assertTruth(name, await decode(tableOf(name)));
      });
    }

    it('asks of every transaction that pg_xact does not prove, and of updating multixacts', async () => {
      const proved = await decode(tableOf('s'));
      const bare = await decode(tableOf('s'), { files: false });
      assertTruth('s', bare);
      assert.ok(
        proved.asked.some(({ multi }) => multi),
        'multixacts are asked of',
      );
      assert.ok(bare.asked.length > proved.asked.length);
      assert.equal(new Set(bare.asked.map(({ id, multi }) => `${id} ${multi}`)).size, bare.asked.length, 'each once');
    });

    it('reads every way that a page can be judged', async () => {
      const seen = new Set<string>();
      for (const name of TABLES) for (const state of (await decode(tableOf(name))).states) seen.add(state);
      assert.deepEqual([...seen].sort(), ['all_visible', 'mvcc']);
    });

    describe('controls: with a rule left out, the comparison finds wrong rows', () => {
      const committed = (asked: readonly Asked[]): Answer[] =>
        asked.map(({ id, multi }) => (multi ? { id, multi, updater: 0 } : { id, multi, status: 'committed' }));

      it('pg_xact and multixacts ignored', async () => {
        const decoded = await decode(tableOf('s'), { files: false, answer: committed });
        assert.ok(wrong('s', decoded) > 100);
      });

      it('lock-only ignored', async () => {
        const table = edited(tableOf('s'), (page, at) => {
          const mask = page.readUInt16LE(at + 20);
          if ((mask & XMAX_INVALID) === 0 && (mask & XMAX_LOCK_ONLY) !== 0) setMask(page, at, (mask & ~XMAX_CLEARED) | XMAX_COMMITTED);
        });
        assert.ok(wrong('s', await decode(table, { checksums: false })) > 20);
      });

      it('only rows with xmax 0 are alive', async () => {
        for (const name of ['s', 'fz', 'av']) {
          const table = edited(
            tableOf(name),
            (page, at) => {
              if (page.readUInt32LE(at + 4) !== 0) setMask(page, at, (page.readUInt16LE(at + 20) & ~XMAX_CLEARED) | XMAX_COMMITTED);
            },
            (page) => page.writeUInt16LE(page.readUInt16LE(10) & ~ALL_VISIBLE, 10),
          );
          assert.ok(wrong(name, await decode(table, { checksums: false })) > 10, name);
        }
      });

      it('missing values ignored', async () => {
        const table = tableOf('m');
        const attributes = table.attributes.map(({ missing: _, ...attribute }) => attribute);
        assert.ok(wrong('m', await decode({ ...table, attributes })) > 50);
      });

      it('checksums not looked at, and a page that lies at the wrong block', async () => {
        const table = tableOf('f');
        const pages = Buffer.from(table.pages);
        pages.copy(pages, 0, PAGE_BYTES, 2 * PAGE_BYTES);
        await assert.rejects(decode({ ...table, pages }), /block 0 is torn/);
        assert.ok(wrong('f', await decode({ ...table, pages }, { checksums: false })) > 0);
      });
    });

    it('takes no page that is torn, whichever its damage', async () => {
      const table = tableOf('fz');
      const damage = (change: (page: Buffer) => void) => {
        const pages = Buffer.from(table.pages);
        change(pages.subarray(PAGE_BYTES, 2 * PAGE_BYTES));
        return decode({ ...table, pages });
      };
      await assert.rejects(
        damage((page) => page.writeUInt8(page.readUInt8(5000) ^ 4, 5000)),
        /block 1 is torn/,
      );
      await assert.rejects(
        damage((page) => table.pages.copy(page, 4096, 4096, PAGE_BYTES)),
        /block 1 is torn/,
      );
      await assert.rejects(
        damage((page) => page.fill(0, 0, 4096)),
        /block 1 is torn/,
      );
    });

    it('says of a refused value which row it is, by ctid', async () => {
      const ctid = await server.value("SELECT ctid FROM bad WHERE d = 'infinity'");
      const error: unknown = await decode(await readTable(server, 'bad')).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof EngineError && error.reason === 'infinity' && error.column === 1);
      assert.equal(`(${error.ctid?.block},${error.ctid?.item})`, ctid);
    });

    it('takes no page with a value in TOAST, unless its column is not wanted', async () => {
      const table = await readTable(server, 'big');
      const last = table.pages.length / PAGE_BYTES - 1;
      await assert.rejects(decode(table), new RegExp(`block ${last} is toast`));
      const [id, { column: _, ...walked }] = table.attributes as [Attribute, Attribute];
      const decoded = await decode({ ...table, columns: table.columns.slice(0, 1), attributes: [id, walked] });
      assert.equal(decoded.rows.length, 201);
    });

    it('reads new pages as empty ones', async () => {
      const table = tableOf('fz');
      const decoded = await decode({ ...table, pages: Buffer.concat([table.pages, Buffer.alloc(3 * PAGE_BYTES)]) });
      assert.deepEqual(decoded.states.slice(-3), ['empty', 'empty', 'empty']);
      assertTruth('fz', decoded);
    });
  });
}
