import type { ConnectionConfig } from '../config/connection.js';
import { resolveConnection } from '../config/resolve.js';

/** The connection with the password and client key that this machine's own environment, service and password files hold. */
export async function withNodeSecret(connection: ConnectionConfig): Promise<ConnectionConfig> {
  const { host, port, database, user } = connection;
  const { connection: here } = await resolveConnection({ host, port, database, user }, process.env);
  const { cert, key, passphrase } = here.ssl;
  return { ...connection, password: here.password, ssl: key === undefined ? connection.ssl : { ...connection.ssl, cert, key, passphrase } };
}
