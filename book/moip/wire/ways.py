"""What a payment made people and programs handle, in 2009 and since: one request in the form of each time.

The request is that of :mod:`moip.wire.requests`: the same shop, amount and purpose, with public test keys and domains
that end in ``.example``. Never pay to anything that is made here. Sizes are characters for text, bytes for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from coincurve import PrivateKey
from embit import base58
from embit.hashes import hash160

from . import bech, names, requests, uri
from .requests import ADDRESS_KEY, CALLBACK_URL, NAME, PAYEE, Ask

MACHINE = "123.45.6.7"  # what the first program's window gives as an example of an IP address
OP_CHECKSIG, OP_DUP_HASH160, OP_EQUALVERIFY_CHECKSIG = b"\xac", b"\x76\xa9", b"\x88\xac"
REQUEST_URL = "https://shop.example/pay/7f4a2b39"
REQUEST_TIME, REQUEST_SECONDS = 1496314658, 900  # the guide of 2017 says that most requests live 10 to 20 minutes
# the query that a Bolt Card's specification gives as an example; it changes with every tap
CARD_LINK = "lnurlw://card.example?p=A2EF40F6D46F1BB36E6EBF0114D4A464&c=F509EEA788E37E32"
CARD_CALLBACK = "https://card.example/cb"
CARD_TOKEN = "00112233445566778899aabbccddeeff"  # 16 bytes, as the card's service makes them


def first_address(key: PrivateKey = ADDRESS_KEY, *, compressed: bool = False) -> str:
    """An address that pays to the hash of a public key, in Base58Check, as in 2009 (uncompressed keys) and after."""
    payload = b"\x00" + hash160(key.public_key.format(compressed=compressed))
    return base58.encode(payload + sha256(sha256(payload).digest()).digest()[:4])


def key_answer(key: PrivateKey = ADDRESS_KEY) -> bytes:
    """What a machine returned to whoever asked it for a key in 2009: a status of four bytes and a script with that key.

    Bitcoin 0.1.0, ``checkorder`` in main.cpp: ``(int)0`` and the script ``<public key> OP_CHECKSIG``, as a vector.
    """
    public = key.public_key.format(compressed=False)
    script = bytes([len(public)]) + public + OP_CHECKSIG
    return (0).to_bytes(4, "little") + bytes([len(script)]) + script


def link(ask: Ask, *, fetch: bool = False) -> str:
    """A payment link after BIP 21; with `fetch`, also where its request can be had (BIP 72)."""
    more = (("r", REQUEST_URL),) if fetch else ()
    return uri.write(uri.BitcoinUri(first_address(compressed=True), ask.amount_sat, PAYEE, ask.description, more))


def _varint(n: int) -> bytes:
    """Base-128 integer of Protocol Buffers."""
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def _field(number: int, value: int | bytes) -> bytes:
    """One field of a Protocol Buffers message: an integer or bytes."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def request_message(ask: Ask) -> bytes:
    """The least that a BIP 70 server answers: a PaymentRequest without certificate and signature.

    Numbers of the fields are those of BIP 70, "Messages". A signed one is longer by the certificates and the signature.
    """
    script = OP_DUP_HASH160 + b"\x14" + hash160(ADDRESS_KEY.public_key.format()) + OP_EQUALVERIFY_CHECKSIG
    details = b"".join((
        _field(2, _field(1, ask.amount_sat) + _field(2, script)),
        _field(3, REQUEST_TIME),
        _field(4, REQUEST_TIME + REQUEST_SECONDS),
        _field(5, ask.description.encode()),
        _field(6, f"{REQUEST_URL}/ack".encode()),
    ))  # fmt: skip
    return _field(4, details)


def _metadata(ask: Ask) -> str:
    return names.pay_metadata(ask.description, NAME)


def card_call(ask: Ask) -> str:
    """How a till hands its invoice to the service of a card (LUD-03, step 5)."""
    return f"{CARD_CALLBACK}?k1={CARD_TOKEN}&pr={requests.invoice(ask)}"


PIECES: dict[str, Callable[[Ask], str | bytes]] = {
    "machine": lambda ask: MACHINE,
    "amount": lambda ask: uri.amount_text(ask.amount_sat),
    "amount-sat": lambda ask: str(ask.amount_sat),
    "address": lambda ask: first_address(),
    "key-answer": lambda ask: key_answer(),
    "link": link,
    "link-fetch": lambda ask: link(ask, fetch=True),
    "request-message": request_message,
    "invoice": requests.invoice,
    "link-unified": lambda ask: requests.link(ask, address=requests.address(), lightning=requests.invoice(ask)),
    "name": lambda ask: NAME,
    "server-terms": lambda ask: names.pay_response(ask.amount_sat, _metadata(ask), CALLBACK_URL),
    "server-invoice": lambda ask: f'{{"pr":"{requests.invoice(ask, metadata=_metadata(ask))}","routes":[]}}',
    "record": lambda ask: uri.write(uri.BitcoinUri(instructions=(("lno", requests.offer(ask)),))),
    "offer-invoice": lambda ask: bech.decode(requests.offer_invoice(ask, name=NAME), "none").data,
    "card-link": lambda ask: CARD_LINK,
    "card-call": card_call,
}
"""Everything that is handled in a step, by its key in the table ``payment_steps``."""


def sizes(ask: Ask) -> dict[str, int]:
    """Characters or bytes of every piece."""
    return {piece: len(make(ask)) for piece, make in PIECES.items()}
