"""BOLT 12: offers, requests for an invoice, and their signatures.

An offer is a stream of type-length-value records, written in the Bech32 alphabet without a checksum. It is not signed:
a payer's software sends a request that repeats it, and the payee answers with an invoice or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from coincurve import PrivateKey, PublicKey, PublicKeyXOnly

from . import bech, tlv

# Types of records (BOLT 12, "TLV Fields for Offers", "TLV Fields for `invoice_request`")
METADATA, CHAINS, CURRENCY, AMOUNT, DESCRIPTION, FEATURES = 0, 2, 6, 8, 10, 12
EXPIRY, PATHS, ISSUER, QUANTITY, ISSUER_ID = 14, 16, 18, 20, 22
REQUEST_AMOUNT, PAYER_ID, SIGNATURE = 82, 88, 240
OFFER_TYPES = frozenset(
    {CHAINS, 4, CURRENCY, AMOUNT, DESCRIPTION, FEATURES, EXPIRY, PATHS, ISSUER, QUANTITY, ISSUER_ID}
)
OFFER_RANGES = ((1, 79), (1_000_000_000, 1_999_999_999))
NO_NONCE_FROM = range(240, 1001)  # signatures, which are not signed


@dataclass(frozen=True)
class Hop:
    """A hop of a blinded path: the key that stands for a node, and what only that node can read."""

    blinded_node_id: bytes
    encrypted: bytes


@dataclass(frozen=True)
class BlindedPath:
    """The way to a payee who does not name itself: a public node to begin at, a key, and hops without names.

    `first_node`: a node id (33 bytes), or a direction and a short channel id (9 bytes).
    """

    first_node: bytes
    path_key: bytes
    hops: tuple[Hop, ...]

    def encode(self) -> bytes:
        """The path as bytes (BOLT 4, `blinded_path`)."""
        hops = b"".join(
            hop.blinded_node_id + len(hop.encrypted).to_bytes(2, "big") + hop.encrypted for hop in self.hops
        )
        return self.first_node + self.path_key + bytes([len(self.hops)]) + hops


def join(text: str) -> str:
    """A BOLT 12 text without the ``+`` signs and spaces that may divide it; ValueError for a ``+`` at either end."""
    parts = re.split(r"\+\s*", text)
    if not all(re.fullmatch(r"[0-9a-zA-Z]+", part) for part in parts):
        raise ValueError("a + must stand between two characters of the text")
    return "".join(parts)


def to_text(prefix: str, records: Mapping[int, bytes]) -> str:
    """Records as a text: prefix ``lno`` for an offer, ``lnr`` for a request, ``lni`` for an invoice."""
    return bech.encode(prefix, tlv.encode(records), "none")


def from_text(text: str, prefix: str, known: frozenset[int] | None = None) -> dict[int, bytes]:
    """The records of a text. ValueError unless it has that prefix and is well formed."""
    decoded = bech.decode(join(text), "none")
    if decoded.prefix != prefix:
        raise ValueError(f"the text begins with {decoded.prefix}1 instead of {prefix}1")
    return tlv.decode(decoded.data, known)


def read_offer(text: str) -> dict[int, bytes]:
    """The records of an offer, checked by the rules for readers (BOLT 12, "Requirements For Offers").

    ValueError names the rule that the text breaks. The chain is not checked, and an offer is not held against a clock.
    """
    records = from_text(text, "lno", OFFER_TYPES)
    if outside := [kind for kind in records if not any(low <= kind <= high for low, high in OFFER_RANGES)]:
        raise ValueError(f"type {outside[0]} is outside of the ranges of an offer")
    for kind in (CURRENCY, DESCRIPTION, ISSUER):
        if kind in records:
            records[kind].decode("utf-8")
    if AMOUNT in records and not tlv.read_truncated(records[AMOUNT]):
        raise ValueError("the amount is zero")
    if AMOUNT in records and DESCRIPTION not in records:
        raise ValueError("an amount needs a description")
    if CURRENCY in records and (len(records[CURRENCY]) != 3 or AMOUNT not in records):
        raise ValueError("a currency has three letters and needs an amount")
    if CHAINS in records and (not records[CHAINS] or len(records[CHAINS]) % 32):
        raise ValueError("chains are hashes of 32 bytes, at least one")
    for kind in (EXPIRY, QUANTITY):
        if kind in records:
            tlv.read_truncated(records[kind])
    if any(bit % 2 == 0 for bit in _bits(records.get(FEATURES, b""))):
        raise ValueError("an even feature bit is set, and none is known")
    if ISSUER_ID not in records and PATHS not in records:
        raise ValueError("neither a key nor a path of the payee")
    if ISSUER_ID in records:
        PublicKey(records[ISSUER_ID])
    if PATHS in records:
        read_paths(records[PATHS])
    return records


def read_paths(data: bytes) -> tuple[BlindedPath, ...]:
    """The blinded paths in a record. ValueError if one is cut off, has no hop, or holds a key that is no point."""
    paths, at = [], 0
    while at < len(data):
        first, at = _take(data, at, 9 if data[at] < 2 else 33)
        key, at = _take(data, at, 33)
        count, at = _take(data, at, 1)
        if not count[0]:
            raise ValueError("a blinded path has no hop")
        hops = []
        for _ in range(count[0]):
            node, at = _take(data, at, 33)
            size, at = _take(data, at, 2)
            secret, at = _take(data, at, int.from_bytes(size, "big"))
            hops.append(Hop(node, secret))
        for point in (key, *(hop.blinded_node_id for hop in hops), *([first] if len(first) == 33 else [])):
            PublicKey(point)
        paths.append(BlindedPath(first, key, tuple(hops)))
    if not paths:
        raise ValueError("a record of paths holds none")
    return tuple(paths)


def merkle_root(records: Mapping[int, bytes]) -> bytes:
    """What is signed: the root over all records but signatures (BOLT 12, "Signature Calculation")."""
    signed = {kind: value for kind, value in sorted(records.items()) if kind not in NO_NONCE_FROM}
    first = tlv.encode(dict([next(iter(signed.items()))]))
    level = []
    for kind, value in signed.items():
        leaf = _tagged(b"LnLeaf", tlv.encode({kind: value}))
        nonce = _tagged(b"LnNonce" + first, tlv.bigsize(kind))
        level.append(_branch(leaf, nonce))
    while len(level) > 1:
        pairs = [_branch(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0]


def sign(records: Mapping[int, bytes], key: PrivateKey, message: str) -> dict[int, bytes]:
    """The records and a signature over them. `message`: ``invoice_request`` or ``invoice``; no randomness is added."""
    digest = _tagged(f"lightning{message}signature".encode(), merkle_root(records))
    return {**records, SIGNATURE: key.sign_schnorr(digest, b"\0" * 32)}


def verify(records: Mapping[int, bytes], message: str) -> bool:
    """Whether the signature over the records is that of the payer's key in them."""
    digest = _tagged(f"lightning{message}signature".encode(), merkle_root(records))
    return PublicKeyXOnly(records[PAYER_ID][1:]).verify(records[SIGNATURE], digest)


def request_invoice(
    offer: Mapping[int, bytes], payer: PrivateKey, metadata: bytes, msat: int | None = None
) -> dict[int, bytes]:
    """The signed request that a payer's software sends for an offer; `msat` where the offer names no amount."""
    records = {METADATA: metadata, **offer, PAYER_ID: payer.public_key.format()}
    if msat is not None:
        records[REQUEST_AMOUNT] = tlv.truncated(msat)
    return sign(records, payer, "invoice_request")


def _take(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(data):
        raise ValueError(f"a blinded path is cut off at byte {len(data)}")
    return data[at : at + size], at + size


def _bits(features: bytes) -> list[int]:
    number = int.from_bytes(features, "big")
    return [bit for bit in range(number.bit_length()) if number >> bit & 1]


def _tagged(tag: bytes, message: bytes) -> bytes:
    head = sha256(tag).digest()
    return sha256(head + head + message).digest()


def _branch(one: bytes, other: bytes) -> bytes:
    return _tagged(b"LnBranch", min(one, other) + max(one, other))
