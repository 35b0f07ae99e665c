import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GpuParserError } from '../../src/errors.js';
import { fileStem, formerStem, readersTrouble } from '../../src/file-stem.js';
import { nearest } from '../../src/nearest.js';
import { jobsInMemory, memoryWarning, usefulJobs } from '../../src/planning/jobs.js';
import { chooseJobs } from '../../src/postgres/connection-budget.js';
import { nameCandidates, quoteIdentifier } from '../../src/postgres/identifier.js';
import { bareQuery, startsAsQuery } from '../../src/source/copy/user-sql.js';
import { generalWords, parsePolicies, policiesOf } from '../../src/types/policy-table.js';

describe('table names', () => {
  it('in quotes are taken exactly, whatever characters they hold', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(word, word, (schema, name) => {
        assert.deepEqual(nameCandidates(`${quoteIdentifier(schema)}.${quoteIdentifier(name)}`), [{ schema, name }]);
        assert.deepEqual(nameCandidates(` ${quoteIdentifier(schema)} . ${quoteIdentifier(name)} `), [{ schema, name }]);
      }),
    );
  });

  it('without quotes are tried as written, then in lower case', () => {
    assert.deepEqual(nameCandidates('Customer'), [{ name: 'Customer' }, { name: 'customer' }]);
    assert.deepEqual(nameCandidates('customer'), [{ name: 'customer' }]);
    assert.deepEqual(nameCandidates('S.T'), [
      { schema: 'S', name: 'T' },
      { schema: 'S', name: 't' },
      { schema: 's', name: 'T' },
      { schema: 's', name: 't' },
    ]);
    assert.deepEqual(nameCandidates('Sales."Order Lines"'), [
      { schema: 'Sales', name: 'Order Lines' },
      { schema: 'sales', name: 'Order Lines' },
    ]);
    assert.deepEqual(nameCandidates('db.s.t'), [{ database: 'db', schema: 's', name: 't' }]);
  });

  for (const text of ['', ' ', '.', 'a.', '.a', 'a..b', '"a', '"a"b', 'a"b"', '""', 'a.b.c.d', 'a\0b']) {
    it(`${JSON.stringify(text)} is refused as no name`, () => {
      assert.throws(
        () => nameCandidates(text),
        (error: GpuParserError) => error.code === 'USAGE' && error.message.includes('is not a table name'),
      );
    });
  }

  it('with SQL in them are refused in one sentence that says so', () => {
    for (const text of ['t"; DROP TABLE x; --', '"t"; DROP TABLE x', '"a" WHERE id = 1'])
      assert.throws(
        () => nameCandidates(text),
        (error: GpuParserError) =>
          error.code === 'USAGE' &&
          error.message === `'${text}' is not a table name: it holds SQL.` &&
          /--where and --query/.test(error.hint ?? ''),
      );
  });

  it('become file names that stay in their folder', () => {
    assert.equal(fileStem('a/b'), 'a%2Fb');
    assert.equal(fileStem('.hidden'), '%2Ehidden');
    assert.equal(fileStem('v1.2 ü'), 'v1.2 ü');
  });

  it('become file names that every reader opens, and no two the same', () => {
    assert.equal(fileStem('_events'), '%5Fevents');
    assert.equal(fileStem('a_b.c'), 'a_b.c');
    assert.equal(fileStem('a%2Fb'), 'a%252Fb');
    assert.equal(fileStem('ends '), 'ends%20');
    assert.equal(fileStem('ends.'), 'ends%2E');
    assert.equal(fileStem('\u0085\n'), '%C2%85%0A');
    assert.equal(fileStem('% / \\ : * ? [ ] { } = # & " < > |x'), '%25 %2F %5C %3A %2A %3F %5B %5D %7B %7D %3D %23 %26 %22 %3C %3E %7Cx');
    const part = fc.constantFrom('a', '_', '.', '%', '/', '%2F', '%5F', ' ', 'ü', '2F', '\u0085', '=');
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    fc.assert(fc.property(name, name, (a, b) => a === b || fileStem(a) !== fileStem(b)));
    fc.assert(fc.property(name, (a) => readersTrouble(`${fileStem(a)}_chunk_0.parquet`) === undefined));
  });

  it('are found by the file names of earlier versions, too', () => {
    assert.equal(formerStem(fileStem('_events')), '_events');
    assert.equal(formerStem(fileStem('a/b')), 'a%2Fb');
    assert.equal(formerStem(fileStem('.a%2Fb:c')), '%2Ea%2Fb:c');
  });

  it('that are mistyped find their neighbours', () => {
    assert.deepEqual(nearest('custmer', ['customer', 'orders', 'costumer']), ['customer', 'costumer']);
    assert.deepEqual(nearest('CUSTOMER', ['customer']), ['customer']);
    assert.deepEqual(nearest('x', ['orders']), []);
  });
});

