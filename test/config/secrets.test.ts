import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from '../../src/cli/parse.js';
import { type ResolvedConnection, resolveConnection } from '../../src/config/resolve.js';
import { GpuParserError } from '../../src/errors.js';
import { exportTable } from '../../src/index.js';
import { gpuparser } from '../cli/program.js';

const SECRET = 's3crET';

/** URLs as people paste them, all with the secret somewhere after the scheme. */
const scheme = fc.constantFrom(
  'postgresql+psycopg2://',
  'postgres+asyncpg://',
  'jdbc:postgresql://',
  'jdbc:mysql://',
  'postgress://',
  'postgre://',
  'Postgresql://',
  'mysql://',
  'redshift+x://',
  'https://',
  ' postgresql+x://',
  '"mysql://',
  'postgres:/',
  'postgresql:',
);
const piece = fc.constantFrom('', '@', '/', '?', '#', ':', '&', '=', '%', ' ', 'a', '1', '@@', '/x=', '?y=');
const password = fc.tuple(piece, piece, piece).map(([a, b, c]) => `${a}${b}${SECRET}${c}`);
const malformed = fc.tuple(scheme, password, piece).map(([head, secret, tail]) => `${head}u:${secret}@h/d${tail}`);
/** The right scheme, and a password whose special characters are not escaped. */
const torn = fc
  .tuple(fc.constantFrom('postgresql://', 'postgres://'), fc.constantFrom('@', '/', '?', '/@', '@/', '?x=', '/?'), piece)
  .map(([head, before, behind]) => `${head}u:1${before}${SECRET}${behind}@127.0.0.1/d`);

function textOf(thrown: unknown): string {
  const error = GpuParserError.from(thrown);
  return JSON.stringify(error.toJSON()) + String(error.cause ?? '');
}

const places = ['-t', '-u', '-P', '-h', '-d', '--url', '--columns', '-r', '--type', '--memory', '--device'];

describe('a URL in the wrong place or of the wrong form', () => {
  it('is refused by the command line, and no more than its scheme is repeated', () => {
    fc.assert(
      fc.property(malformed, fc.constantFrom(...places), (url, flag) => {
        assert.throws(
          () => parse(['export', ...(flag === '-t' ? [] : ['-t', 'x']), flag, url], {}),
          (error) => {
            assert.equal((error as GpuParserError).code, 'USAGE');
            assert.ok(!textOf(error).includes(SECRET), textOf(error));
            return true;
          },
        );
        for (const args of [[url], ['export', url], ['inspect', url], ['verify', url], ['completions', url], ['help', url]])
          assert.throws(
            () => parse(args, {}),
            (error) => !textOf(error).includes(SECRET),
          );
      }),
    );
  });

  it('is refused wherever a connection comes from', async () => {
    const variables = ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGSERVICE', 'PGHOSTADDR', 'PGOPTIONS', 'PGSSLMODE', 'PGAPPNAME'];
    const options = ['url', 'host', 'database', 'user'] as const;
    await fc.assert(
      fc.asyncProperty(malformed, fc.constantFrom(...variables), fc.constantFrom(...options), async (url, variable, option) => {
        for (const [given, env] of [[{}, { [variable]: url }] as const, [{ [option]: url }, {}] as const]) {
          await assert.rejects(resolveConnection(given, env), (error) => {
            assert.equal((error as GpuParserError).code, 'USAGE');
            return !textOf(error).includes(SECRET);
          });
        }
      }),
    );
  });

  it('with an unescaped special character in its password gives no piece of it another meaning', async () => {
    await fc.assert(
      fc.asyncProperty(torn, async (url) => {
        const outcome = await resolveConnection({ url }, {}).catch((error: unknown) => error);
        // libpq takes a ? before the @ for a part of the password, and so do we.
        const shown =
          outcome instanceof Error ? textOf(outcome) : JSON.stringify({ ...(outcome as ResolvedConnection).connection, password: '' });
        assert.ok(!shown.includes(SECRET), shown);
      }),
    );
  });

  it('is refused as a table or an output of the library', async () => {
    const url = `jdbc:postgresql://u:${SECRET}@h/d`;
    for (const options of [{ table: url }, { table: 't', output: url }])
      await assert.rejects(exportTable(options), (error) => {
        assert.equal((error as GpuParserError).code, 'USAGE');
        return !textOf(error).includes(SECRET);
      });
  });
});

describe('a server', () => {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received.push(bytes.toString('latin1'));
      socket.destroy();
    });
  });
  let port = 0;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('never receives a secret that stands in the wrong place, nor does a terminal', async () => {
    const at = `127.0.0.1:${port}`;
    const cases = [
      ['--url', `postgresql+psycopg2://u:${SECRET}@${at}/d?x=1`],
      ['--url', `postgress://u:${SECRET}@${at}/d`],
      ['--url', `postgresql://u:${port}/${SECRET}@${at}/d`],
      ['--url', `postgresql://u:x@${SECRET}@${at}/d`],
      ['--url', `postgresql://${at}/d?nonsense=${SECRET}`],
      ['--url', `postgresql://127.0.0.1:${SECRET}`],
      ['-h', '127.0.0.1', '-P', String(port), '-d', `mysql://u:${SECRET}@h/d`],
      ['-h', '127.0.0.1', '-P', String(port), '-u', `jdbc:postgresql://u:${SECRET}@h/d`],
      ['-h', '127.0.0.1', '-P', String(port), '-o', `s3://key:${SECRET}@bucket`],
      [`postgres://u:${SECRET}@${at}/d`],
    ];
    for (const more of cases) {
      const { code, stdout, stderr } = await gpuparser(['export', '-t', 't', '--json', ...more]);
      assert.equal(code, 2, stderr);
      assert.ok(!`${stdout}${stderr}`.includes(SECRET), `${more.join(' ')}: ${stdout}${stderr}`);
      assert.match(stderr, /hint: /);
    }
    assert.deepEqual(received, []);
  });
});
