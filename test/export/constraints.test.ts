import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ExportOptions, type ExportSummary, inspect, tableDefinition } from '../../src/index.js';
import { tableDefinition as definitionOf } from '../../src/origin/ddl.js';
import { ORIGIN_KEY, type Origin } from '../../src/origin/origin.js';
import { exportInto, fileRows, withFolder } from '../support/exporting.js';
import { availableMajors, startServer, type TestServer } from '../support/server.js';

/** What other tables and the user's own things a definition cannot bring along. */
const OTHERS = `CREATE SCHEMA "S"; CREATE TABLE "S".other (id int PRIMARY KEY, "Code" text UNIQUE);
  CREATE FUNCTION even(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
  CREATE COLLATION mine (LOCALE = 'C'); CREATE EXTENSION btree_gist`;
const TABLE = '"S"."t ""x"""';
const setup = (major: number) => `${OTHERS}; CREATE EXTENSION citext SCHEMA "S";
  CREATE TYPE "S".mood AS ENUM ('glad', 'sad');
  CREATE TABLE "S".parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE "S".part_1 PARTITION OF "S".parts FOR VALUES FROM (0) TO (5); CREATE TABLE "S".part_2 PARTITION OF "S".parts DEFAULT;
  INSERT INTO "S".other VALUES (1, 'a'), (2, 'b'); INSERT INTO "S".parts VALUES (1), (9);
  CREATE TABLE ${TABLE} (
    id int, "a b" int NOT NULL, c text CONSTRAINT "c is there" NOT NULL, m "S".mood, ms "S".mood[], ci "S".citext, r int4range, at timestamp, dropped int,
    mc text COLLATE mine UNIQUE, n numeric,
    CONSTRAINT "the key" PRIMARY KEY (c, id) INCLUDE (n),
    CONSTRAINT "two ""of"" them" UNIQUE ("a b", c), UNIQUE (id) DEFERRABLE INITIALLY DEFERRED, UNIQUE (at) INCLUDE (m), UNIQUE (ci),
    CONSTRAINT none_overlap EXCLUDE USING gist (r WITH &&) WHERE ("a b" > 0), CONSTRAINT by_id EXCLUDE USING gist (id WITH =, r WITH &&),
    CONSTRAINT lines CHECK (c <> E'a\\n-- ''b''\\\\'), CHECK (m <> 'sad' AND ms[1] <> 'sad' AND ms <> '{sad}'), CHECK (ci <> 'NO' AND length(c) < 1000),
    CHECK (id > 0) NO INHERIT, CONSTRAINT everything CHECK ("t ""x""" IS NOT NULL OR true), CHECK (even(2 * "a b")), CHECK (c COLLATE mine > ''), CHECK (true),
    FOREIGN KEY (id) REFERENCES "S".other ON DELETE CASCADE DEFERRABLE, CONSTRAINT "to code" FOREIGN KEY (mc) REFERENCES "S".other ("Code") MATCH FULL,
    FOREIGN KEY ("a b") REFERENCES "S".parts, CONSTRAINT itself FOREIGN KEY (c, id) REFERENCES ${TABLE});
  ALTER TABLE ${TABLE} DROP dropped;
  INSERT INTO ${TABLE} (id, "a b", c, m, ms, ci, r, at, mc, n) SELECT i, 1 + 8 * (i - 1), 'c' || i, 'glad', '{glad}', 'ci' || i, int4range(i, i + 1), '2020-01-01'::timestamp + i * interval '1 day', chr(96 + i), i
    FROM generate_series(1, 2) i;
  ALTER TABLE ${TABLE} ADD CONSTRAINT evenly CHECK (even("a b")) NOT VALID, ADD CONSTRAINT later CHECK ("a b" > 1 OR c = E'x\\ny') NOT VALID;
  ALTER TABLE ${TABLE} ADD CONSTRAINT not_yet FOREIGN KEY (id) REFERENCES "S".other NOT VALID;
  COMMENT ON CONSTRAINT lines ON ${TABLE} IS 'it''s said';
  ${major >= 15 ? `ALTER TABLE ${TABLE} ADD CONSTRAINT no_two_nulls UNIQUE NULLS NOT DISTINCT (n, at);` : ''}
  ${
    major >= 18
      ? `ALTER TABLE ${TABLE} ADD v int, ADD w int DEFAULT 1; ALTER TABLE ${TABLE} ADD CONSTRAINT "v later" NOT NULL v NOT VALID, ADD CONSTRAINT "named w" NOT NULL w,
         ADD CONSTRAINT unenforced CHECK (id > 100) NOT ENFORCED, ADD CONSTRAINT unenforced_key FOREIGN KEY (v) REFERENCES "S".other NOT ENFORCED, ADD CONSTRAINT periods UNIQUE (id, r WITHOUT OVERLAPS);`
      : ''
  }`;

