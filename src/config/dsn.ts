import { GpuParserError } from '../errors.js';
import { isServerUrl, looksLikeUrl, URL_FORM } from '../url-like.js';
import { type Parameters, requireKeyword } from './keywords.js';

const place = 'The connection string';

/**
 * Parses `postgresql://user:password@host:port/dbname?name=value` or `name=value name='value'`, as libpq does. Messages
 * never repeat the text, which may hold a password.
 * @throws GpuParserError USAGE
 */
export function parseConnectionString(text: string): Parameters {
  if (isServerUrl(text)) return parseUrl(text);
  if (looksLikeUrl(text)) throw malformed('is no URL of a PostgreSQL server', `Write ${URL_FORM}.`);
  return parsePairs(text);
}

/** Whether a database name is meant as a connection string, by libpq's rule. */
export function isConnectionString(text: string): boolean {
  return isServerUrl(text) || text.includes('=');
}

/** conninfo_uri_parse_options() in fe-connect.c: userinfo ends at the first '@' before any '/'. */
function parseUrl(text: string): Parameters {
  const parameters: Parameters = new Map();
  const set = (name: string, value: string | undefined) => {
    if (value) parameters.set(name, decode(value));
  };
  const rest = text.slice(text.indexOf('://') + 3);
  refuseTornPassword(rest);
  const [, userInfo, hosts = '', database, query] = /^(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? [];
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(userInfo ?? '') ?? [];
  set('user', user);
  set('password', password);
  parseHosts(hosts, set);
  set('dbname', database);
  if (query) parseQuery(query, parameters);
  return parameters;
}

/**
 * An unescaped `/`, `?` or `@` in a password ends it too early. What follows it would be sent as a database's name, or shown as a
 * host's, so what may be such a rest is refused, although libpq takes `h:1/d@e`.
 */
function refuseTornPassword(rest: string): void {
  const userInfo = /^[^@/]*@/.exec(rest)?.[0] ?? '';
  const torn = userInfo === '' ? /^[^@]*:[^@]*@/.test(rest) : rest.slice(userInfo.length).includes('@');
  if (torn)
    throw malformed('holds an @ that belongs to no user', 'Write %40 for @, %2F for / and %3F for ? within a user, a password or a name.');
}

function parseHosts(hosts: string, set: (name: string, value: string | undefined) => void): void {
  const parts = hosts.split(',').map((part) => {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(.*))?$/s.exec(part);
    if (match === null) {
      throw malformed(
        'has a host that cannot be read',
        'Write an IPv6 address in brackets, and a special character as % and two hex digits.',
      );
    }
    return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
  });
  set('host', parts.map(({ host }) => host).join(','));
  set('port', parts.every(({ port }) => port === '') ? '' : parts.map(({ port }) => port).join(','));
}

function parseQuery(query: string, parameters: Parameters): void {
  for (const pair of query.split('&')) {
    const [name = '', value, ...more] = pair.split('=');
    if (value === undefined || more.length > 0)
      throw malformed('has a parameter that is not of the form name=value', 'Write an = in a value as %3D.');
    const key = decode(name);
    // JDBC's form, which libpq takes as well.
    if (key === 'ssl' && decode(value) === 'true') {
      parameters.set('sslmode', 'require');
      continue;
    }
    requireKeyword(key, place);
    parameters.set(key, decode(value));
  }
}

function decode(text: string): string {
  if (/%00|%(?![0-9a-f]{2})/i.test(text)) {
    throw malformed('has a % that is not followed by two hex digits', 'Write a percent sign itself as %25.');
  }
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('has percent-encoded bytes that are not UTF-8');
  }
}

/** conninfo_parse() in fe-connect.c. */
function parsePairs(text: string): Parameters {
  const parameters: Parameters = new Map();
  const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(?!')((?:[^\s\\]|\\.|\\$)*))/sy;
  let end = 0;
  while (text.slice(end).trim() !== '') {
    pair.lastIndex = end;
    const match = pair.exec(text);
    if (match === null)
      throw malformed(
        'is neither a postgresql:// URL nor name=value pairs',
        "Put a value with spaces into single quotes, with \\' for a quote.",
      );
    const [whole, name = '', quoted, bare] = match;
    requireKeyword(name, place);
    parameters.set(name, (quoted ?? bare ?? '').replace(/\\(.?)/gs, '$1'));
    end += whole.length;
  }
  return parameters;
}

function malformed(what: string, hint?: string): GpuParserError {
  return new GpuParserError('USAGE', `${place} ${what}.`, { hint });
}
