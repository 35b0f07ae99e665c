import { editDistance } from '../edit-distance.js';
import { GpuParserError } from '../errors.js';
import { looksLikeUrl, URL_FORM } from '../url-like.js';

/** Connection parameters by libpq's names. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
export type Parameters = Map<string, string>;

interface Keyword {
  readonly environment?: string;
  /** For a parameter that nothing here acts on: the values that ask for no more than what happens anyway. */
  readonly accepted?: RegExp;
  /** Its value is not shown, nor taken for a URL in the wrong place. */
  readonly unseen?: true;
}

/** Such a parameter changes nothing an export would notice. */
const harmless = /^/;

const keywords: Readonly<Record<string, Keyword>> = {
  host: { environment: 'PGHOST' },
  hostaddr: { environment: 'PGHOSTADDR' },
  port: { environment: 'PGPORT' },
  dbname: { environment: 'PGDATABASE' },
  user: { environment: 'PGUSER' },
  password: { environment: 'PGPASSWORD', unseen: true },
  passfile: { environment: 'PGPASSFILE' },
  service: { environment: 'PGSERVICE' },
  servicefile: { environment: 'PGSERVICEFILE' },
  application_name: { environment: 'PGAPPNAME' },
  fallback_application_name: {},
  connect_timeout: { environment: 'PGCONNECT_TIMEOUT' },
  options: { environment: 'PGOPTIONS' },
  channel_binding: { environment: 'PGCHANNELBINDING' },
  sslmode: { environment: 'PGSSLMODE' },
  sslrootcert: { environment: 'PGSSLROOTCERT' },
  sslcert: { environment: 'PGSSLCERT' },
  sslkey: { environment: 'PGSSLKEY' },
  sslpassword: { unseen: true },
  sslkeylogfile: { accepted: /^$/ },
  sslcrl: { environment: 'PGSSLCRL' },
  sslcrldir: { environment: 'PGSSLCRLDIR', accepted: /^$/ },
  sslcertmode: { environment: 'PGSSLCERTMODE', accepted: /^(allow)?$/ },
  sslnegotiation: { environment: 'PGSSLNEGOTIATION', accepted: /^(postgres)?$/ },
  sslsni: { environment: 'PGSSLSNI', accepted: /^1?$/ },
  sslcompression: { environment: 'PGSSLCOMPRESSION', accepted: harmless },
  ssl_min_protocol_version: { environment: 'PGSSLMINPROTOCOLVERSION', accepted: /^(TLSv1(\.[12])?)?$/i },
  ssl_max_protocol_version: { environment: 'PGSSLMAXPROTOCOLVERSION', accepted: /^(TLSv1\.3)?$/i },
  gssencmode: { environment: 'PGGSSENCMODE', accepted: /^(disable|prefer)?$/ },
  krbsrvname: { environment: 'PGKRBSRVNAME', accepted: harmless },
  gsslib: { environment: 'PGGSSLIB', accepted: harmless },
  gssdelegation: { environment: 'PGGSSDELEGATION', accepted: /^0?$/ },
  requirepeer: { environment: 'PGREQUIREPEER', accepted: /^$/ },
  scram_client_key: { accepted: /^$/, unseen: true },
  scram_server_key: { accepted: /^$/, unseen: true },
  // Of no account until a server asks for a token, and then the error says so.
  oauth_issuer: { accepted: harmless, unseen: true },
  oauth_client_id: { accepted: harmless, unseen: true },
  oauth_client_secret: { accepted: harmless, unseen: true },
  oauth_scope: { accepted: harmless, unseen: true },
  require_auth: { environment: 'PGREQUIREAUTH', accepted: /^$/ },
  target_session_attrs: { environment: 'PGTARGETSESSIONATTRS', accepted: /^(any)?$/ },
  load_balance_hosts: { environment: 'PGLOADBALANCEHOSTS', accepted: /^(disable)?$/ },
  replication: { accepted: /^(false|off|no|0)?$/ },
  client_encoding: { environment: 'PGCLIENTENCODING', accepted: harmless },
  keepalives: { accepted: harmless },
  keepalives_idle: { accepted: harmless },
  keepalives_interval: { accepted: harmless },
  keepalives_count: { accepted: harmless },
  tcp_user_timeout: { accepted: harmless },
  min_protocol_version: { environment: 'PGMINPROTOCOLVERSION', accepted: /^(3\.0)?$/ },
  max_protocol_version: { environment: 'PGMAXPROTOCOLVERSION', accepted: harmless },
};

/** @throws GpuParserError USAGE for a name that libpq does not know either. */
export function requireKeyword(name: string, place: string): void {
  if (Object.hasOwn(keywords, name)) return;
  // Not repeated: it may be a piece of a password with a space or an & in it.
  const meant = Object.keys(keywords).find((known) => editDistance(name.toLowerCase(), known) <= Math.floor(known.length / 4));
  throw new GpuParserError('USAGE', `${place} holds a connection option that libpq does not know.`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}The options are those of libpq: host, port, dbname, user, password, sslmode, sslrootcert and so on.`,
  });
}

/** What the environment says, by libpq's PG* variables. */
export function fromEnvironment(env: NodeJS.ProcessEnv): Parameters {
  const parameters: Parameters = new Map();
  for (const [name, { environment }] of Object.entries(keywords)) {
    const value = environment === undefined ? undefined : env[environment];
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/**
 * A URL in the place of one of its parts may hold a password; it would be sent as a name, and shown with the server's answer.
 * @throws GpuParserError USAGE
 */
export function refuseUrls(parameters: Parameters): void {
  for (const [name, value] of parameters) {
    const { environment, unseen } = keywords[name] ?? {};
    if (unseen || !looksLikeUrl(value)) continue;
    throw new GpuParserError('USAGE', `The connection option ${name} does not take a URL.`, {
      hint: `Give a whole URL as such: ${URL_FORM}.${environment ? ` The option may come from ${environment}.` : ''}`,
    });
  }
}

/** @throws GpuParserError USAGE for a parameter that would silently be without effect, though it is there for safety. */
export function refuseUnsupported(parameters: Parameters): void {
  for (const [name, value] of parameters) {
    const { accepted, environment, unseen } = keywords[name] ?? {};
    if (accepted === undefined || accepted.test(value)) continue;
    const shown = !unseen && /^[a-z0-9-]*$/.test(value) ? `=${value}` : '';
    throw new GpuParserError('USAGE', `The connection option ${name}${shown} is not supported.`, {
      hint: `Leave it out${environment ? ` (it may come from ${environment})` : ''}.`,
    });
  }
}
