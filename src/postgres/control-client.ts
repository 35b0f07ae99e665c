import type { ClientConfig } from 'pg';
import type { ConnectionConfig } from '../config/connection.js';
import { type AuthMethod, admits } from '../config/require-auth.js';
import { GpuParserError } from '../errors.js';
import { pg } from './driver.js';
import type { Transport } from './socket.js';

/** Types whose text pg would turn into a Date, a Buffer or an interval object; the server's own text is exact. */
const keptAsText = new Set([17, 1082, 1083, 1114, 1115, 1182, 1184, 1185, 1186, 1187, 1266, 1270, 1001]);

/**
 * Module pg's client on a transport that is already connected and, where asked for, encrypted. It sees nothing of the
 * environment that pg would look into: start-up parameters, password and TLS are decided here.
 */
export class ControlClient extends pg.Client {
  declare readonly processID: number;
  declare readonly secretKey: number;
  /** Reported by the server at start-up: server_version and the like. */
  readonly parameters = new Map<string, string>();
  /** Whether authentication was bound to the TLS channel. */
  bound = false;
  readonly #config: ConnectionConfig;
  /** What the server offered, where it asked by SASL. */
  #mechanisms: readonly string[] | undefined;
  /** How the server had the client prove who it is. */
  #method: AuthMethod = 'none';
  #scramFinished = false;

  constructor(transport: Transport, config: ConnectionConfig) {
    super({
      host: config.host,
      port: config.port,
      user: config.user,
      database: config.database,
      password: () => this.#password(),
      ssl: false,
      sslnegotiation: 'postgres',
      stream: () => transport.control,
      scramMaxIterations: 0, // as libpq: as many as the role's password was made with; pg refuses more than 100,000
      enableChannelBinding: transport.tls !== undefined && config.channelBinding !== 'disable',
      types: {
        getTypeParser: ((oid: number, format?: 'text') =>
          keptAsText.has(oid) ? String : pg.types.getTypeParser(oid, format ?? 'text')) as typeof pg.types.getTypeParser,
      },
    } as ClientConfig);
    this.#config = config;
    // pg's types leave out that its connection emits every protocol message by name.
    const events = this.connection as unknown as NodeJS.EventEmitter;
    events.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) =>
      this.parameters.set(message.parameterName, message.parameterValue),
    );
    events.on('authenticationCleartextPassword', () => (this.#method = 'password'));
    events.on('authenticationMD5Password', () => (this.#method = 'md5'));
    events.on('authenticationSASLFinal', () => (this.#scramFinished = true));
    events.on('authenticationSASL', (message: { mechanisms: readonly string[] }) => {
      this.#mechanisms = message.mechanisms;
      this.#method = 'scram-sha-256';
      this.bound = transport.tls !== undefined && message.mechanisms.includes('SCRAM-SHA-256-PLUS');
    });
  }

  /** Overrides pg's own, which would add PGOPTIONS and others. */
  getStartupConf(): Record<string, string> {
    const { user, database, applicationName, options } = this.#config;
    return { user, database, ...(applicationName ? { application_name: applicationName } : {}), ...(options ? { options } : {}) };
  }

  /** What cannot be asked before the server has let the client in. @throws GpuParserError AUTH */
  requireProof(): void {
    if (this.#config.channelBinding === 'require' && !this.bound) throw channelBindingMissing();
    // A server that breaks SCRAM off has not proved that it knows the password.
    this.#requireMethod(this.#method === 'scram-sha-256' && !this.#scramFinished ? 'none' : this.#method);
  }

  #requireMethod(method: AuthMethod): void {
    if (admits(this.#config.requireAuth, method)) return;
    const wants = method === 'none' ? 'asks for no password' : `asks for a password by ${NAMES[method]}`;
    throw new GpuParserError('AUTH', `The server ${wants}, which require_auth does not allow.`, {
      hint: "Change the server's pg_hba.conf, or require_auth (PGREQUIREAUTH).",
    });
  }

  /** pg asks for it before it answers any password request, in clear text, MD5 or SCRAM. */
  #password(): string {
    const { password, channelBinding, user } = this.#config;
    if (this.#mechanisms?.every((name) => !name.startsWith('SCRAM-SHA-256'))) throw proofNotKnown(asked(this.#mechanisms), this.#config);
    if (channelBinding === 'require' && !this.bound) throw channelBindingMissing();
    this.#requireMethod(this.#method);
    if (!password) {
      throw new GpuParserError('AUTH', `The server asks for a password for user "${user}", and none was given.`, {
        reason: 'password',
        hint: 'Give it by PGPASSWORD, ~/.pgpass or -p.',
      });
    }
    return password;
  }
}

const NAMES: Readonly<Partial<Record<AuthMethod, string>>> = { password: 'clear text', md5: 'MD5', 'scram-sha-256': 'SCRAM' };

const asked = (mechanisms: readonly string[]): string =>
  mechanisms.includes('OAUTHBEARER') ? 'an OAuth token' : `SASL's ${mechanisms.join(' or ')}`;

export function proofNotKnown(wanted: string, { user }: ConnectionConfig): GpuParserError {
  return new GpuParserError('AUTH', `The server asks for ${wanted} for user "${user}", which gpuparser cannot give.`, {
    hint: 'Connect as a role that pg_hba.conf lets in by password or certificate.',
  });
}

function channelBindingMissing(): GpuParserError {
  return new GpuParserError('AUTH', 'Channel binding is required, but the server did not offer SCRAM-SHA-256-PLUS.', {
    hint: 'Use TLS (sslmode=require) and a SCRAM password, or channel_binding=prefer.',
  });
}