const CONSTRAINTS = `SELECT conname, pg_get_constraintdef(k.oid) AS definition, obj_description(k.oid, 'pg_constraint') AS comment FROM pg_constraint k
  WHERE conrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid) ORDER BY conname`;

async function originOf(path: string): Promise<Origin> {
  const { keyValueMetadata } = await inspect(path);
  return JSON.parse(keyValueMetadata.find(({ key }) => key === ORIGIN_KEY)?.value as string) as Origin;
}
const fileOf = ({ files }: ExportSummary) => files[0]?.path as string;
/** Of the constraints in comments, why and which. */
const left = (ddl: string) =>
  ddl
    .split('\n')
    .flatMap(
      (line) =>
        /^-- (?:Left out, for (.*):|ALTER TABLE \S+(?: ""x""")? ADD CONSTRAINT (.*?);?)$/.exec(line)?.slice(1).filter(Boolean) ?? [],
    );

for (const major of availableMajors) {
  it(`a table's constraints can be made again, and hold, from PostgreSQL ${major}`, async () => {
    const server = await startServer({ major });
    try {
      await server.sql(setup(major));
      await withFolder(async (folder) => {
        const summary = await exportInto(server, folder, { table: TABLE, types: { ms: 'text', r: 'text' } });
        const ddl = await tableDefinition(fileOf(summary));
        await server.sql('CREATE DATABASE elsewhere');
        const client = await server.client({ database: 'elsewhere' });
        try {
          await client.query(ddl);
          const { columns, rows } = await fileRows('duckdb', summary);
          assert.equal(rows.length, 2);
          for (const row of rows)
            await client.query(`INSERT INTO ${TABLE} VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`, [...row]);
          const wanted = await server.sql(CONSTRAINTS, [TABLE]);
          const made = (await client.query(CONSTRAINTS, [TABLE])).rows as typeof wanted;
          const outside = new Set(left(ddl).map((text) => /^"((?:[^"]|"")*)"/.exec(text)?.[1]?.replaceAll('""', '"')));
          assert.deepEqual(
            made,
            wanted.filter(({ conname }) => !outside.has(conname as string)),
          );
          for (const name of [
            'the key',
            'two "of" them',
            't "x"_ci_key',
            'none_overlap',
            'lines',
            'everything',
            ...(major >= 18 ? ['named w', 'c is there'] : []),
          ])
            assert.ok(
              made.some(({ conname }) => conname === name),
              name,
            );
          // With what they need there, the statements in comments make the rest.
          await client.query(OTHERS.replace('CREATE SCHEMA "S";', ''));
          await client.query(
            `CREATE TABLE "S".parts (id int PRIMARY KEY); INSERT INTO "S".other VALUES (1, 'a'), (2, 'b'); INSERT INTO "S".parts VALUES (1), (9)`,
          );
          const statements = ddl.slice(ddl.indexOf('\n-- Left out')).replace(/^-- (Left out.*)?/gm, '');
          await client.query(statements);
          assert.deepEqual((await client.query(CONSTRAINTS, [TABLE])).rows, wanted);
        } finally {
          await client.end();
        }
      });
    } finally {
      await server.stop();
    }
  });
}

describe('the constraints of a definition', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.sql(setup(server.major));
  });
  after(() => server.stop());

  let copies = 0;
  async function withDefinition(options: ExportOptions, use: (ddl: string, origin: Origin) => Promise<void> | void): Promise<void> {
    await withFolder(async (folder) => {
      const path = fileOf(await exportInto(server, folder, options));
      const ddl = await tableDefinition(path);
      const database = `copy_${copies++}`;
      await server.sql(`CREATE DATABASE ${database}`);
      const client = await server.client({ database });
      await client.query(ddl).finally(() => client.end());
      await use(ddl, await originOf(path));
    });
  }

  it('are all that can hold elsewhere; the others say why they are left out', async () => {
    await withDefinition({ table: TABLE }, (ddl, origin) => {
      const found = left(ddl);
      const after = (why: string) => found.slice(found.findIndex((text) => text.startsWith(why)) + 1);
      assert.match(after('they need functions, operators')[0] ?? '', /^"t ""x""_mc_key" UNIQUE \(mc\)$/);
      assert.ok(found.includes('"evenly" CHECK (public.even("a b")) NOT VALID'), ddl);
      assert.ok(
        ddl.includes(`:\n-- ALTER TABLE ${TABLE} ADD CONSTRAINT "later" CHECK ((("a b" > 1) OR (c = 'x\n-- y'::text))) NOT VALID;\n`),
        ddl,
      );
      assert.ok(found.includes('"to code" FOREIGN KEY (mc) REFERENCES "S".other("Code") MATCH FULL'), ddl);
      assert.equal(found.filter((text) => text.includes('REFERENCES "S".parts')).length, 1);
      assert.deepEqual(origin.relation?.primaryKey, { name: 'the key', columns: ['c', 'id'] });
      assert.deepEqual(
        origin.relation?.constraints?.find(({ name }) => name === 'two "of" them'),
        { name: 'two "of" them', type: 'unique', sql: 'UNIQUE ("a b", c)', columns: ['a b', 'c'], portable: true, holds: true },
      );
    });
  });

  it('name only columns that the file has', async () => {
    await withDefinition({ table: TABLE, columns: ['c', 'id', 'm', 'at'] }, (ddl) => {
      const lines = ddl.split('\n').filter((line) => line.startsWith('  CONSTRAINT'));
      assert.deepEqual(
        lines.map((line) => /"(.*?)" (?:UNIQUE|CHECK)/.exec(line)?.[1]),
        ['t ""x""_at_m_key', 't ""x""_id_key', 'lines', 't ""x""_check2', 't ""x""_id_check'],
      );
      assert.match(
        ddl,
        /^-- Left out, for the file lacks some of their columns:\n-- ALTER TABLE .* ADD CONSTRAINT "the key" PRIMARY KEY \(c, id\) INCLUDE \(n\);$/m,
      );
    });
  });

  it('are no promise where a policy changes values, a child has its own rows, or nobody enforces them', async () => {
    await server.sql(`CREATE TABLE timed (at timestamp PRIMARY KEY, n numeric(5,1) UNIQUE CHECK (n IS NOT NULL), id int UNIQUE);
      INSERT INTO timed VALUES ('infinity', 'NaN', 1), ('-infinity', 2, 2);
      CREATE TABLE parent (id int PRIMARY KEY, v int CHECK (v > 0), w int CONSTRAINT mine_only CHECK (w > 0) NO INHERIT);
      CREATE TABLE child (x int UNIQUE) INHERITS (parent); INSERT INTO parent VALUES (1, 1, 1); INSERT INTO child VALUES (1, 1, -1, 1);
      CREATE EXTENSION postgres_fdw; CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${server.host}', port '${server.port}', dbname 'postgres');
      CREATE USER MAPPING FOR postgres SERVER itself OPTIONS (user 'postgres');
      CREATE FOREIGN TABLE far (id int CHECK (id > 5)) SERVER itself OPTIONS (table_name 'parent')`);
    await withDefinition({ table: 'timed', infinity: 'null', nan: 'null' }, (ddl, origin) => {
      assert.match(
        ddl,
        /^CREATE TABLE "public"\."timed" \(\n {2}"at" timestamp without time zone,\n {2}"n" numeric\(5,1\),\n {2}"id" integer,\n {2}CONSTRAINT "timed_id_key" UNIQUE \(id\)\n\);$/m,
      );
      assert.deepEqual(left(ddl), [
        'rows of the file may break them',
        '"timed_pkey" PRIMARY KEY (at)',
        '"timed_n_key" UNIQUE (n)',
        '"timed_n_check" CHECK ((n IS NOT NULL))',
      ]);
      assert.equal(origin.relation?.primaryKey, undefined);
    });
    await withDefinition({ table: 'timed', infinity: 'saturate', nan: 'null' }, (ddl) => assert.equal(left(ddl).length, 4));
    await withDefinition({ table: 'parent' }, (ddl) => {
      assert.match(ddl, /CONSTRAINT "parent_v_check" CHECK \(\(v > 0\)\)\n\);/);
      assert.deepEqual(left(ddl), [
        'rows of the file may break them',
        '"parent_pkey" PRIMARY KEY (id)',
        '"mine_only" CHECK ((w > 0)) NO INHERIT',
      ]);
    });
    await withDefinition({ table: 'child' }, (ddl) =>
      assert.match(ddl, /CONSTRAINT "child_x_key" UNIQUE \(x\),\n {2}CONSTRAINT "parent_v_check" CHECK \(\(v > 0\)\)\n\);/),
    );
    await withDefinition({ table: 'far' }, (ddl) =>
      assert.deepEqual(left(ddl), ['rows of the file may break them', '"far_id_check" CHECK ((id > 5))']),
    );
  });

  it('of domains, and their defaults, are those that others can have; collations of the user are noted', async () => {
    await server.sql(`CREATE SEQUENCE numbers; CREATE DOMAIN later_checked AS int DEFAULT nextval('numbers'); CREATE TABLE d (id later_checked, own text COLLATE mine);
      INSERT INTO d (own) VALUES ('x'); ALTER DOMAIN later_checked ADD CONSTRAINT positive CHECK (VALUE > 5) NOT VALID; ALTER DOMAIN later_checked ADD CHECK (VALUE < 100);
      CREATE DOMAIN sorted AS text COLLATE mine DEFAULT 'x'; CREATE TYPE with_own AS (a text COLLATE mine, b int); ALTER TABLE d ADD s sorted, ADD w with_own`);
    await withDefinition({ table: 'd' }, (ddl) => {
      for (const line of [
        `-- domain "public"."later_checked" had DEFAULT nextval('public.numbers'::regclass)`,
        '-- domain "public"."later_checked" had CHECK ((VALUE > 5)) NOT VALID',
        'CREATE DOMAIN "public"."later_checked" AS integer CONSTRAINT "later_checked_check" CHECK ((VALUE < 100));',
        '-- domain "public"."sorted" had COLLATE public.mine',
        `CREATE DOMAIN "public"."sorted" AS text DEFAULT 'x'::text;`,
        '-- type "public"."with_own": "a" had COLLATE public.mine',
        'CREATE TYPE "public"."with_own" AS ("a" text, "b" integer);',
        '  -- was COLLATE public.mine',
      ])
        assert.ok(ddl.includes(`${line}\n`), `${line}\nin\n${ddl}`);
    });
  });

  it('are a primary key alone in files of earlier versions', () => {
    const origin: Origin = {
      version: 1,
      tool: 'gpuparser version 0.1.0',
      server: 'PostgreSQL 17.6',
      database: 'd',
      encoding: 'UTF8',
      relation: { schema: 'public', name: 't', kind: 'table', primaryKey: { name: 't_pkey', columns: ['b', 'a'] } },
      columns: ['a', 'b'].map((name) => ({ name, type: 'integer', notNull: true })),
      types: [],
    };
    assert.match(definitionOf(origin), /\n {2}CONSTRAINT "t_pkey" PRIMARY KEY \("b", "a"\)\n\);\n$/);
    assert.match(
      definitionOf({ ...origin, columns: origin.columns.slice(1) }),
      /\n {2}"b" integer NOT NULL\n\);\n-- Left out, for the file lacks/,
    );
  });
});
