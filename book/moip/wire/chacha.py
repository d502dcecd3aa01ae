"""ChaCha20, Poly1305 and the two together, as RFC 8439 defines them.

Lightning enciphers its connections with the two together (BOLT 8) and its onions with the stream alone (BOLT 4).
Plain Python, made to be read: it is slow, and its time depends on its secrets, so it must not protect any.
"""

from __future__ import annotations

import hmac
import struct

TAG_BYTES = 16
_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
_QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_MASK = 0xFFFFFFFF


class BadTag(ValueError):
    """A ciphertext or what it is bound to has been changed, or the key is another one."""


def block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """64 bytes of key stream for a block `counter` (RFC 8439, section 2.3). key: 32 bytes, nonce: 12 bytes."""
    if len(key) != 32 or len(nonce) != 12:
        raise ValueError(f"the key has {len(key)} bytes and the nonce {len(nonce)}; they must have 32 and 12")
    start = [*_CONSTANTS, *struct.unpack("<8I", key), counter & _MASK, *struct.unpack("<3I", nonce)]
    x = start.copy()
    for _ in range(10):
        for a, b, c, d in _QUARTERS:
            x[a] = (x[a] + x[b]) & _MASK
            v = x[d] ^ x[a]
            x[d] = v << 16 & _MASK | v >> 16
            x[c] = (x[c] + x[d]) & _MASK
            v = x[b] ^ x[c]
            x[b] = v << 12 & _MASK | v >> 20
            x[a] = (x[a] + x[b]) & _MASK
            v = x[d] ^ x[a]
            x[d] = v << 8 & _MASK | v >> 24
            x[c] = (x[c] + x[d]) & _MASK
            v = x[b] ^ x[c]
            x[b] = v << 7 & _MASK | v >> 25
    return struct.pack("<16I", *((now + then) & _MASK for now, then in zip(x, start, strict=True)))


def stream(key: bytes, length: int, nonce: bytes = bytes(12), counter: int = 0) -> bytes:
    """`length` bytes of key stream, from block `counter` on."""
    blocks = range(counter, counter - (-length // 64))
    return b"".join(block(key, i, nonce) for i in blocks)[:length]


def xor(left: bytes, right: bytes) -> bytes:
    """Bitwise exclusive or of two byte strings of the same length."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def poly1305(key: bytes, message: bytes) -> bytes:
    """The 16-byte one-time authenticator (RFC 8439, section 2.5)."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i : i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:32], "little")) % 2**128).to_bytes(16, "little")


def _tag(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    def padded(data: bytes) -> bytes:
        return data + bytes(-len(data) % 16)

    lengths = struct.pack("<QQ", len(associated), len(ciphertext))
    return poly1305(block(key, 0, nonce)[:32], padded(associated) + padded(ciphertext) + lengths)


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b"") -> bytes:
    """Ciphertext followed by its 16-byte tag (RFC 8439, section 2.8)."""
    ciphertext = xor(plaintext, stream(key, len(plaintext), nonce, 1))
    return ciphertext + _tag(key, nonce, ciphertext, associated)


def decrypt(key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b"") -> bytes:
    """The plaintext of what `encrypt` gave; `BadTag` if a bit of it, of `associated` or of the key differs."""
    ciphertext, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, nonce, ciphertext, associated)):
        raise BadTag(f"the tag of {len(ciphertext)} bytes does not fit")
    return xor(ciphertext, stream(key, len(ciphertext), nonce, 1))
