import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ConnectionConfig, SslConfig } from '../../src/config/connection.js';
import type { GpuParserError } from '../../src/errors.js';
import { connect } from '../../src/postgres/connect.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { ByteSink } from '../support/copy-sink.js';
import { startServer, type TestServer } from '../support/server.js';

describe('TLS', () => {
  let server: TestServer;
  let plainServer: TestServer;
  let authority: Authority;
  let stranger: Authority;
  let certificate: Certificate;
  let client: Certificate;
  before(async () => {
    authority = new Authority('gpuparser test authority');
    stranger = new Authority('somebody else');
    certificate = authority.issue('db.example.com', 'DNS:localhost');
    client = authority.issue('certified');
    [server, plainServer] = await Promise.all([
      startServer({
        ssl: { ...certificate, ca: authority.cert },
        hba: [
          'hostssl all certified all cert',
          'hostssl all tlsonly all trust',
          'hostnossl all plainonly all trust',
          'host all scram all scram-sha-256',
          'host all postgres all trust',
        ],
      }),
      startServer(),
    ]);
    await server.sql(
      "CREATE ROLE certified LOGIN; CREATE ROLE tlsonly LOGIN; CREATE ROLE plainonly LOGIN; CREATE ROLE scram LOGIN PASSWORD 'secret'",
    );
  });
  after(async () => {
    authority.remove();
    stranger.remove();
    await Promise.all([server.stop(), plainServer.stop()]);
  });

  /** Whether the session that comes about is encrypted. */
  async function encrypted(ssl: SslConfig, changes: Partial<ConnectionConfig> = {}, target = server): Promise<boolean> {
    const { session } = await connect(target.config({ host: 'localhost', ssl, ...changes }));
    const [row] = await session.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await session.close();
    return row?.ssl ?? assert.fail('no row');
  }

  it('is used, or not, as each sslmode asks', async () => {
    assert.equal(await encrypted({ mode: 'disable' }), false);
    assert.equal(await encrypted({ mode: 'allow' }), false);
    assert.equal(await encrypted({ mode: 'prefer' }), true);
    assert.equal(await encrypted({ mode: 'require' }), true);
  });

  it('is left or taken where pg_hba.conf has it so', async () => {
    assert.equal(await encrypted({ mode: 'allow' }, { user: 'tlsonly' }), true);
    assert.equal(await encrypted({ mode: 'prefer' }, { user: 'plainonly' }), false);
    await assert.rejects(encrypted({ mode: 'disable' }, { user: 'tlsonly' }), { code: 'AUTH', message: /no encryption/ });
    await assert.rejects(encrypted({ mode: 'require' }, { user: 'plainonly' }), { code: 'AUTH', message: /pg_hba\.conf/ });
  });

  it('is done without under prefer when the server has none, and missed otherwise', async () => {
    assert.equal(await encrypted({ mode: 'prefer' }, {}, plainServer), false);
    for (const mode of ['require', 'verify-ca', 'verify-full'] as const) {
      await assert.rejects(encrypted({ mode, ca: authority.cert }, {}, plainServer), { code: 'CONNECT', message: /does not offer TLS/ });
    }
  });

  it('checks the authority in verify-ca, and in require when one is named', async () => {
    for (const mode of ['verify-ca', 'require'] as const) {
      assert.equal(await encrypted({ mode, ca: authority.cert }, { host: '127.0.0.1' }), true);
      await assert.rejects(encrypted({ mode, ca: stranger.cert }), {
        code: 'CONNECT',
        message: /not signed by the given root certificate/,
      });
    }
  });

  it('checks the host name too in verify-full', async () => {
    const ssl = { mode: 'verify-full', ca: authority.cert } as const;
    assert.equal(await encrypted(ssl), true);
    await assert.rejects(encrypted(ssl, { host: '127.0.0.1' }), { code: 'CONNECT', message: /for another host name/ });
    await assert.rejects(encrypted({ ...ssl, ca: stranger.cert }), { code: 'CONNECT', message: /not signed/ });
    assert.equal(await encrypted(ssl, { host: 'localhost', address: '127.0.0.1' }), true);
  });

  it('refuses a revoked certificate', async () => {
    const crl = authority.revoke(certificate);
    await assert.rejects(encrypted({ mode: 'verify-ca', ca: authority.cert, crl }), { code: 'CONNECT', message: /no longer valid/ });
  });

  it('shows a client certificate', async () => {
    assert.equal(await encrypted({ mode: 'require', ...client }, { user: 'certified' }), true);
    await assert.rejects(encrypted({ mode: 'require' }, { user: 'certified' }), { code: 'AUTH' });
  });

  it('begins as it is told to: directly, without a name, with a version', async () => {
    const ssl = { mode: 'verify-full', ca: authority.cert } as const;
    const version = async (more: Partial<SslConfig>) => {
      const { session } = await connect(server.config({ host: 'localhost', ssl: { ...ssl, ...more } }));
      const [row] = await session.query<{ version: string }>('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      await session.close();
      return row?.version;
    };
    assert.equal(await version({ direct: true }), 'TLSv1.3');
    assert.equal(await version({ nameless: true, minVersion: 'TLSv1.3' }), 'TLSv1.3');
    assert.equal(await version({ maxVersion: 'TLSv1.2' }), 'TLSv1.2');
    await assert.rejects(encrypted({ ...ssl, direct: true }, {}, plainServer), { code: 'CONNECT', hint: /sslnegotiation=direct/ });
  });

  it('looks into every revocation list', async () => {
    const lists = (...texts: string[]) => encrypted({ mode: 'verify-ca', ca: authority.cert, crl: texts.join('\n') });
    const [foreign, own] = [stranger.revoke(stranger.issue('other')), authority.revoke(certificate)];
    await assert.rejects(lists(foreign, own), { code: 'CONNECT', message: /no longer valid/ });
    await assert.rejects(lists(own, foreign), { code: 'CONNECT', message: /no longer valid/ });
  });

  it('opens the key of a client certificate with its passphrase, and says what is wrong with either', async () => {
    const user = { user: 'certified' };
    const key = authority.encrypt(client.key, 's3cret-phrase');
    const ssl = { mode: 'require', cert: client.cert, key } as const;
    assert.equal(await encrypted({ ...ssl, passphrase: 's3cret-phrase' }, user), true);
    const bad: [SslConfig, RegExp, RegExp][] = [
      [ssl, /^The private key of the client certificate is encrypted, and no passphrase was given\.$/, /^Give it as sslpassword/],
      [{ ...ssl, passphrase: 's3cret-other' }, /^The passphrase of the client certificate's private key is wrong\.$/, /sslpassword/],
      [{ ...ssl, key: authority.issue('certified').key }, /^The private key does not belong to the client certificate\.$/, /sslkey/],
      [{ ...ssl, key: 'nonsense' }, /^The client certificate or its private key cannot be read\.$/, /PEM/],
      [{ ...ssl, mode: 'prefer' }, /no passphrase was given/, /sslpassword/],
    ];
    for (const [wrong, message, hint] of bad)
      await assert.rejects(encrypted(wrong, user), (error: GpuParserError) => {
        assert.deepEqual(
          [error.code, error.message.match(message)?.length, error.hint?.match(hint)?.length],
          ['USAGE', 1, 1],
          error.message,
        );
        assert.ok(!JSON.stringify(error.toJSON()).includes('s3cret'));
        return true;
      });
  });

  it('binds SCRAM to the channel', async () => {
    const user = { user: 'scram', password: 'secret' };
    assert.equal(await encrypted({ mode: 'require' }, { ...user, channelBinding: 'require' }), true);
    assert.equal(await encrypted({ mode: 'require' }, { ...user, channelBinding: 'disable' }), true);
    assert.equal(await encrypted({ mode: 'disable' }, { ...user, channelBinding: 'prefer' }), false);
    await assert.rejects(encrypted({ mode: 'disable' }, { ...user, channelBinding: 'require' }), {
      code: 'AUTH',
      message: /Channel binding is required/,
    });
    await assert.rejects(encrypted({ mode: 'require' }, { channelBinding: 'require' }), {
      code: 'AUTH',
      message: /Channel binding is required/,
    });
  });

  it('carries a COPY, its backpressure and its cancellation', async () => {
    const { session } = await connect(server.config({ host: 'localhost', ssl: { mode: 'require' } }));
    const sink = new ByteSink({ windowBytes: 10_000 });
    const received = sink.received.bind(sink);
    let pauses = 0;
    sink.received = (bytes) => {
      if (sink.full) assert.fail('received while full');
      if (++pauses % 100 === 0) {
        sink.full = true;
        setTimeout(() => {
          sink.full = false;
          sink.onDrain?.();
        }, 1);
      }
      received(bytes);
    };
    const statement = "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 20000)) TO STDOUT (FORMAT binary)";
    assert.deepEqual(await session.copyOut(statement, sink), { rows: 20_000 });
    assert.equal(sink.bytes, 21 + 20_000 * 1006);
    assert.deepEqual(await session.query('SELECT 1 AS one'), [{ one: 1 }]);

    const abort = new AbortController();
    const endless = "COPY (SELECT repeat('x', 1000), generate_series(1, 100000000)) TO STDOUT (FORMAT binary)";
    await assert.rejects(session.copyOut(endless, new ByteSink({ onData: () => abort.abort() }), abort), { code: 'INTERRUPTED' });
    assert.deepEqual(await session.query('SELECT 2 AS two'), [{ two: 2 }]);
    await session.close();
  });
});
