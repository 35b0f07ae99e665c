import type { RequiredAuth } from './require-auth.js';

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
  readonly requireAuth?: RequiredAuth;
  /** How long a silent connection may be before the system asks whether it still stands; 0 for never. Default: half a minute. */
  readonly keepAliveMs?: number;
  /** Where several servers, or one of a kind, may be meant. */
  readonly choice?: HostChoice;
}

/** libpq's target_session_attrs. */
export type TargetSessionAttributes = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

export interface HostChoice {
  /** To be tried after the first. */
  readonly others: readonly ConnectionConfig[];
  readonly attributes: TargetSessionAttributes;
  /** Whether to try them in any order. */
  readonly random: boolean;
}

/** libpq's sslmode and its files, read: PEM texts, not paths. */
export interface SslConfig {
  readonly mode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Of the key. */
  readonly passphrase?: string;
  /** One list or several, one behind the other. */
  readonly crl?: string;
  readonly serverName?: string;
  /** TLS from the first byte, as PostgreSQL 17 and newer take it. */
  readonly direct?: boolean;
  /** The server's name is not sent in the clear. */
  readonly nameless?: boolean;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: SslConfig['minVersion'];
}
