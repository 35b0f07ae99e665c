import { editDistance } from '../edit-distance.js';
import { GpuParserError } from '../errors.js';
import { looksLikeUrl, URL_FORM } from '../url-like.js';

/** Connection parameters by libpq's names. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
export type Parameters = Map<string, string>;

interface Keyword {
  readonly environment?: string;
  /** The values that are taken: those that something here acts on, or that ask for no more than what happens anyway. Default: all. */
  readonly accepted?: RegExp;
  /** What to do instead of giving another value. */
  readonly instead?: string;
  /** Its value is not shown, nor taken for a URL in the wrong place. */
  readonly unseen?: true;
  /** An export would notice: the value that changes nothing, and what holds in place of another. */
  readonly ineffective?: { readonly but: RegExp; readonly holds: string };
}

/** Nothing here acts on it, and an export would not notice. */
const HARMLESS = /^/;
const EMPTY = /^$/;
const INTEGER = /^\s*-?\d*\s*$/;
const SWITCH = /^[01]?$/;
const SYSTEM_PROBES = { but: /^0?$/, holds: "the system's own setting holds" };
const GSS = 'gpuparser does not speak GSSAPI: use gssencmode=prefer, and sslmode=require to encrypt.';
const SCRAM_KEYS = 'Give the password itself (PGPASSWORD, ~/.pgpass).';

/**
 * Every parameter of libpq's, and what becomes of it here. It is acted on, or its values are limited to those that need no action.
 * target_session_attrs and others with words of their own are checked where they are read.
 */
export const keywords: Readonly<Record<string, Keyword>> = {
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
  require_auth: { environment: 'PGREQUIREAUTH' },
  target_session_attrs: {
    environment: 'PGTARGETSESSIONATTRS',
    accepted: /^(any|read-write|read-only|primary|standby|prefer-standby)?$/,
    instead: 'It is any, read-write, read-only, primary, standby or prefer-standby.',
  },
  load_balance_hosts: { environment: 'PGLOADBALANCEHOSTS', accepted: /^(disable|random)?$/, instead: 'It is disable or random.' },
  sslmode: { environment: 'PGSSLMODE' },
  requiressl: { environment: 'PGREQUIRESSL' },
  sslnegotiation: { environment: 'PGSSLNEGOTIATION', accepted: /^(postgres|direct)?$/, instead: 'It is postgres or direct.' },
  sslrootcert: { environment: 'PGSSLROOTCERT' },
  sslcert: { environment: 'PGSSLCERT' },
  sslkey: { environment: 'PGSSLKEY' },
  sslpassword: { unseen: true },
  sslcertmode: {
    environment: 'PGSSLCERTMODE',
    accepted: /^(allow|disable)?$/,
    instead: 'Use allow, which shows the certificate where the server asks for one, or disable.',
  },
  sslcrl: { environment: 'PGSSLCRL' },
  sslcrldir: { environment: 'PGSSLCRLDIR' },
  sslsni: { environment: 'PGSSLSNI', accepted: SWITCH, instead: 'It is 0 or 1.' },
  ssl_min_protocol_version: { environment: 'PGSSLMINPROTOCOLVERSION' },
  ssl_max_protocol_version: { environment: 'PGSSLMAXPROTOCOLVERSION' },
  sslcompression: { environment: 'PGSSLCOMPRESSION', accepted: HARMLESS },
  sslkeylogfile: { accepted: EMPTY },
  keepalives: { accepted: INTEGER, instead: 'It is 0 or 1.' },
  keepalives_idle: { accepted: INTEGER, instead: 'It is a number of seconds.' },
  keepalives_interval: { accepted: INTEGER, instead: 'It is a number of seconds.', ineffective: SYSTEM_PROBES },
  keepalives_count: { accepted: INTEGER, instead: 'It is a number.', ineffective: SYSTEM_PROBES },
  tcp_user_timeout: { accepted: INTEGER, instead: 'It is a number of milliseconds.', ineffective: SYSTEM_PROBES },
  gssencmode: { environment: 'PGGSSENCMODE', accepted: /^(disable|prefer)?$/, instead: GSS },
  // Of no account where GSSAPI is not spoken.
  krbsrvname: { environment: 'PGKRBSRVNAME', accepted: HARMLESS },
  gsslib: { environment: 'PGGSSLIB', accepted: HARMLESS },
  gssdelegation: { environment: 'PGGSSDELEGATION', accepted: /^0?$/, instead: GSS },
  // Of Unix sockets only, and read there.
  requirepeer: { environment: 'PGREQUIREPEER' },
  scram_client_key: { accepted: EMPTY, instead: SCRAM_KEYS, unseen: true },
  scram_server_key: { accepted: EMPTY, instead: SCRAM_KEYS, unseen: true },
  // Of no account until a server asks for a token, and then the error says so.
  oauth_issuer: { accepted: HARMLESS, unseen: true },
  oauth_client_id: { accepted: HARMLESS, unseen: true },
  oauth_client_secret: { accepted: HARMLESS, unseen: true },
  oauth_scope: { accepted: HARMLESS, unseen: true },
  replication: { accepted: /^(false|off|no|0)?$/, instead: 'Leave it out: rows are read over an ordinary connection.' },
  // Files hold UTF-8, and the text comes so from the server.
  client_encoding: { environment: 'PGCLIENTENCODING', accepted: HARMLESS },
  min_protocol_version: {
    environment: 'PGMINPROTOCOLVERSION',
    accepted: /^(3\.0)?$/,
    instead: 'Use 3.0, the version that gpuparser speaks with every server.',
  },
  max_protocol_version: { environment: 'PGMAXPROTOCOLVERSION', accepted: HARMLESS },
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
  return withoutRequireSsl(parameters);
}

/** The oldest form of sslmode, which libpq still takes; sslmode itself comes before it. */
export function withoutRequireSsl(parameters: Parameters): Parameters {
  const required = parameters.get('requiressl');
  parameters.delete('requiressl');
  if (required && !parameters.has('sslmode')) parameters.set('sslmode', required.startsWith('1') ? 'require' : 'prefer');
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

/**
 * @returns sentences on those without effect.
 * @throws GpuParserError USAGE for a parameter that would silently be without effect, though it is there for safety.
 */
export function refuseUnsupported(parameters: Parameters): string[] {
  const warnings: string[] = [];
  for (const [name, value] of parameters) {
    const { accepted, environment, unseen, instead, ineffective } = keywords[name] ?? {};
    if (ineffective && accepted?.test(value) && !ineffective.but.test(value.trim()))
      warnings.push(`The connection option ${name} has no effect here: ${ineffective.holds}.`);
    if (accepted === undefined || accepted.test(value)) continue;
    const shown = !unseen && /^[a-z0-9-]*$/.test(value) ? `=${value}` : '';
    throw new GpuParserError('USAGE', `The connection option ${name}${shown} is not supported.`, {
      hint: `${instead ?? 'Leave it out.'}${environment ? ` The option may come from ${environment}.` : ''}`,
    });
  }
  return warnings;
}
