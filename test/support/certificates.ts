import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of the test's own, by the openssl command. All texts are PEM. */
export class Authority {
  readonly cert: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'gpuparser-ca-'));

  constructor(name: string) {
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    this.cert = this.#read('ca.crt');
  }

  /** @param alternative subjectAltName: `DNS:localhost,IP:127.0.0.1`; undefined for a client's certificate. */
  issue(commonName: string, alternative?: string): Certificate {
    this.#openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${commonName}`,
      '-keyout',
      'one.key',
      '-out',
      'one.csr',
    );
    writeFileSync(path.join(this.#folder, 'one.ext'), alternative ? `subjectAltName=${alternative}\n` : 'basicConstraints=CA:FALSE\n');
    this.#openssl(
      'x509',
      '-req',
      '-in',
      'one.csr',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'one.ext',
      '-out',
      'one.crt',
    );
    return { cert: this.#read('one.crt'), key: this.#read('one.key') };
  }

  /** The key under a passphrase, as PKCS #8. */
  encrypt(key: string, passphrase: string): string {
    writeFileSync(path.join(this.#folder, 'plain.key'), key);
    this.#openssl('pkey', '-in', 'plain.key', '-aes256', '-passout', `pass:${passphrase}`, '-out', 'encrypted.key');
    return this.#read('encrypted.key');
  }

  /** A revocation list that holds `certificate`. */
  revoke(certificate: Certificate): string {
    writeFileSync(path.join(this.#folder, 'bad.crt'), certificate.cert);
    writeFileSync(path.join(this.#folder, 'index.txt'), '');
    writeFileSync(
      path.join(this.#folder, 'ca.cnf'),
      '[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=2\n',
    );
    const ca = ['-config', 'ca.cnf', '-cert', 'ca.crt', '-keyfile', 'ca.key'];
    this.#openssl('ca', ...ca, '-revoke', 'bad.crt');
    this.#openssl('ca', ...ca, '-gencrl', '-out', 'crl.pem');
    return this.#read('crl.pem');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #openssl(...arguments_: string[]): void {
    execFileSync('openssl', arguments_, { cwd: this.#folder, stdio: 'pipe' });
  }

  #read(name: string): string {
    return readFileSync(path.join(this.#folder, name), 'utf8');
  }
}
