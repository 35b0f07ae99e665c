import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keywords } from '../../src/config/keywords.js';

/** https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const PARAMETERS = `host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout client_encoding options
  application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication
  gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni
  requirepeer ssl_min_protocol_version ssl_max_protocol_version krbsrvname gsslib gssdelegation service target_session_attrs
  load_balance_hosts`;
/** https://www.postgresql.org/docs/17/libpq-envars.html, but for those that are no parameters: PGSYSCONFDIR and settings of the session. */
const VARIABLES = `PGHOST PGSSLNEGOTIATION PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGREQUIREAUTH PGCHANNELBINDING PGSERVICE
  PGSERVICEFILE PGOPTIONS PGAPPNAME PGSSLMODE PGREQUIRESSL PGSSLCOMPRESSION PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL
  PGSSLCRLDIR PGSSLSNI PGREQUIREPEER PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE PGKRBSRVNAME PGGSSLIB PGGSSDELEGATION
  PGCONNECT_TIMEOUT PGCLIENTENCODING PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS`;
/** https://www.postgresql.org/docs/18/libpq-connect.html, besides those of 17. */
const NEWER = `servicefile sslkeylogfile min_protocol_version max_protocol_version scram_client_key scram_server_key oauth_issuer
  oauth_client_id oauth_client_secret oauth_scope`;

it("libpq's parameters and variables are all known, and no others", () => {
  assert.deepEqual(Object.keys(keywords).sort(), `${PARAMETERS} ${NEWER}`.split(/\s+/).sort());
  const variables = Object.values(keywords).flatMap(({ environment }) => environment ?? []);
  assert.deepEqual(
    VARIABLES.split(/\s+/).filter((name) => !variables.includes(name)),
    [],
  );
});
