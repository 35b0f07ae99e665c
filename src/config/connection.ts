/** A connection, resolved to its last detail: no environment, file or default is consulted after this. JSON. */
export interface ConnectionConfig {
  /** Host name, IP address, or the folder of a Unix socket when it starts with '/'. */
  readonly host: string;
  /** The address `host` resolved to (all connections of an export use the same one); undefined for Unix sockets. */
  readonly address?: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly applicationName: string;
  /** 0 waits for ever. */
  readonly connectTimeoutMs: number;
  /** Command-line options for the backend (PGOPTIONS), which most poolers refuse. */
  readonly options?: string;
  readonly ssl: SslConfig;
  readonly channelBinding: 'disable' | 'prefer' | 'require';
}

/** libpq's sslmode and its files, read: PEM texts, not paths. */
export interface SslConfig {
  readonly mode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Of the key. */
  readonly passphrase?: string;
  readonly crl?: string;
  readonly serverName?: string;
}
