import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { GpuParserError } from '../errors.js';
import type { SslConfig } from './connection.js';
import type { Parameters } from './keywords.js';
import { handshakeOf } from './tls-handshake.js';

const modes: readonly SslConfig['mode'][] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Where Linux systems and OpenSSL keep the certificates the system trusts. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/opt/homebrew/etc/openssl@3/cert.pem',
];

/**
 * sslmode and the certificates it works with, read. Files that were not named are those of libpq in ~/.postgresql, where
 * they exist.
 * @throws GpuParserError USAGE for an unknown mode and for files that are missing or too open.
 */
export async function resolveTls(parameters: Parameters, home: string, env: NodeJS.ProcessEnv, unixSocket: boolean): Promise<SslConfig> {
  const system = parameters.get('sslrootcert') === 'system';
  const mode = (parameters.get('sslmode') || (system ? 'verify-full' : 'prefer')) as SslConfig['mode'];
  if (!modes.includes(mode)) {
    throw new GpuParserError('USAGE', `sslmode "${mode}" does not exist.`, { hint: `The modes are ${modes.join(', ')}.` });
  }
  if (system && mode !== 'verify-full') {
    throw new GpuParserError('USAGE', `sslmode ${mode} is too weak for sslrootcert=system.`, {
      hint: 'Use sslmode=verify-full, or name a root certificate file.',
    });
  }
  const handshake = handshakeOf(parameters, mode);
  if (mode === 'disable' || unixSocket) return { mode };

  const read = (name: string, fallback: string) => readNamed(parameters.get(name), path.join(home, '.postgresql', fallback), name);
  const ca = system ? await systemCertificates(env) : await read('sslrootcert', 'root.crt');
  if (ca === undefined && mode.startsWith('verify')) {
    throw new GpuParserError('USAGE', `sslmode ${mode} needs a root certificate, and there is none in ${home}/.postgresql/root.crt.`, {
      hint: 'Name one with PGSSLROOTCERT or sslrootcert, or use sslrootcert=system.',
    });
  }
  const cert = parameters.get('sslcertmode') === 'disable' ? undefined : await read('sslcert', 'postgresql.crt');
  const key = cert === undefined ? undefined : await read('sslkey', 'postgresql.key');
  if (cert !== undefined && key === undefined) {
    throw new GpuParserError('USAGE', 'There is a client certificate but no key for it.', {
      hint: 'Name the key with PGSSLKEY or sslkey.',
    });
  }
  if (key !== undefined) await requirePrivate(parameters.get('sslkey') || path.join(home, '.postgresql', 'postgresql.key'));
  const passphrase = parameters.get('sslpassword') || undefined;
  return { mode, ca, cert, key, crl: await revocations(), ...(key && passphrase ? { passphrase } : {}), ...handshake };

  async function revocations(): Promise<string | undefined> {
    const folder = parameters.get('sslcrldir');
    const file = await read('sslcrl', 'root.crl');
    return folder ? [file, ...(await readFolder(folder))].join('\n') : file;
  }
}

async function readNamed(named: string | undefined, fallback: string, option: string): Promise<string | undefined> {
  const file = named || fallback;
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (!named && ['ENOENT', 'ENOTDIR', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new GpuParserError('USAGE', `The file ${file} of ${option} cannot be read.`, {
      hint: `Check ${option} or PG${option.toUpperCase()}.`,
      cause,
    });
  }
}

/** The revocation lists of a folder; OpenSSL's names for them (`9d66eef0.r0`) are not asked for. */
async function readFolder(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).sort();
    return await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  } catch (cause) {
    throw new GpuParserError('USAGE', `The folder ${folder} of sslcrldir cannot be read.`, {
      hint: 'Check sslcrldir or PGSSLCRLDIR.',
      cause,
    });
  }
}

/** libpq's rule: nobody else may read the key, save root's, which its group may. */
async function requirePrivate(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(file);
  if ((mode & (uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw new GpuParserError('USAGE', `The private key ${file} can be read by others.`, { hint: `Run: chmod 600 ${file}` });
}

async function systemCertificates(env: NodeJS.ProcessEnv): Promise<string> {
  const bundle = [env.SSL_CERT_FILE, ...systemBundles].find((file) => file && existsSync(file));
  if (bundle) return readFile(bundle, 'utf8');
  throw new GpuParserError('USAGE', 'The certificates that this system trusts were not found.', {
    hint: 'Name their file with SSL_CERT_FILE or sslrootcert.',
  });
}
