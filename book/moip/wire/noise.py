"""The encrypted connection of two Lightning nodes (BOLT 8): a handshake in three acts, then framed messages.

The handshake is Noise_XK over secp256k1: the initiator knows the responder's public key beforehand and proves its own
only after the connection is private. A message of n bytes then takes 2 + 16 + n + 16 bytes on the wire.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from coincurve import PrivateKey, PublicKey

from . import chacha

PROTOCOL = b"Noise_XK_secp256k1_ChaChaPoly_SHA256"
PROLOGUE = b"lightning"
LENGTH_BYTES = 2
FRAME_BYTES = LENGTH_BYTES + 2 * chacha.TAG_BYTES
"""What framing adds to every message: a length, and a tag each for the length and the message."""
MAX_MESSAGE_BYTES = 65535
ROTATE_AFTER = 1000


class HandshakeError(ValueError):
    """An act that must end the connection; the message begins with the act."""


def hkdf(salt: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """Two keys of 32 bytes (RFC 5869 with SHA-256 and no info)."""
    extracted = hmac.digest(salt, secret, "sha256")
    first = hmac.digest(extracted, b"\x01", "sha256")
    return first, hmac.digest(extracted, first + b"\x02", "sha256")


def _nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "little")


@dataclass
class Session:
    """One direction of a connection: encrypts or decrypts, and changes its key every 1,000 uses."""

    key: bytes
    chaining_key: bytes
    number: int = 0

    def _next(self) -> tuple[bytes, bytes]:
        if self.number == ROTATE_AFTER:
            self.chaining_key, self.key = hkdf(self.chaining_key, self.key)
            self.number = 0
        self.number += 1
        return self.key, _nonce(self.number - 1)

    def encrypt(self, message: bytes) -> bytes:
        """A message as it goes over the wire."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise ValueError(f"a message has at most {MAX_MESSAGE_BYTES} bytes; this one has {len(message)}")
        length = chacha.encrypt(*self._next(), len(message).to_bytes(LENGTH_BYTES, "big"))
        return length + chacha.encrypt(*self._next(), message)

    def decrypt(self, frame: bytes) -> bytes:
        """The message in a frame; `chacha.BadTag` if a bit of it was changed, ValueError if its length differs."""
        head = LENGTH_BYTES + chacha.TAG_BYTES
        length = int.from_bytes(chacha.decrypt(*self._next(), frame[:head]), "big")
        if len(frame) != length + FRAME_BYTES:
            raise ValueError(f"the frame has {len(frame)} bytes, its length field says {length + FRAME_BYTES}")
        return chacha.decrypt(*self._next(), frame[head:])


@dataclass
class Handshake:
    """One side of a handshake; call the acts in their order. Keys are 32-byte secrets, 33-byte public keys.

    static: this node's secret; ephemeral: a fresh secret; responder: the responder's public key.
    """

    static: bytes
    ephemeral: bytes
    responder: bytes
    remote_ephemeral: bytes = b""
    remote_static: bytes = b""
    chaining_key: bytes = field(default_factory=lambda: hashlib.sha256(PROTOCOL).digest())
    digest: bytes = b""
    key: bytes = b""

    def __post_init__(self) -> None:
        self.digest = self.chaining_key
        self._mix_hash(PROLOGUE)
        self._mix_hash(self.responder)

    def _mix_hash(self, data: bytes) -> None:
        self.digest = hashlib.sha256(self.digest + data).digest()

    def _mix_key(self, secret: bytes, public: bytes) -> None:
        self.chaining_key, self.key = hkdf(self.chaining_key, PrivateKey(secret).ecdh(public))

    def _seal(self, plaintext: bytes, number: int = 0) -> bytes:
        sealed = chacha.encrypt(self.key, _nonce(number), plaintext, self.digest)
        self._mix_hash(sealed)
        return sealed

    def _open(self, sealed: bytes, act: str, number: int = 0) -> bytes:
        try:
            plaintext = chacha.decrypt(self.key, _nonce(number), sealed, self.digest)
        except chacha.BadTag:
            raise HandshakeError(f"{act}: bad tag") from None
        self._mix_hash(sealed)
        return plaintext

    def _receive_ephemeral(self, message: bytes, act: str) -> bytes:
        _check(message, 50, act)
        self.remote_ephemeral = _point(message[1:34], act)
        self._mix_hash(self.remote_ephemeral)
        return message[34:]

    def _send_ephemeral(self, secret: bytes, public: bytes) -> bytes:
        own = PrivateKey(self.ephemeral).public_key.format()
        self._mix_hash(own)
        self._mix_key(secret, public)
        return b"\0" + own + self._seal(b"")

    def act_one(self) -> bytes:
        """The initiator's first 50 bytes."""
        return self._send_ephemeral(self.ephemeral, self.responder)

    def receive_act_one(self, message: bytes) -> None:
        """The responder reads them."""
        tag = self._receive_ephemeral(message, "act one")
        self._mix_key(self.static, self.remote_ephemeral)
        self._open(tag, "act one")

    def act_two(self) -> bytes:
        """The responder's 50 bytes."""
        return self._send_ephemeral(self.ephemeral, self.remote_ephemeral)

    def receive_act_two(self, message: bytes) -> None:
        """The initiator reads them."""
        tag = self._receive_ephemeral(message, "act two")
        self._mix_key(self.ephemeral, self.remote_ephemeral)
        self._open(tag, "act two")

    def act_three(self) -> bytes:
        """The initiator's last 66 bytes: who it is, and that it is."""
        sealed = self._seal(PrivateKey(self.static).public_key.format(), 1)
        self._mix_key(self.static, self.remote_ephemeral)
        return b"\0" + sealed + self._seal(b"")

    def receive_act_three(self, message: bytes) -> None:
        """The responder learns who calls."""
        _check(message, 66, "act three")
        self.remote_static = _point(self._open(message[1:50], "act three", 1), "act three")
        self._mix_key(self.ephemeral, self.remote_static)
        self._open(message[50:], "act three")

    def sessions(self) -> tuple[Session, Session]:
        """The two directions after act three: from the initiator, and to it."""
        there, back = hkdf(self.chaining_key, b"")
        return Session(there, self.chaining_key), Session(back, self.chaining_key)


def _check(message: bytes, size: int, act: str) -> None:
    if len(message) != size:
        raise HandshakeError(f"{act}: {len(message)} bytes instead of {size}")
    if message[0]:
        raise HandshakeError(f"{act}: unknown version {message[0]}")


def _point(data: bytes, act: str) -> bytes:
    try:
        return PublicKey(data).format()
    except ValueError:
        raise HandshakeError(f"{act}: bad public key") from None
