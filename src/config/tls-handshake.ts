import { GpuParserError } from '../errors.js';
import type { SslConfig } from './connection.js';
import type { Parameters } from './keywords.js';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof VERSIONS)[number];

/**
 * How TLS begins: sslnegotiation, sslsni and the versions; of each only what is not the default.
 * @throws GpuParserError USAGE
 */
export function handshakeOf(parameters: Parameters, mode: SslConfig['mode']): Partial<SslConfig> {
  const direct = parameters.get('sslnegotiation') === 'direct';
  if (direct && (mode === 'disable' || mode === 'allow' || mode === 'prefer'))
    throw new GpuParserError('USAGE', `sslmode ${mode} is too weak for sslnegotiation=direct.`, {
      hint: 'Use sslmode=require, verify-ca or verify-full, or leave sslnegotiation out.',
    });
  const minVersion = version(parameters, 'ssl_min_protocol_version');
  const maxVersion = version(parameters, 'ssl_max_protocol_version');
  if (minVersion && maxVersion && VERSIONS.indexOf(minVersion) > VERSIONS.indexOf(maxVersion))
    throw new GpuParserError('USAGE', 'ssl_min_protocol_version is above ssl_max_protocol_version.', { hint: 'Leave one of them out.' });
  return {
    ...(direct && { direct }),
    ...(parameters.get('sslsni') === '0' && { nameless: true }),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
  };
}

function version(parameters: Parameters, name: string): TlsVersion | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  const known = VERSIONS.find((each) => each.toLowerCase() === text.toLowerCase());
  if (known) return known;
  throw new GpuParserError('USAGE', `${name} is not a version of TLS.`, { hint: `The versions are ${VERSIONS.join(', ')}.` });
}
