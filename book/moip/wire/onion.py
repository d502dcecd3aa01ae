"""The onion of a Lightning payment: 1,366 bytes that each hop can open by one layer (BOLT 4).

A packet is a version byte, an ephemeral public key (33 bytes), the payloads of all hops (1,300 bytes, of which a hop
can read its own) and an authenticator (32 bytes). It has the same size at every hop, so that its size tells nobody how
long the route is or where on it they are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from coincurve import PrivateKey, PublicKey

from . import tlv
from .chacha import stream, xor

VERSION = b"\0"
PAYLOADS_BYTES = 1300
HMAC_BYTES = 32
PACKET_BYTES = 1 + 33 + PAYLOADS_BYTES + HMAC_BYTES
AMOUNT, EXPIRY, CHANNEL, PAYMENT_DATA = 2, 4, 6, 8  # types of the records of a payload


class BadOnion(ValueError):
    """A packet that was not made for this key and this payment, or was changed on its way."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A node's public key (33 bytes) and the instructions for it, without their length."""

    node: bytes
    payload: bytes

    @property
    def framed(self) -> bytes:
        """The payload behind its length, as it stands in the packet before the authenticator."""
        return tlv.bigsize(len(self.payload)) + self.payload


@dataclass(frozen=True, slots=True)
class Peeled:
    """What a hop finds: its payload, and the packet for the next hop (None for the last one)."""

    payload: bytes
    packet: bytes | None
    shared_secret: bytes


def short_channel_id(text: str) -> bytes:
    """8 bytes from block height x index in the block x index of the output, as in "539268x845x1" (BOLT 7)."""
    height, index, output = map(int, text.split("x"))
    return height.to_bytes(3, "big") + index.to_bytes(3, "big") + output.to_bytes(2, "big")


def forward_payload(amount_msat: int, cltv_expiry: int, channel: bytes) -> bytes:
    """Instructions for a hop: forward so much, with that expiry (a block height), over that channel."""
    return tlv.encode({AMOUNT: tlv.truncated(amount_msat), EXPIRY: tlv.truncated(cltv_expiry), CHANNEL: channel})


def final_payload(amount_msat: int, cltv_expiry: int, payment_secret: bytes, total_msat: int | None = None) -> bytes:
    """Instructions for the payee: amount and expiry of this part, the invoice's secret, the amount of all parts."""
    total = amount_msat if total_msat is None else total_msat
    return tlv.encode(
        {
            AMOUNT: tlv.truncated(amount_msat),
            EXPIRY: tlv.truncated(cltv_expiry),
            PAYMENT_DATA: payment_secret + tlv.truncated(total),
        }
    )


def read_payload(payload: bytes) -> dict[str, int | bytes]:
    """The fields of a payload by their names in BOLT 4 (those that this module writes)."""
    records = tlv.decode(payload)
    fields: dict[str, int | bytes] = {}
    for kind, name in ((AMOUNT, "amt_to_forward"), (EXPIRY, "outgoing_cltv_value")):
        if kind in records:
            fields[name] = tlv.read_truncated(records[kind], 8 if kind == AMOUNT else 4)
    if CHANNEL in records:
        fields["short_channel_id"] = records[CHANNEL]
    if PAYMENT_DATA in records:
        fields["payment_secret"] = records[PAYMENT_DATA][:32]
        fields["total_msat"] = tlv.read_truncated(records[PAYMENT_DATA][32:])
    return fields


def _key(kind: bytes, secret: bytes) -> bytes:
    return hmac.digest(kind, secret, "sha256")


def _blinding(public: bytes, secret: bytes) -> bytes:
    return hashlib.sha256(public + secret).digest()


def shared_secrets(session_key: bytes, nodes: Sequence[bytes]) -> list[bytes]:
    """The secret that the sender shares with each node, though no node learns who the sender is."""
    ephemeral, secrets = PrivateKey(session_key), []
    for node in nodes:
        secret = ephemeral.ecdh(node)
        secrets.append(secret)
        ephemeral = ephemeral.multiply(_blinding(ephemeral.public_key.format(), secret))
    return secrets


def _filler(secrets: Sequence[bytes], sizes: Sequence[int]) -> bytes:
    """What the hops' shifting will have appended when the last one reads ("Filler Generation")."""
    filler = b""
    for secret, size, before in zip(secrets, sizes, (sum(sizes[:i]) for i in range(len(sizes))), strict=True):
        pad = stream(_key(b"rho", secret), PAYLOADS_BYTES + size)[PAYLOADS_BYTES - before :]
        filler = xor(filler + bytes(size), pad)
    return filler


def construct(session_key: bytes, hops: Sequence[Hop], associated_data: bytes) -> bytes:
    """The packet that the sender hands to the first hop (BOLT 4, "Packet Construction").

    session_key: 32 random bytes, never used twice; associated_data: the payment hash. ValueError when the payloads do
    not fit.
    """
    sizes = [len(hop.framed) + HMAC_BYTES for hop in hops]
    if not hops or sum(sizes) > PAYLOADS_BYTES:
        raise ValueError(f"{len(hops)} hops need {sum(sizes)} bytes; a packet takes 1 hop or more in {PAYLOADS_BYTES}")
    secrets = shared_secrets(session_key, [hop.node for hop in hops])
    filler = _filler(secrets[:-1], sizes[:-1])
    payloads, mac = stream(_key(b"pad", session_key), PAYLOADS_BYTES), bytes(HMAC_BYTES)
    for i, (hop, secret) in reversed(list(enumerate(zip(hops, secrets, strict=True)))):
        payloads = (hop.framed + mac + payloads)[:PAYLOADS_BYTES]
        payloads = xor(payloads, stream(_key(b"rho", secret), PAYLOADS_BYTES))
        if i == len(hops) - 1 and filler:
            payloads = payloads[: -len(filler)] + filler
        mac = _key(_key(b"mu", secret), payloads + associated_data)
    return VERSION + PrivateKey(session_key).public_key.format() + payloads + mac


def peel(packet: bytes, node_secret: bytes, associated_data: bytes) -> Peeled:
    """What the node with that secret key finds in a packet (BOLT 4, "Onion Decryption"). `BadOnion` if it is not for it."""
    if len(packet) != PACKET_BYTES or packet[:1] != VERSION:
        raise BadOnion(f"a packet of {len(packet)} bytes and version {packet[:1].hex()}; {PACKET_BYTES} and 00 are due")
    public, payloads, mac = packet[1:34], packet[34:-HMAC_BYTES], packet[-HMAC_BYTES:]
    try:
        secret = PrivateKey(node_secret).ecdh(public)
    except ValueError as error:
        raise BadOnion(f"the ephemeral key is no point of the curve: {error}") from error
    if not hmac.compare_digest(mac, _key(_key(b"mu", secret), payloads + associated_data)):
        raise BadOnion("the authenticator does not fit: another key, another payment, or a changed packet")
    clear = xor(payloads + bytes(PAYLOADS_BYTES), stream(_key(b"rho", secret), 2 * PAYLOADS_BYTES))
    length, start = tlv.read_bigsize(clear)
    end = start + length
    if length < 2 or end + HMAC_BYTES > PAYLOADS_BYTES:
        raise BadOnion(f"a payload of {length} bytes")
    next_mac, rest = clear[end : end + HMAC_BYTES], clear[end + HMAC_BYTES :][:PAYLOADS_BYTES]
    if next_mac == bytes(HMAC_BYTES):
        return Peeled(clear[start:end], None, secret)
    blinded = PublicKey(public).multiply(_blinding(public, secret)).format()
    return Peeled(clear[start:end], VERSION + blinded + rest + next_mac, secret)
