"""A block header, and the path of hashes that ties a transaction to it (Bitcoin white paper, sections 7 and 8).

Byte strings are in the order in which they are hashed; people write transaction ids and block hashes the other way
round, as `txid.hex()` of the reversed bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

HEADER_BYTES = 80
HASH_BYTES = 32


def hash256(data: bytes) -> bytes:
    """SHA-256 of SHA-256."""
    return sha256(sha256(data).digest()).digest()


def shown(digest: bytes) -> str:
    """A transaction id or block hash as people write it."""
    return digest[::-1].hex()


def as_hashed(text: str) -> bytes:
    """The bytes of an id that people wrote."""
    return bytes.fromhex(text)[::-1]


@dataclass(frozen=True, slots=True)
class Header:
    """The 80 bytes of a block header, field by field. time: seconds since 1970, bits: the compact target."""

    version: int
    previous: bytes
    merkle_root: bytes
    time: int
    bits: int
    nonce: int

    @classmethod
    def parse(cls, raw: bytes) -> Header:
        """From 80 bytes; ValueError for another length."""
        if len(raw) != HEADER_BYTES:
            raise ValueError(f"a header has {HEADER_BYTES} bytes, this one {len(raw)}")
        return cls(*struct.unpack("<i32s32sIII", raw))

    @property
    def raw(self) -> bytes:
        return struct.pack(
            "<i32s32sIII", self.version, self.previous, self.merkle_root, self.time, self.bits, self.nonce
        )

    @property
    def hash(self) -> bytes:
        return hash256(self.raw)

    @property
    def target(self) -> int:
        """The number that the hash must not exceed."""
        exponent, mantissa = self.bits >> 24, self.bits & 0x7FFFFF
        return mantissa << 8 * (exponent - 3) if exponent > 3 else mantissa >> 8 * (3 - exponent)

    @property
    def proves_work(self) -> bool:
        return int.from_bytes(self.hash, "little") <= self.target


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """The next level of the tree; the last hash is paired with itself if it has no other partner."""
    even = [*level, level[-1]] if len(level) % 2 else list(level)
    return [hash256(even[i] + even[i + 1]) for i in range(0, len(even), 2)]


def merkle_root(txids: Sequence[bytes]) -> bytes:
    """The root over the ids of all transactions of a block, in their order. ValueError for none."""
    if not txids:
        raise ValueError("a block has at least one transaction")
    level = list(txids)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def merkle_path(txids: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the transaction at `index` to the root, from below. IndexError for no such one."""
    if not 0 <= index < len(txids):
        raise IndexError(f"the block has transactions 0 to {len(txids) - 1}, not {index}")
    level, path = list(txids), []
    while len(level) > 1:
        sibling = index ^ 1
        path.append(level[sibling] if sibling < len(level) else level[index])
        level, index = _parents(level), index // 2
    return path


def root_from_path(txid: bytes, index: int, path: Sequence[bytes]) -> bytes:
    """The root that a transaction, its place and a path lead to: what a light wallet computes."""
    for sibling in path:
        txid = hash256(sibling + txid if index % 2 else txid + sibling)
        index //= 2
    return txid
