import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SslConfig } from '../config/connection.js';

export interface KeyFault {
  readonly message: string;
  readonly hint: string;
}

/** PKCS #8 says it by the name, the older forms by a header. */
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** What keeps the client's key from being used. OpenSSL says "bad decrypt" and the like, and of a missing passphrase too. */
export function clientKeyFault({ cert, key, passphrase }: SslConfig): KeyFault | undefined {
  if (key === undefined) return undefined;
  const encrypted = ENCRYPTED.test(key);
  const hint = 'as sslpassword in the connection string or the service file, or name a key without one: openssl pkey -in KEY -out NEW_KEY';
  if (encrypted && passphrase === undefined)
    return { message: 'The private key of the client certificate is encrypted, and no passphrase was given.', hint: `Give it ${hint}` };
  try {
    const opened = createPrivateKey({ key, passphrase });
    if (cert === undefined || new X509Certificate(cert).checkPrivateKey(opened)) return undefined;
  } catch {
    return encrypted
      ? { message: "The passphrase of the client certificate's private key is wrong.", hint: `Give the right one ${hint}` }
      : {
          message: 'The client certificate or its private key cannot be read.',
          hint: 'Name files in PEM form with sslcert and sslkey (PGSSLCERT, PGSSLKEY).',
        };
  }
  return {
    message: 'The private key does not belong to the client certificate.',
    hint: 'Name the two that belong together with sslcert and sslkey (PGSSLCERT, PGSSLKEY).',
  };
}
