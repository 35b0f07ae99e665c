import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ConnectionConfig, TargetSessionAttributes } from '../../src/config/connection.js';
import { resolveConnection } from '../../src/config/resolve.js';
import { connect } from '../../src/postgres/connect.js';
import { exportInto, withFolder } from '../support/exporting.js';
import { type StandbyPair, startStandby } from '../support/standby.js';

describe('several hosts', { timeout: 120_000 }, () => {
  let pair: StandbyPair;
  before(async () => {
    pair = await startStandby(['CREATE TABLE t AS SELECT generate_series(1, 1000) AS id'], {});
  });
  after(() => pair?.stop());

  /** The primary last, behind a port at which nobody listens. */
  const text = (more = '') => {
    const { primary, standby } = pair;
    return `host=${primary.host},${standby.host},${primary.host} port=1,${standby.port},${primary.port} user=postgres dbname=postgres ${more}`;
  };
  const chosen = async (more = ''): Promise<'primary' | 'standby'> => {
    const { connection } = await resolveConnection({ url: text(more) }, {});
    const { session, config } = await connect(connection);
    const [row] = await session.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    await session.close();
    assert.equal(config.choice, undefined, 'further connections have no choice');
    assert.equal(config.port, row?.standby ? pair.standby.port : pair.primary.port);
    return row?.standby ? 'standby' : 'primary';
  };

  it('are tried in order, and the first that answers is taken', async () => {
    assert.equal(await chosen(), 'standby');
  });

  for (const [attributes, expected] of [
    ['any', 'standby'],
    ['read-write', 'primary'],
    ['primary', 'primary'],
    ['read-only', 'standby'],
    ['standby', 'standby'],
    ['prefer-standby', 'standby'],
  ] as const satisfies readonly (readonly [TargetSessionAttributes, string])[]) {
    it(`with target_session_attrs=${attributes} lead to the ${expected}`, async () => {
      assert.equal(await chosen(`target_session_attrs=${attributes}`), expected);
    });
  }

  it('with prefer-standby lead to a primary where there is no standby', async () => {
    const { primary } = pair;
    const url = `host=${primary.host} port=${primary.port} user=postgres dbname=postgres target_session_attrs=prefer-standby`;
    const { session, config } = await connect((await resolveConnection({ url }, {})).connection);
    await session.close();
    assert.equal(config.port, primary.port);
  });

  it('of which none is as asked for are all named, with why', async () => {
    const { primary } = pair;
    const url = `host=${primary.host},${primary.host} port=1,${primary.port} user=postgres dbname=postgres target_session_attrs=standby`;
    const { connection } = await resolveConnection({ url }, {});
    await assert.rejects(connect(connection), (error: Error & { code: string }) => {
      assert.equal(error.code, 'CONNECT');
      assert.match(
        error.message,
        /^None of 2 servers can be used with target_session_attrs=standby: No server listens at \S+\.1; \S+: it is no standby\.$/,
      );
      return true;
    });
  });

  it('are taken in any order with load_balance_hosts=random', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 60 && seen.size < 2; i++) seen.add(await chosen('load_balance_hosts=random'));
    assert.deepEqual([...seen].sort(), ['primary', 'standby']);
  });

  it('end at a server that refuses the user', async () => {
    const { connection } = await resolveConnection({ url: text().replace('user=postgres', 'user=nobody') }, {});
    await assert.rejects(connect(connection), { code: 'AUTH' });
  });

  it('give an export one server for all its connections', () =>
    withFolder(async (folder) => {
      const options = { table: 't', jobs: 3, chunks: 3, connection: { url: text('target_session_attrs=read-write') } };
      assert.equal((await exportInto(pair.primary, folder, options)).rows, 1000);
      assert.match(await pair.primary.log(), /COPY|disconnection|ready to accept/);
    }));
});

describe('the hosts of a connection', () => {
  const hosts = async (url: string, env: Record<string, string> = {}): Promise<[string, number][]> => {
    const { connection } = await resolveConnection({ url }, { HOME: '/nonexistent', ...env }, { osUser: 'u', socketFolders: [] });
    const of = ({ host, port }: ConnectionConfig): [string, number] => [host, port];
    return [of(connection), ...(connection.choice?.others ?? []).map(of)];
  };

  it('have a port each, or one for all', async () => {
    assert.deepEqual(await hosts('postgresql://a:1,b:2/d'), [
      ['a', 1],
      ['b', 2],
    ]);
    assert.deepEqual(await hosts('host=a,b port=7'), [
      ['a', 7],
      ['b', 7],
    ]);
    assert.deepEqual(await hosts('host=a,b'), [
      ['a', 5432],
      ['b', 5432],
    ]);
    assert.deepEqual(await hosts('', { PGHOST: 'a,b', PGPORT: '1,' }), [
      ['a', 1],
      ['b', 5432],
    ]);
    assert.deepEqual(await hosts('hostaddr=127.0.0.1,127.0.0.2'), [
      ['127.0.0.1', 5432],
      ['127.0.0.2', 5432],
    ]);
  });
});
