import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ConnectionConfig } from '../../src/config/connection.js';
import { resolveConnection } from '../../src/config/resolve.js';
import type { ConnectionOptions } from '../../src/options.js';

describe('where and as whom to connect', () => {
  let home: string;
  const machine = { osUser: 'osuser', socketFolders: [] as string[] };
  const resolveAll = (flags: ConnectionOptions = {}, env: Record<string, string> = {}) =>
    resolveConnection(flags, { HOME: home, ...env }, machine);
  const resolve = async (flags?: ConnectionOptions, env?: Record<string, string>): Promise<ConnectionConfig> =>
    (await resolveAll(flags, env)).connection;
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'gpuparser-home-'));
  });
  after(() => rm(home, { recursive: true }));
  beforeEach(async () => {
    machine.socketFolders = [];
    await rm(home, { recursive: true });
    await mkdir(home);
  });

  const root = process.getuid?.() === 0 ? false : 'only root can become a user that the system does not know';
  it('needs a name for a user that the system does not know, as containers have, and nothing else of him', { skip: root }, async () => {
    const { HOME } = process.env;
    delete process.env.HOME;
    process.seteuid?.(54_321);
    try {
      await assert.rejects(resolveConnection({}, {}), { code: 'USAGE', message: /no name for the user of id/, hint: /--user or PGUSER/ });
      const { connection } = await resolveConnection({ user: 'reader' }, {}, { socketFolders: [] });
      assert.deepEqual([connection.user, connection.database, connection.host], ['reader', 'reader', 'localhost']);
    } finally {
      process.seteuid?.(0);
      if (HOME !== undefined) process.env.HOME = HOME;
    }
  });

  it("is libpq's defaults when nothing is said", async () => {
    assert.deepEqual(await resolveAll(), {
      connection: {
        host: 'localhost',
        port: 5432,
        database: 'osuser',
        user: 'osuser',
        applicationName: 'gpuparser',
        connectTimeoutMs: 30_000,
        ssl: { mode: 'prefer', ca: undefined, cert: undefined, key: undefined, crl: undefined },
        channelBinding: 'prefer',
      },
      warnings: [],
    });
  });

  it('is the Unix socket where there is one', async () => {
    await writeFile(path.join(home, '.s.PGSQL.5433'), '');
    machine.socketFolders = ['/nonexistent', home];
    assert.equal((await resolve({ port: 5433 })).host, home);
    assert.equal((await resolve()).host, home);
    assert.equal((await resolve({}, { PGHOST: '' })).host, home);
    assert.equal((await resolve({ host: '' }, { PGHOST: 'h' })).host, home);
    assert.equal((await resolve({ host: 'h', port: 5433 })).host, 'h');
  });

  it('is the address beside the folder of a socket, as in libpq', async () => {
    const { host, address, ssl } = await resolve({ url: 'host=/tmp hostaddr=10.0.0.1 sslmode=require' });
    assert.deepEqual([host, address, ssl.mode], ['10.0.0.1', '10.0.0.1', 'require']);
  });

  it('is said by flags, then the connection string, then the service, then the environment', async () => {
    const file = path.join(home, 'services');
    await writeFile(
      file,
      '# comment\n[other]\nport=1\n\n[mine]\nhost=service\nport=3\nport=33\nuser=service\ndbname=service\napplication_name=service\n[more]\nuser=no\n',
    );
    const env = {
      PGSERVICEFILE: file,
      PGSERVICE: 'mine',
      PGHOST: 'env',
      PGPORT: '4',
      PGUSER: 'env',
      PGDATABASE: 'env',
      PGAPPNAME: 'env',
      PGPASSWORD: 'env',
    };
    const flags = { host: 'flag', url: 'postgresql://url:url@url:2' };
    const { host, port, user, database, applicationName, password } = await resolve(flags, env);
    assert.deepEqual(
      { host, port, user, database, applicationName, password },
      { host: 'flag', port: 2, user: 'url', database: 'service', applicationName: 'service', password: 'url' },
    );
    const { PGSERVICE: _, ...plain } = env;
    assert.equal((await resolve({}, plain)).database, 'env');
    assert.equal((await resolve({ url: 'service=other' }, env)).port, 1);
    assert.equal((await resolve({ database: 'dbname=d host=dsn port=9' }, plain)).host, 'dsn');
    await assert.rejects(resolve({}, { ...env, PGSERVICE: 'absent' }), { code: 'USAGE', message: 'The service "absent" is not defined.' });
    await assert.rejects(resolve({}, { ...env, PGSERVICEFILE: `${file}.gone` }), { code: 'USAGE', hint: /PGSERVICEFILE/ });
  });

  it("finds a service in the home folder, then in the system's", async () => {
    const system = path.join(home, 'etc');
    await mkdir(system);
    await writeFile(path.join(system, 'pg_service.conf'), '[s]\nhost=system\n[only]\nhost=only\n');
    await writeFile(path.join(home, '.pg_service.conf'), '[s]\nhost=own\n');
    const env = { PGSYSCONFDIR: system };
    assert.equal((await resolve({}, { ...env, PGSERVICE: 's' })).host, 'own');
    assert.equal((await resolve({}, { ...env, PGSERVICE: 'only' })).host, 'only');
    for (const [text, message] of [
      ['[s]\nnonsense=1', /^Line 2 of .* connection option that libpq does not know/],
      ['[s]\nhost', /not of the form/],
      ['[s]\nservice=x', /another service/],
    ] as const) {
      await writeFile(path.join(home, '.pg_service.conf'), text);
      await assert.rejects(resolve({}, { PGSERVICE: 's' }), { code: 'USAGE', message });
    }
  });

  it('takes the password from the environment, then the passfile, where a socket is localhost', async () => {
    const file = path.join(home, '.pgpass');
    await writeFile(file, 'localhost:5432:*:ann:local\n/elsewhere:*:*:ann:elsewhere\nh:*:*:ann:remote\n', { mode: 0o600 });
    machine.socketFolders = ['/default'];
    const password = async (host: string, env = {}) => (await resolve({ host, user: 'ann' }, env)).password;
    assert.deepEqual(await Promise.all([password('h'), password('/default'), password('/elsewhere'), password('x')]), [
      'remote',
      'local',
      'elsewhere',
      undefined,
    ]);
    assert.equal(await password('h', { PGPASSWORD: 'env' }), 'env');
    assert.equal(await password('h', { PGPASSWORD: '' }), 'remote');
    assert.equal(await password('h', { PGPASSFILE: path.join(home, 'none') }), undefined);
    await chmod(file, 0o644);
    const { connection, warnings } = await resolveAll({ host: 'h', user: 'ann' });
    assert.equal(connection.password, undefined);
    assert.match(warnings[0] ?? '', /can be read by others/);
  });

  it('keeps the address of hostaddr beside the name', async () => {
    const { host, address } = await resolve({ url: 'host=db hostaddr=10.0.0.1' });
    assert.deepEqual({ host, address }, { host: 'db', address: '10.0.0.1' });
    assert.equal((await resolve({}, { PGHOSTADDR: '10.0.0.2' })).host, '10.0.0.2');
    assert.equal((await resolve({ host: 'other', url: 'host=db hostaddr=10.0.0.1' })).address, undefined);
  });

  it('reads the certificates, from their default places too', async () => {
    const folder = path.join(home, '.postgresql');
    await mkdir(folder);
    await writeFile(path.join(folder, 'root.crt'), 'ROOT');
    await writeFile(path.join(folder, 'postgresql.crt'), 'CERT');
    await assert.rejects(resolve({ host: 'h' }), { code: 'USAGE', message: /no key for it/ });
    await writeFile(path.join(folder, 'postgresql.key'), 'KEY', { mode: 0o644 });
    await assert.rejects(resolve({ host: 'h' }), { code: 'USAGE', message: /can be read by others/ });
    await chmod(path.join(folder, 'postgresql.key'), 0o600);
    assert.deepEqual((await resolve({ host: 'h' }, { PGSSLMODE: 'verify-full' })).ssl, {
      mode: 'verify-full',
      ca: 'ROOT',
      cert: 'CERT',
      key: 'KEY',
      crl: undefined,
    });
    assert.deepEqual((await resolve({ host: 'h' }, { PGSSLMODE: 'disable' })).ssl, { mode: 'disable' });
    assert.deepEqual((await resolve({ host: '/tmp' }, { PGSSLMODE: 'require' })).ssl, { mode: 'require' });
    await writeFile(path.join(home, 'other.crt'), 'OTHER');
    assert.equal((await resolve({ url: `postgresql://h?sslrootcert=${path.join(home, 'other.crt')}` })).ssl.ca, 'OTHER');
    await assert.rejects(resolve({ host: 'h' }, { PGSSLROOTCERT: '/nowhere.crt' }), { code: 'USAGE', hint: /PGSSLROOTCERT/ });
  });

  it("takes the system's certificates only to verify in full", async () => {
    await writeFile(path.join(home, 'bundle.pem'), 'SYSTEM');
    const env = { PGSSLROOTCERT: 'system', SSL_CERT_FILE: path.join(home, 'bundle.pem') };
    const { mode, ca } = (await resolve({ host: 'h' }, env)).ssl;
    assert.deepEqual({ mode, ca }, { mode: 'verify-full', ca: 'SYSTEM' });
    await assert.rejects(resolve({ host: 'h' }, { ...env, PGSSLMODE: 'require' }), { code: 'USAGE', message: /too weak/ });
    await assert.rejects(resolve({ host: 'h' }, { PGSSLMODE: 'verify-ca' }), { code: 'USAGE', message: /needs a root certificate/ });
  });

  it('refuses what it would otherwise do wrongly', async () => {
    const bad: [ConnectionOptions, Record<string, string>, RegExp][] = [
      [{ host: 'a,b' }, { PGPORT: '1,2,3' }, /^The connection names 3 of port and 2 of host, which do not match/],
      [{ host: 'a,b' }, { PGHOSTADDR: '127.0.0.1' }, /^The connection names 2 of host and 1 of hostaddr/],
      [{}, { PGPORT: '5432,5433' }, /^The connection names 2 of port and 1 of host/],
      [{ url: 'host=a load_balance_hosts=always' }, {}, /load_balance_hosts=always is not supported/],
      [{}, { PGPORT: 'abc' }, /^The port is not a number/],
      [{ port: 70000 }, {}, /not a number from 1 to 65535/],
      [{}, { PGCONNECT_TIMEOUT: 'soon' }, /not a number of seconds/],
      [{}, { PGSSLMODE: 'always' }, /"always" does not exist/],
      [{}, { PGCHANNELBINDING: 'maybe' }, /"maybe" does not exist/],
      [{}, { PGTARGETSESSIONATTRS: 'writable' }, /target_session_attrs=writable is not supported/],
      [{}, { PGGSSENCMODE: 'require' }, /gssencmode=require is not supported/],
      [{ url: 'host=/tmp requirepeer=postgres' }, {}, /requirepeer is not supported/],
      [{}, { PGSSLCERTMODE: 'require' }, /sslcertmode=require is not supported/],
      [{}, { PGSSLNEGOTIATION: 'direct' }, /sslmode prefer is too weak for sslnegotiation=direct/],
      [{ url: 'sslmode=require sslnegotiation=later' }, {}, /sslnegotiation=later is not supported/],
      [{}, { PGSSLMINPROTOCOLVERSION: 'SSLv3' }, /^ssl_min_protocol_version is not a version of TLS/],
      [{ url: 'ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2' }, {}, /is above ssl_max_protocol_version/],
      [{ url: 'host=h sslcrldir=/nonexistent' }, {}, /folder \/nonexistent of sslcrldir cannot be read/],
      [{}, { PGREQUIREAUTH: 'scram' }, /^require_auth is not a list of methods/],
      [{}, { PGREQUIREAUTH: 'md5,!password' }, /^require_auth is not a list of methods/],
      [{ url: 'keepalives_idle=long' }, {}, /keepalives_idle=long is not supported/],
      [{ url: 'replication=database' }, {}, /replication=database is not supported/],
      [{}, { PGMINPROTOCOLVERSION: '3.2' }, /min_protocol_version is not supported/],
      [{ url: 'scram_client_key=abcdef scram_server_key=abcdef' }, {}, /option scram_client_key is not supported/],
      [{ url: 'sslkeylogfile=/tmp/keys' }, {}, /option sslkeylogfile is not supported/],
      [{ host: '@abstract' }, {}, /Abstract/],
    ];
    for (const [flags, env, message] of bad) await assert.rejects(resolve(flags, env), { code: 'USAGE', message });
  });

  it("takes libpq's OAuth options, of no account until a server asks for a token", async () => {
    const url = 'postgresql://h/d?oauth_issuer=https://idp.example&oauth_client_id=c&oauth_client_secret=s&oauth_scope=x';
    assert.equal((await resolve({ url }, {})).host, 'h');
  });

  it("acts on the rest of libpq's options, or says that one has no effect", async () => {
    const ssl = async (url: string, env = {}) => (await resolve({ url: `host=h ${url}` }, env)).ssl;
    const absent = { ca: undefined, cert: undefined, key: undefined, crl: undefined };
    assert.deepEqual(await ssl('sslmode=require sslnegotiation=direct sslsni=0 ssl_min_protocol_version=tlsv1.3'), {
      mode: 'require',
      ...absent,
      direct: true,
      nameless: true,
      minVersion: 'TLSv1.3',
    });
    assert.deepEqual(
      await ssl('sslnegotiation=postgres sslsni=1 sslcertmode=allow requirepeer=postgres gssencmode=prefer replication=false'),
      {
        mode: 'prefer',
        ...absent,
      },
    );
    assert.equal((await ssl('requiressl=1')).mode, 'require');
    assert.equal((await ssl('', { PGREQUIRESSL: '1' })).mode, 'require');
    assert.equal((await ssl('sslmode=disable', { PGREQUIRESSL: '1' })).mode, 'disable');

    await mkdir(path.join(home, 'crls'));
    for (const name of ['one', 'two']) {
      await writeFile(path.join(home, `${name}.crt`), name);
      await writeFile(path.join(home, `${name}.key`), name, { mode: 0o600 });
      await writeFile(path.join(home, 'crls', `${name}.r0`), name);
    }
    const files = `sslcert=${home}/one.crt sslkey=${home}/one.key sslpassword=phrase`;
    const { cert, key, passphrase, crl } = await ssl(`${files} sslcrl=${home}/one.crt sslcrldir=${home}/crls`);
    assert.deepEqual({ cert, key, passphrase, crl }, { cert: 'one', key: 'one', passphrase: 'phrase', crl: 'one\none\ntwo' });
    assert.deepEqual(await ssl(`${files} sslcertmode=disable`), { mode: 'prefer', ...absent });

    const all = async (url: string) => await resolve({ url: `host=h ${url}` });
    assert.deepEqual((await all('require_auth=scram-sha-256,md5')).requireAuth, { methods: ['scram-sha-256', 'md5'], excluded: false });
    assert.deepEqual((await all('require_auth=!none')).requireAuth, { methods: ['none'], excluded: true });
    assert.equal((await all('keepalives=0 keepalives_idle=9')).keepAliveMs, 0);
    assert.equal((await all('keepalives=1 keepalives_idle=9')).keepAliveMs, 9000);
    assert.equal((await all('keepalives=1 keepalives_idle=0')).keepAliveMs, undefined);
    const { warnings } = await resolveAll({ url: 'tcp_user_timeout=5000 keepalives_count=0 keepalives_interval=' });
    assert.deepEqual(warnings, ["The connection option tcp_user_timeout has no effect here: the system's own setting holds."]);
  });

  it('waits as long as it is told to', async () => {
    assert.equal((await resolve({}, { PGCONNECT_TIMEOUT: '7' })).connectTimeoutMs, 7000);
    assert.equal((await resolve({}, { PGCONNECT_TIMEOUT: '0' })).connectTimeoutMs, 0);
    assert.equal((await resolve({ url: 'connect_timeout=-1' })).connectTimeoutMs, 0);
  });

  it('passes PGOPTIONS on', async () => {
    assert.equal((await resolve({}, { PGOPTIONS: '-c search_path=a' })).options, '-c search_path=a');
  });
});
