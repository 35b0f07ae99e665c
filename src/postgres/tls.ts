import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { clientKeyFault } from './client-key.js';
import type { Transport } from './socket.js';
import { sslRequest } from './wire.js';

const CRL = /-----BEGIN X509 CRL-----.*?-----END X509 CRL-----/gs;
/** PostgreSQL's name in TLS, which a server that is spoken to in TLS from the first byte must choose. */
const ALPN = 'postgresql';

/** TLS was asked for and did not come about; sslmode=prefer goes on without it. */
export class TlsError extends GpuParserError {}

/**
 * Asks the server for TLS and, if it agrees, encrypts the transport.
 * @returns false when the server has no TLS (it answered N and the transport is still plain).
 * @throws TlsError when the handshake fails or the certificate is not the one the mode asks for.
 */
export async function negotiateTls(transport: Transport, config: ConnectionConfig): Promise<boolean> {
  if (config.ssl.direct) return encrypt(transport, config);
  transport.write(sslRequest());
  const answer = await firstBytes(transport);
  // Bytes behind the answer would have been sent before encryption, by whoever sits in between (CVE-2021-23222).
  if (answer.length !== 1 || (answer[0] !== 0x53 && answer[0] !== 0x4e)) {
    throw new GpuParserError('CONNECT', `${name(config)} did not answer a request for TLS as PostgreSQL does.`, {
      hint: 'Check that host (-h) and port (-P) are those of a PostgreSQL server.',
    });
  }
  return answer[0] === 0x4e ? false : encrypt(transport, config);
}

async function encrypt(transport: Transport, config: ConnectionConfig): Promise<true> {
  const { ssl } = config;
  const host = ssl.serverName ?? config.host;
  try {
    const secure = tls.connect({
      socket: transport.socket,
      ca: ssl.ca,
      cert: ssl.cert,
      key: ssl.key,
      passphrase: ssl.passphrase,
      // Of a text with several lists OpenSSL would take the first alone.
      crl: ssl.crl?.match(CRL) ?? ssl.crl,
      minVersion: ssl.minVersion,
      maxVersion: ssl.maxVersion,
      ...(ssl.direct ? { ALPNProtocols: [ALPN] } : {}),
      // As libpq: whoever names a root certificate wants it checked, also under sslmode=require and prefer.
      rejectUnauthorized: ssl.ca !== undefined || ssl.mode === 'verify-ca' || ssl.mode === 'verify-full',
      host,
      ...(net.isIP(host) === 0 && !ssl.nameless ? { servername: host } : {}),
      ...(ssl.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    });
    await once(secure, 'secureConnect');
    if (ssl.direct && secure.alpnProtocol !== ALPN) throw new Error('the server did not choose the protocol postgresql');
    transport.upgrade(secure);
    transport.control.getPeerCertificate = () => secure.getPeerCertificate();
  } catch (cause) {
    throw handshakeError(config, cause as NodeJS.ErrnoException);
  }
  return true;
}

async function firstBytes(transport: Transport): Promise<Buffer> {
  const { control } = transport;
  const gone = new AbortController();
  transport.socket.once('close', () => gone.abort());
  try {
    const [bytes] = (await once(control, 'data', { signal: gone.signal })) as [Buffer];
    // The stream must wait for module pg's listener.
    control.pause();
    return bytes;
  } catch (cause) {
    throw new TlsError('CONNECT', 'The server closed the connection instead of answering a request for TLS.', { retry: true, cause });
  }
}

function handshakeError(config: ConnectionConfig, cause: NodeJS.ErrnoException): TlsError {
  const server = name(config);
  const fault = clientKeyFault(config.ssl);
  if (fault !== undefined) return new TlsError('USAGE', fault.message, { hint: fault.hint, cause });
  switch (cause.code) {
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return new TlsError('CONNECT', `The certificate of ${server} is not signed by the given root certificate (${cause.message}).`, {
        hint: 'Name the right root certificate with PGSSLROOTCERT or sslrootcert.',
        cause,
      });
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new TlsError('CONNECT', `The certificate of ${server} is for another host name.`, {
        hint: 'Connect by a name the certificate holds, or use sslmode=verify-ca.',
        detail: cause.message,
        cause,
      });
    case 'CERT_HAS_EXPIRED':
    case 'CERT_REVOKED':
      return new TlsError('CONNECT', `The certificate of ${server} is no longer valid: ${cause.message}.`, { cause });
    default:
      return new TlsError('CONNECT', `TLS with ${server} failed: ${cause.message}.`, {
        hint: config.ssl.direct
          ? 'A server before PostgreSQL 17 does not take TLS from the first byte: leave sslnegotiation=direct out (PGSSLNEGOTIATION).'
          : "Check sslmode and the certificate files, and the server's log.",
        cause,
      });
  }
}

function name(config: ConnectionConfig): string {
  return `${config.host}:${config.port}`;
}
