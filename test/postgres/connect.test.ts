import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { ConnectionConfig } from '../../src/config/connection.js';
import type { RequiredAuth } from '../../src/config/require-auth.js';
import type { GpuParserError } from '../../src/errors.js';
import { type Connected, connect } from '../../src/postgres/connect.js';
import { startServer, type TestServer } from '../support/server.js';

async function who(config: ConnectionConfig): Promise<string> {
  const { session } = await connect(config);
  const [row] = await session.query<{ who: string }>('SELECT current_user::text AS who');
  await session.close();
  return row?.who ?? '';
}

describe('connecting', () => {
  let server: TestServer;
  const tcp = (changes: Partial<ConnectionConfig>) => server.config({ host: '127.0.0.1', ...changes });
  before(async () => {
    server = await startServer({
      settings: { max_connections: 6, superuser_reserved_connections: 0 },
      hba: [
        'local all all trust',
        'host all scram all scram-sha-256',
        'host all md5er all md5',
        'host all plain all password',
        'host all trusted all trust',
        'host all rejected all reject',
      ],
    });
    await server.sql(
      `CREATE ROLE scram LOGIN PASSWORD 'pä55 wörd'; CREATE ROLE trusted LOGIN; CREATE ROLE rejected LOGIN; CREATE ROLE plain LOGIN PASSWORD 'clear'`,
    );
    await server.sql(`SET password_encryption = 'md5'; CREATE ROLE md5er LOGIN PASSWORD 'hashed'`);
  });
  after(() => server.stop());

  it('authenticates by SCRAM, MD5, clear text and trust, over TCP and the Unix socket', async () => {
    assert.equal(await who(tcp({ user: 'scram', password: 'pä55 wörd' })), 'scram');
    await server.sql(
      "SET password_encryption = 'scram-sha-256'; SET scram_iterations = 100001; ALTER ROLE scram PASSWORD 'pä55 wörd'; RESET scram_iterations",
    );
    assert.equal(await who(tcp({ user: 'scram', password: 'pä55 wörd' })), 'scram');
    assert.equal(await who(tcp({ user: 'md5er', password: 'hashed' })), 'md5er');
    assert.equal(await who(tcp({ user: 'plain', password: 'clear' })), 'plain');
    assert.equal(await who(tcp({ user: 'trusted' })), 'trusted');
    assert.equal(await who(server.config({ user: 'scram' })), 'scram');
  });

  it('says what is wrong with a user, password or database, without the password', async () => {
    for (const user of ['scram', 'md5er', 'plain']) {
      await assert.rejects(connect(tcp({ user, password: 'sesame' })), (error: GpuParserError) => {
        assert.deepEqual([error.code, error.sqlState], ['AUTH', '28P01']);
        assert.match(error.message, /password authentication failed/i);
        assert.doesNotMatch(JSON.stringify(error) + String(error.stack), /sesame/);
        return true;
      });
      await assert.rejects(connect(tcp({ user })), {
        code: 'AUTH',
        message: `The server asks for a password for user "${user}", and none was given.`,
      });
    }
    await assert.rejects(connect(tcp({ user: 'nobody at all' })), { code: 'AUTH', sqlState: '28000' });
    await assert.rejects(connect(tcp({ user: 'rejected' })), { code: 'AUTH', sqlState: '28000' });
    await assert.rejects(connect(tcp({ user: 'trusted', database: 'missing' })), { code: 'AUTH', sqlState: '3D000' });
  });

  it('lets the server ask in the ways of require_auth alone', async () => {
    const only = (...methods: RequiredAuth['methods']) => ({ requireAuth: { methods, excluded: false } });
    const not = (...methods: RequiredAuth['methods']) => ({ requireAuth: { methods, excluded: true } });
    const scram = { user: 'scram', password: 'pä55 wörd' };
    const plain = { user: 'plain', password: 'clear' };
    assert.equal(await who(tcp({ ...scram, ...only('scram-sha-256') })), 'scram');
    assert.equal(await who(tcp({ ...plain, ...not('md5', 'none') })), 'plain');
    assert.equal(await who(tcp({ user: 'trusted', ...only('md5', 'none') })), 'trusted');
    const refused = (message: RegExp) => ({ code: 'AUTH', message, hint: /require_auth/ });
    await assert.rejects(connect(tcp({ ...plain, ...only('scram-sha-256') })), refused(/by clear text, which require_auth does not allow/));
    await assert.rejects(connect(tcp({ user: 'md5er', password: 'hashed', ...not('md5') })), refused(/by MD5, which/));
    await assert.rejects(connect(tcp({ ...scram, ...only('none') })), refused(/by SCRAM, which/));
    for (const required of [only('scram-sha-256'), not('none')])
      await assert.rejects(connect(tcp({ user: 'trusted', ...required })), refused(/asks for no password, which/));
  });

  it('says that a server wants an OAuth token, not a password', async () => {
    // AuthenticationSASL with the one mechanism that pg_hba.conf's "oauth" offers (PostgreSQL 18).
    const asks = Buffer.concat([Buffer.from([0x52, 0, 0, 0, 21, 0, 0, 0, 10]), Buffer.from('OAUTHBEARER\0\0')]);
    const provider = net.createServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write(asks)));
    await once(provider.listen(0, '127.0.0.1'), 'listening');
    const { port } = provider.address() as net.AddressInfo;
    for (const password of [undefined, 'sesame'])
      await assert.rejects(connect(tcp({ port, user: 'me', ...(password ? { password } : {}) })), {
        code: 'AUTH',
        message: 'The server asks for an OAuth token for user "me", which gpuparser cannot give.',
      });
    provider.close();
  });

  it('says that a server wants Kerberos, and survives a request that nobody knows', async () => {
    for (const [request, wanted] of [
      [7, 'Kerberos (GSSAPI)'],
      [9, 'SSPI'],
      [99, 'an unknown method'],
    ] as const) {
      const asks = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, request]);
      const realm = net.createServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write(asks)));
      await once(realm.listen(0, '127.0.0.1'), 'listening');
      const { port } = realm.address() as net.AddressInfo;
      await assert.rejects(connect(tcp({ port, user: 'me' })), {
        code: 'AUTH',
        message: `The server asks for ${wanted} for user "me", which gpuparser cannot give.`,
      });
      realm.close();
    }
  });

  it('says that there is no session, whatever keeps the server from making one', async () => {
    await server.sql('CREATE DATABASE closed');
    await server.sql('REVOKE CONNECT ON DATABASE closed FROM public');
    await assert.rejects(connect(tcp({ user: 'trusted', database: 'closed' })), {
      code: 'AUTH',
      sqlState: '42501',
      hint: 'Its owner can run: GRANT CONNECT ON DATABASE "closed" TO ...',
    });
    await assert.rejects(connect(tcp({ user: 'trusted', database: 'postgres', options: '-c bogus=1' })), {
      code: 'CONNECT',
      sqlState: '42704',
      hint: /PGOPTIONS/,
    });
  });

  it('says where no server is', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as net.AddressInfo;
    closed.close();
    await assert.rejects(connect(tcp({ port })), { code: 'CONNECT', message: `No server listens at 127.0.0.1:${port}.`, retry: true });
    await assert.rejects(connect(server.config({ host: '/nonexistent' })), {
      code: 'CONNECT',
      message: /^No server listens at \/nonexistent\/\.s\.PGSQL\./,
    });
    await assert.rejects(connect(tcp({ host: 'no.such.host.invalid' })), { code: 'CONNECT', message: /cannot be resolved/ });
  });

  it('gives up on a server that never answers, or hangs up', async () => {
    const silent = net.createServer(() => undefined).listen(0, '127.0.0.1');
    const rude = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(rude, 'listening')]);
    for (const mode of ['disable', 'require'] as const) {
      const port = (silent.address() as net.AddressInfo).port;
      await assert.rejects(connect(tcp({ port, connectTimeoutMs: 200, ssl: { mode } })), {
        code: 'CONNECT',
        message: `127.0.0.1:${port} did not answer within 0.2 s.`,
      });
      await assert.rejects(connect(tcp({ port: (rude.address() as net.AddressInfo).port, ssl: { mode } })), {
        code: 'CONNECT',
        retry: true,
      });
    }
    silent.close();
    rude.close();
  });

  it('does not take something else for PostgreSQL', async () => {
    const web = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as net.AddressInfo;
    await assert.rejects(connect(tcp({ port, ssl: { mode: 'prefer' } })), {
      code: 'CONNECT',
      message: `127.0.0.1:${port} did not answer a request for TLS as PostgreSQL does.`,
    });
    web.close();
  });

  it('resolves the host once and keeps the address that answered', async () => {
    const { session, config } = await connect(tcp({ host: 'localhost', user: 'trusted' }));
    assert.equal(config.host, 'localhost');
    assert.ok(net.isIP(config.address ?? ''));
    const again = await connect({ ...config, host: 'no.such.host.invalid' });
    assert.notEqual(again.session.pid, session.pid);
    await Promise.all([session.close(), again.session.close()]);
  });

  it("looks into none of pg's own places", async () => {
    const leaks = {
      PGHOST: '/nowhere',
      PGPORT: '1',
      PGUSER: 'rejected',
      PGPASSWORD: 'x',
      PGDATABASE: 'missing',
      PGOPTIONS: '-c work_mem=7MB',
      PGSSLMODE: 'require',
      PGAPPNAME: 'leak',
      PGREPLICATION: 'true',
      PGSSLNEGOTIATION: 'direct',
    };
    const kept = { ...process.env };
    Object.assign(process.env, leaks);
    try {
      const { session } = await connect(server.config({ user: 'trusted', applicationName: '' }));
      const [row] = await session.query(
        "SELECT current_user::text AS user, current_setting('application_name') AS name, current_setting('work_mem') AS memory",
      );
      assert.deepEqual(row, { user: 'trusted', name: '', memory: '4MB' });
      await session.close();
    } finally {
      for (const name of Object.keys(leaks)) delete process.env[name];
      Object.assign(process.env, kept);
    }
  });

  it('passes options and application name on', async () => {
    const { session } = await connect(server.config({ options: '-c work_mem=7MB', applicationName: 'exporter' }));
    assert.deepEqual(await session.query("SELECT current_setting('application_name') AS name, current_setting('work_mem') AS memory"), [
      { name: 'exporter', memory: '7MB' },
    ]);
    await session.close();
  });

  it('keeps values as exact text where JavaScript has no exact type', async () => {
    const { session } = await connect(server.config());
    const [row] = await session.query(
      "SELECT 9007199254740993::int8 AS big, 1.50::numeric AS amount, '2024-01-02'::date AS day, 'infinity'::timestamptz AS at, '1 mon'::interval AS span, '\\x00ff'::bytea AS bytes, true AS yes, 2::int4 AS two, ARRAY['a', 'b'] AS words, '[1]'::json AS json",
    );
    assert.deepEqual(row, {
      big: '9007199254740993',
      amount: '1.50',
      day: '2024-01-02',
      at: 'infinity',
      span: '1 mon',
      bytes: '\\x00ff',
      yes: true,
      two: 2,
      words: ['a', 'b'],
      json: [1],
    });
    await session.close();
  });

  it('reports too many connections as something to try again with fewer', async () => {
    const sessions: Connected[] = [];
    try {
      await assert.rejects(
        async () => {
          for (let i = 0; i < 8; i++) sessions.push(await connect(server.config()));
        },
        { code: 'CONNECT', sqlState: '53300', retry: true },
      );
    } finally {
      await Promise.all(sessions.map(({ session }) => session.close()));
    }
  });

  it('tells a lost connection from a failed statement', async () => {
    const { session } = await connect(server.config({ user: 'trusted' }));
    await assert.rejects(session.query('SELECT * FROM pg_authid'), { code: 'PERMISSION', sqlState: '42501' });
    await assert.rejects(session.query('SELECT nope'), { code: 'NOT_FOUND', sqlState: '42703' });
    await server.sql(`SELECT pg_terminate_backend(${session.pid})`);
    await assert.rejects(session.query('SELECT 1'), { code: 'SERVER', retry: true });
    await assert.rejects(session.query('SELECT 1'), { code: 'SERVER', retry: true });
    await session.close();
  });
});
