"""Opens what a client has sealed for this process (seal.ts): X25519, HKDF-SHA-256, SHAKE-256 as key stream, HMAC-SHA-256.

Python's own library has no more than that, and a cluster has nothing else for certain. Keys are used once and leave no memory.
"""

import hashlib
import hmac
import os

PRIME = 2**255 - 19
BASE_POINT = (9).to_bytes(32, "little")


def x25519(scalar, point):
    """RFC 7748, section 5."""
    k = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swapped != bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = bit
        a, b = x2 + z2, x2 - z2
        aa, bb = a * a % PRIME, b * b % PRIME
        da, cb = (x3 - z3) * a % PRIME, (x3 + z3) * b % PRIME
        x3, z3 = (da + cb) ** 2 % PRIME, x1 * (da - cb) ** 2 % PRIME
        x2, z2 = aa * bb % PRIME, (aa - bb) * (aa + 121665 * (aa - bb)) % PRIME
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


class Receiver:
    def __init__(self):
        self.private = os.urandom(32)
        self.public = x25519(self.private, BASE_POINT)

    def open(self, sealed):
        """The bytes inside. Raises ValueError for what was not sealed for this receiver, or was changed since."""
        sender, tag, text = sealed[:32], sealed[32:64], sealed[64:]
        shared = x25519(self.private, sender)
        # RFC 5869: extract, then one block of expansion for each key.
        secret = hmac.digest(self.public + sender, shared, "sha256")
        stream_key, tag_key = (hmac.digest(secret, label + b"\x01", "sha256") for label in (b"gpuparser stream", b"gpuparser tag"))
        if not any(shared) or not hmac.compare_digest(tag, hmac.digest(tag_key, text, "sha256")):
            raise ValueError("not sealed for this receiver")
        stream = hashlib.shake_256(stream_key).digest(len(text))
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")
