import type { ConnectionConfig } from '../config/connection.js';
import { resolveConnection } from '../config/resolve.js';

/** The connection with the password and client key that this machine's own environment, service and password files hold. */
export async function withNodeSecret(connection: ConnectionConfig): Promise<ConnectionConfig> {
  const { host, port, database, user } = connection;
  // The server has been chosen: what the node's environment says of others means other connections.
  const { PGHOSTADDR: _, PGTARGETSESSIONATTRS: __, PGLOADBALANCEHOSTS: ___, ...environment } = process.env;
  const { connection: here } = await resolveConnection({ host, port, database, user }, environment);
  const { cert, key, passphrase } = here.ssl;
  return { ...connection, password: here.password, ssl: key === undefined ? connection.ssl : { ...connection.ssl, cert, key, passphrase } };
}
