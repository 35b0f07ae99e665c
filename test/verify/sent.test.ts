import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verify } from '../../src/functions.js';
import { CopyRows } from '../../src/verify/copy-rows.js';
import { wellFormed } from '../../src/verify/well-formed.js';
import { assertVerified, connectionTo, exportInto, withFolder } from '../support/exporting.js';
import { startServer, type TestServer } from '../support/server.js';

describe('the rows of a COPY', () => {
  const message = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };
  const row = (fields: readonly (Buffer | null)[]) => {
    const count = Buffer.alloc(2);
    count.writeInt16BE(fields.length);
    const parts = fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(field?.length ?? -1);
      return field === null ? [length] : [length, field];
    });
    return Buffer.concat([count, ...parts]);
  };
  const rows = [
    [Buffer.from('a'), null, Buffer.alloc(0)],
    [Buffer.alloc(300_000, 'x')],
    [null],
    [],
    [Buffer.from('z'), Buffer.alloc(8, 1)],
  ];
  const stream = Buffer.concat([
    message('H', Buffer.alloc(3)),
    ...rows.map((fields, i) => message('d', i === 0 ? Buffer.concat([Buffer.alloc(19), row(fields)]) : row(fields))),
    message('d', Buffer.from([0xff, 0xff])),
    message('c', Buffer.alloc(0)),
  ]);

  /** Gives the bytes as reads of at most so many each. */
  function read(bytes: Buffer, most: number): { rows: (string | null)[][]; messages: number[] } {
    const found: (string | null)[][] = [];
    const messages: number[] = [];
    const sink = new CopyRows((fields) => found.push(fields.map((field) => field?.toString('latin1') ?? null)));
    for (let at = 0; at < bytes.length; ) {
      const window = sink.window();
      const length = Math.min(most, window.length, bytes.length - at);
      assert.ok(length > 0);
      window.set(bytes.subarray(at, at + length));
      at += length;
      sink.received(length);
      for (let other = sink.next(); other; other = sink.next()) messages.push(other.type);
    }
    return { rows: found, messages };
  }

  it('are the same whatever each read brings', () => {
    const wanted = rows.map((fields) => fields.map((field) => field?.toString('latin1') ?? null));
    for (const most of [1, 2, 3, 5, 18, 19, 4096, 65_536, 1 << 20])
      assert.deepEqual(read(stream, most), { rows: wanted, messages: [0x48, 0x63] }, `${most}`);
  });

  it('are refused where they are not whole', () => {
    const cases = [Buffer.from([0, 1]), Buffer.from([0, 1, 0, 0, 0, 2, 65]), Buffer.from([0, 0, 1]), Buffer.from([0])];
    for (const body of cases) assert.throws(() => read(message('d', Buffer.concat([Buffer.alloc(19), body])), 1000), { code: 'PROTOCOL' });
    assert.throws(() => read(Buffer.from('d\0\0\0\x03'), 1000), { code: 'PROTOCOL' });
  });
});

