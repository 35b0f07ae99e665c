import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { chooseHost } from './choose-host.js';
import { ControlClient, proofNotKnown } from './control-client.js';
import { openTransport, serverName } from './open.js';
import { lostConnection, statementError } from './server-errors.js';
import { ServerSession } from './server-session.js';
import type { Session } from './session.js';
import type { Transport } from './socket.js';
import { negotiateTls, TlsError } from './tls.js';

export interface Connected {
  readonly session: Session;
  /** `config` with the address that answered, for every further connection of the same export. */
  readonly config: ConnectionConfig;
}

/**
 * Connects and authenticates, with sslmode's libpq meanings, to the one server that is chosen where there is a choice.
 * @param signal ends the attempt; it has no say once connected.
 * @throws GpuParserError CONNECT when the server cannot be reached or TLS fails, AUTH when it refuses user, password or database,
 *   INTERRUPTED by the signal.
 */
export async function connect(config: ConnectionConfig, signal?: AbortSignal): Promise<Connected> {
  return chooseHost(config, (one) => connectOne(one, signal));
}

async function connectOne(config: ConnectionConfig, signal: AbortSignal | undefined): Promise<Connected> {
  const [first, second] = encryptions(config);
  try {
    return await attempt(config, first as boolean, signal);
  } catch (error) {
    if (second === undefined || !mayDifferByEncryption(error)) throw error;
    // What the preferred way was refused for says more than the refusal of the other.
    return await attempt(config, second, signal).catch(() => {
      throw error;
    });
  }
}

/** Whether to encrypt, in the order to try. Unix sockets never are, as in libpq. */
function encryptions({ host, ssl }: ConnectionConfig): boolean[] {
  if (host.startsWith('/') || ssl.mode === 'disable') return [false];
  if (ssl.mode === 'allow') return [false, true];
  return ssl.mode === 'prefer' ? [true, false] : [true];
}

/** pg_hba.conf can admit a user with TLS only, or without only; and a handshake can fail that is not needed. */
function mayDifferByEncryption(error: unknown): boolean {
  return error instanceof TlsError || (error instanceof GpuParserError && error.sqlState === '28000');
}

async function attempt(wanted: ConnectionConfig, encrypt: boolean, signal: AbortSignal | undefined): Promise<Connected> {
  const deadline = new AbortController();
  const interrupt = () => deadline.abort(interrupted(wanted));
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt);
  const timer = wanted.connectTimeoutMs > 0 ? setTimeout(() => deadline.abort(timeout(wanted)), wanted.connectTimeoutMs) : undefined;
  let transport: Transport | undefined;
  try {
    const opened = await openTransport(wanted, deadline.signal);
    const { config } = opened;
    transport = opened.transport;
    deadline.signal.addEventListener('abort', () => transport?.destroy());
    if (encrypt && !(await negotiateTls(transport, config)) && config.ssl.mode !== 'prefer') {
      throw new GpuParserError('CONNECT', `${serverName(config)} does not offer TLS, which sslmode ${config.ssl.mode} asks for.`, {
        hint: 'Turn ssl on at the server, or connect with sslmode=prefer or disable.',
      });
    }
    return { session: await authenticate(transport, config), config };
  } catch (error) {
    transport?.destroy();
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
}

async function authenticate(transport: Transport, config: ConnectionConfig): Promise<Session> {
  const client = new ControlClient(transport, config);
  // Until the session listens, a connection that breaks twice would be an uncaught error.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw startupError(error, config);
  }
  client.requireProof();
  return new ServerSession(client, transport, config);
}

function startupError(thrown: unknown, config: ConnectionConfig): GpuParserError {
  if (thrown instanceof Error && thrown.message.startsWith('SASL:')) {
    return new GpuParserError('AUTH', `SCRAM authentication failed: ${thrown.message.slice('SASL: '.length)}.`, { cause: thrown });
  }
  const request = /^Unknown authenticationOk message type (\d+)/.exec(String((thrown as Error).message))?.[1];
  if (request !== undefined)
    return proofNotKnown(request === '7' ? 'Kerberos (GSSAPI)' : request === '9' ? 'SSPI' : 'an unknown method', config);
  const error = statementError(thrown);
  if (error.sqlState !== undefined) return refusedSession(error, config);
  if (error.code !== 'SERVER') return error;
  return new GpuParserError('CONNECT', `${serverName(config)} closed the connection during start-up.`, {
    hint: 'Check that a PostgreSQL server or pooler listens there, and its log.',
    retry: true,
    detail: lostConnection(thrown).detail,
    cause: thrown,
  });
}

/** What would be another error of a statement means here that there is no session. */
function refusedSession(error: GpuParserError, { database }: ConnectionConfig): GpuParserError {
  const { code, message, detail, sqlState, retry } = error;
  if (code !== 'SERVER' && code !== 'PERMISSION') return error;
  const hint =
    code === 'PERMISSION'
      ? `Its owner can run: GRANT CONNECT ON DATABASE "${database.replaceAll('"', '""')}" TO ...`
      : (error.hint ?? 'Check PGOPTIONS and the settings of the role and the database.');
  return new GpuParserError(code === 'PERMISSION' ? 'AUTH' : 'CONNECT', message, { hint, detail, sqlState, retry, cause: error });
}

function interrupted(config: ConnectionConfig): GpuParserError {
  return new GpuParserError('INTERRUPTED', `Connecting to ${serverName(config)} was interrupted.`);
}

function timeout(config: ConnectionConfig): GpuParserError {
  return new GpuParserError('CONNECT', `${serverName(config)} did not answer within ${config.connectTimeoutMs / 1000} s.`, {
    hint: 'Check host, port and firewalls, or wait longer with PGCONNECT_TIMEOUT.',
    retry: true,
  });
}