describe('queries', () => {
  it('lose their closing semicolons only', () => {
    assert.equal(bareQuery(' SELECT 1 ; ;\n'), 'SELECT 1');
    assert.equal(bareQuery("SELECT ';' AS a"), "SELECT ';' AS a");
  });

  it('are told from other statements behind comments and parentheses', () => {
    for (const sql of ['select 1', '/* a /* nested */ b */ -- c\n ( (VALUES (1))', 'TABLE t', 'with x as (select 1) table x'])
      assert.ok(startsAsQuery(sql), sql);
    for (const sql of ['DELETE FROM t', '-- select 1', '/* select', 'selective', 'COPY t TO STDOUT', 'EXPLAIN SELECT 1', ''])
      assert.ok(!startsAsQuery(sql), sql);
  });
});

describe('policies', () => {
  it('have lossless defaults', () => {
    assert.deepEqual(parsePolicies({}).general, {
      numeric: { form: 'string' },
      nan: 'error',
      infinity: 'error',
      arrays: 'error',
      ranges: 'text',
      enum: 'string',
      invalidUtf8: 'error',
    });
  });

  it('take decimal(P,S) up to 38 digits', () => {
    assert.deepEqual(parsePolicies({ numeric: 'DECIMAL( 38 , 10 )' }).general.numeric, { form: 'decimal', precision: 38, scale: 10 });
    assert.deepEqual(parsePolicies({ numeric: 'decimal(5)' }).general.numeric, { form: 'decimal', precision: 5, scale: 0 });
    for (const numeric of ['decimal(39,0)', 'decimal(0,0)', 'decimal(5,6)', 'float', '']) {
      assert.throws(
        () => parsePolicies({ numeric }),
        (error: GpuParserError) => error.code === 'USAGE' && error.message.startsWith('--numeric takes'),
      );
    }
  });

  it('refuse words they do not know', () => {
    assert.throws(() => parsePolicies({ nan: 'zero' as 'null' }), /--nan takes error or null; it was given "zero"/);
    assert.throws(() => parsePolicies({ nan: { columns: { a: 'zero' as 'null' } } }), /--nan takes error or null; it was given "a=zero"/);
    for (const form of ['decimal', 'decimal(39,1)', 'decimal(3,4)', 'varchar', '', 'constructor', 'text()']) {
      assert.throws(
        () => parsePolicies({ types: { 'a column': form } }),
        (error: GpuParserError) => error.code === 'USAGE' && /^--type takes COLUMN=FORM; .*"a column", is no form\.$/.test(error.message),
        form,
      );
    }
  });

  it('hold for single columns, over what holds for all', () => {
    const table = parsePolicies({
      types: { d: ' TEXT ', e: 'decimal(5)' },
      numeric: { default: 'double', columns: { a: 'decimal(5,1)', b: 'string', ['__proto__']: 'double' } },
      nan: { columns: { a: 'null' } },
      infinity: 'saturate',
    });
    assert.deepEqual(generalWords(table), {
      numeric: 'double',
      nan: 'error',
      infinity: 'saturate',
      arrays: 'error',
      ranges: 'text',
      enum: 'string',
      invalidUtf8: 'error',
    });
    const a = policiesOf(table, 'a');
    assert.deepEqual([a.numeric, a.nan, a.infinity], [{ form: 'decimal', precision: 5, scale: 1 }, 'null', 'saturate']);
    assert.deepEqual(policiesOf(table, 'b').numeric, { form: 'string' });
    assert.deepEqual(policiesOf(table, 'c'), table.general);
    assert.deepEqual([...table.columns.keys()].sort(), ['__proto__', 'a', 'b', 'd', 'e']);
    assert.deepEqual(
      [table.columns.get('d'), table.columns.get('e')],
      [{ type: { form: 'text' } }, { type: { form: 'decimal', precision: 5, scale: 0 } }],
    );
  });
});

