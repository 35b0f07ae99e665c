import { createHash, createHmac, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * Encrypts for the one process that holds the secret half of `receiver`, an X25519 public key of 32 bytes; sealed.py opens it.
 * Both halves are made for one message, so nothing that is stored or logged on the way opens it, then or later. Python's own
 * library has no cipher: SHAKE-256 is the key stream, and HMAC-SHA-256 over what it hides tells whether that was changed.
 */
export function seal(bytes: Buffer, receiver: Buffer): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const sender = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(receiver) });
  const key = (label: string) => Buffer.from(hkdfSync('sha256', shared, Buffer.concat([receiver, sender]), label, KEY_BYTES));
  const hidden = xor(bytes, createHash('shake256', { outputLength: bytes.length }).update(key('gpuparser stream')).digest());
  const tag = createHmac('sha256', key('gpuparser tag')).update(hidden).digest();
  return Buffer.concat([sender, tag, hidden]);
}

function publicKeyOf(bytes: Buffer): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: bytes.toString('base64url') }, format: 'jwk' });
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, at) => byte ^ (other[at] as number)));
}