describe('text with what is not UTF-8 replaced', { concurrency: false }, () => {
  it('is the same however long it is', () => {
    const edge = 1 << 20;
    for (const hex of ['f09f9880', 'f09f98', 'e28228', 'eda080', 'c0af', 'efbbbf', 'f4908080', 'ff']) {
      const odd = Buffer.from(hex, 'hex');
      // A byte order mark in front, and the sequence in every place about the border of two pieces.
      for (let before = edge - odd.length - 3; before <= edge; before++) {
        const bytes = Buffer.concat([Buffer.from('efbbbf', 'hex'), Buffer.alloc(before - 3, 'a'), odd, Buffer.from('z\xff', 'latin1')]);
        const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
        assert.ok(Buffer.from(wellFormed(bytes)).equals(Buffer.from(whole)), `${hex} at ${before}`);
      }
    }
    const fine = Buffer.from('größe');
    assert.equal(wellFormed(fine), fine);
  });

  let server: TestServer;
  before(async () => {
    server = await startServer({ initdbArgs: ['--encoding=SQL_ASCII', '--locale=C'] });
    await server.sql(`CREATE TABLE odd (id int, c text, j json, n numeric(9,2), "char" "char", v varchar(200), padded char(40))`);
    // Bytes at the borders of table 3-7 of the Unicode Standard, in all orders that chance brings.
    await server.sql(`INSERT INTO odd SELECT i, t, to_json(i), i, ((i % 256) - 128)::int::"char", t, left(t, 30)
      FROM (SELECT i, (SELECT string_agg(chr((ARRAY[65,122,127,128,143,144,159,160,175,176,191,192,193,194,223,224,225,236,237,238,239,240,241,243,244,245,255])[1 + floor(random() * 27)::int]), '')
        FROM generate_series(1, 1 + i % 90)) AS t FROM generate_series(1, 9000) i) s`);
    await server.sql('INSERT INTO odd (id) VALUES (0)');
  });
  after(() => server.stop());

  it('is compared with the server, and each change of what the file holds is found', async () => {
    await withFolder(async (folder) => {
      await exportInto(server, folder, { table: 'odd', invalidUtf8: 'replace', chunks: 2 });
      await assertVerified(folder, connectionTo(server));
      const changes: [change: string, back: string, columns: (string | null)[]][] = [
        [`UPDATE odd SET c = c || 'a' WHERE id = 5000`, 'UPDATE odd SET c = left(c, -1) WHERE id = 5000', ['c', null]],
        [`UPDATE odd SET n = n + 1 WHERE id = 5000`, 'UPDATE odd SET n = n - 1 WHERE id = 5000', ['n', null]],
        [`UPDATE odd SET "char" = 'x' WHERE id = 0`, `UPDATE odd SET "char" = NULL WHERE id = 0`, ['char', null]],
        [
          'UPDATE odd o SET c = other.c FROM odd other WHERE (o.id, other.id) IN ((88, 89), (89, 88))',
          'UPDATE odd o SET c = other.c FROM odd other WHERE (o.id, other.id) IN ((88, 89), (89, 88))',
          [null],
        ],
      ];
      for (const [change, back, columns] of changes) {
        await server.sql(change);
        const { ok, tables } = await verify(folder, { connection: connectionTo(server) });
        const different = tables.flatMap((table) =>
          table.columns.filter(({ status }) => status === 'different').map(({ column }) => column),
        );
        assert.deepEqual([ok, different], [false, columns], change);
        await server.sql(back);
      }
      const { ok, tables } = await verify(folder, { connection: connectionTo(server) });
      assert.equal(ok, true);
      const reasons = new Map(tables[0]?.columns.map(({ column, reason }) => [column, reason]));
      for (const column of ['c', 'j', 'char', 'v', 'padded'])
        assert.match(reasons.get(column) ?? '', /^the server's bytes, .*--invalid-utf8 replace/);
      assert.deepEqual([reasons.get('id'), reasons.get('n'), reasons.get(null)], [null, null, null]);
    });
  });

  it('of a value larger than any read, in one row or in each of a view', async () => {
    await server.sql(`CREATE TABLE large AS SELECT i AS id, repeat('x', 5000000) || chr(255) || repeat(chr(195) || chr(164), 100000) AS c FROM generate_series(1, 3) i;
      CREATE VIEW seen AS SELECT * FROM large`);
    for (const table of ['large', 'seen'])
      await withFolder(async (folder) => {
        await exportInto(server, folder, { table, invalidUtf8: 'replace' });
        await assertVerified(folder, connectionTo(server));
      });
  });

  it('is left alone when the comparison is interrupted, and no query is left behind', async () => {
    await withFolder(async (folder) => {
      await server.sql('CREATE VIEW slow AS SELECT c, pg_sleep(0.001) IS NULL AS v FROM odd LIMIT 40');
      await exportInto(server, folder, { table: 'slow', invalidUtf8: 'replace' });
      await server.sql('CREATE OR REPLACE VIEW slow AS SELECT c, pg_sleep(60) IS NULL AS v FROM odd LIMIT 40');
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 700);
      await assert.rejects(verify(folder, { connection: connectionTo(server) }, { signal: abort.signal }), { code: 'INTERRUPTED' });
      const running = await server.value(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%hashtextextended%' AND state = 'active' AND pid <> pg_backend_pid()",
      );
      assert.equal(running, '0');
    });
  });
});