describe('the number of connections', () => {
  it('is twice that of the cores, at most eight, and no more than there are tasks', () => {
    const large = 1 << 30;
    assert.equal(usefulJobs(1, 1, 1, large), 2);
    assert.equal(usefulJobs(2, 1, 1, large), 4);
    assert.equal(usefulJobs(64, 1, 1, large), 8);
    assert.equal(usefulJobs(64, 1, 1, 13 << 20), 2);
    assert.equal(usefulJobs(64, 1, 1, 0), 1);
    assert.equal(usefulJobs(64, 1, 3, 8192), 3);
  });

  it('is one at least for each device that has a chunk', () => {
    assert.equal(usefulJobs(64, 16, 16, 1 << 30), 16);
    assert.equal(usefulJobs(64, 16, 3, 0), 3);
  });

  it('is what finds room in the memory given, and a warning where not even one for each worker does', () => {
    const mib = 1 << 20;
    assert.equal(jobsInMemory(64 * mib, 1), 1);
    assert.equal(jobsInMemory(64 * mib, 3), 3);
    assert.equal(jobsInMemory(256 * mib, 1), 11);
    for (const workers of [1, 2, 5]) {
      const most = jobsInMemory(1024 * mib, workers);
      assert.equal(memoryWarning(1024 * mib, workers, most), undefined);
      assert.match(memoryWarning(1024 * mib, workers, most + 1) ?? '', /fewer --jobs/);
    }
    assert.equal(
      memoryWarning(64 * mib, 1, 1),
      '--memory cannot be kept: 1 worker with 1 connection takes about 110 MiB, however small the batches are.',
    );
    assert.equal(
      memoryWarning(128 * mib, 1, 4),
      '--memory cannot be kept: 1 worker with 4 connections takes about 152 MiB, however small the batches are; fewer --jobs take less.',
    );
  });

  it('never goes beyond a limit of server, role or database, and says which', () => {
    const limit = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 60 }));
    const budget = fc.record({
      maxConnections: fc.integer({ min: 10, max: 200 }),
      reserved: fc.nat(10),
      inUse: fc.nat(100),
      roleLimit: limit,
      roleInUse: fc.nat(20),
      databaseLimit: limit,
      databaseInUse: fc.nat(20),
    });
    fc.assert(
      fc.property(budget, fc.integer({ min: 1, max: 64 }), (given, wanted) => {
        const { jobs, warning } = chooseJobs(wanted, given);
        const free = Math.min(
          given.maxConnections - given.reserved - given.inUse - 5,
          given.roleLimit < 0 ? Number.POSITIVE_INFINITY : given.roleLimit - given.roleInUse,
          given.databaseLimit < 0 ? Number.POSITIVE_INFINITY : given.databaseLimit - given.databaseInUse,
        );
        assert.equal(jobs, Math.max(1, Math.min(wanted, free)));
        assert.equal(warning === undefined, jobs === wanted);
      }),
    );
  });
});
