"""The same request for payment in every format: written, read back, and measured.

What is asked for is an amount and a purpose; who asks is a shop that exists only here. Its keys are public test keys
of BIP 173, BIP 352, BOLT 11 and BOLT 12, its domains end in ``.example``. Never pay to any text that is made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING

from coincurve import PrivateKey
from embit import script
from embit.ec import PublicKey

from . import bech, cashu, names, offers, qr, tlv, uri

if TYPE_CHECKING:
    import pandas as pd
    from bolt11 import Bolt11

PAYEE = "Shop"
ADDRESS_KEY = PrivateKey.from_int(1)  # BIP 173 and BIP 350 take its public key for their examples
NODE_KEY = PrivateKey.from_hex("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734")  # BOLT 11
PAYMENT_HASH = "0001020304050607080900010203040506070809000102030405060708090102"  # BOLT 11
PAYMENT_SECRET = "11" * 32  # BOLT 11
INVOICE_TIME = 1496314658  # BOLT 11, seconds since 1970
ISSUER_KEY, HOP_KEY = PrivateKey(b"\x41" * 32), PrivateKey(b"\x42" * 32)  # Alice and Bob of BOLT 12
PAYER_KEY = HOP_KEY
SCAN_KEY = PrivateKey.from_hex("0f694e068028a717f8af6b9411f9a133dd3565258714cc226594b34db90c1f2c")  # BIP 352
SPEND_KEY = PrivateKey.from_hex("9d6ad855ce3417ef84e836892e5a56392bfba05fa5d97ccea30e266f540e08b3")  # BIP 352
CHANNEL = "66051x263430x1800"  # of the routing hint in BOLT 11's examples
PATH_SECRETS = (51, 16)  # bytes that the two hops of the offer in BIP 353's example keep encrypted
# the same in an invoice (BOLT 4, `encrypted_data_tlv`): channel, payment_relay and payment_constraints with one-byte
# integers for who forwards, a path_id of 32 bytes for who receives, and the cipher's tag of 16 bytes for either
FORWARD_SECRET, RECEIVE_SECRET = (2 + 8) + (2 + 2 + 4 + 1) + (2 + 4 + 1) + 16, (2 + 32) + 16
BIP353_NAME = 91  # BOLT 12, `invreq_bip_353_name`
INVOICE_PATHS, INVOICE_PAY, INVOICE_CREATED, INVOICE_HASH, INVOICE_AMOUNT, INVOICE_NODE = 160, 162, 164, 168, 170, 176
PAY_URL = "https://shop.example/lnurlp/7f4a2b39"
CALLBACK_URL = "https://shop.example/lnurlp/7f4a2b39/callback"
NAME = "till@shop.example"
MINT_URL, DELIVERY_URL = "https://mint.example", "https://shop.example/pay"
SUPPLY_SAT = 21_000_000 * 100_000_000  # all bitcoin that there will be, a little more than in fact
DESCRIPTION_BYTES = 639  # BOLT 11: a field has at most 1,023 characters of five bits


@dataclass(frozen=True)
class Ask:
    """What is asked for: an amount and what it is for. ValueError for what not every format can say."""

    amount_sat: int = 50_000
    description: str = "One copy of Money over IP"

    def __post_init__(self) -> None:
        if not isinstance(self.amount_sat, Integral) or not 0 < self.amount_sat <= SUPPLY_SAT:
            raise ValueError(f"amount_sat is {self.amount_sat!r}; it must be a whole number from 1 to {SUPPLY_SAT:,}")
        if not isinstance(self.description, str) or len(self.description.encode()) > DESCRIPTION_BYTES:
            raise ValueError(
                f"the description must be a text of at most {DESCRIPTION_BYTES} bytes: BOLT 11 has room for no more"
            )


@dataclass(frozen=True)
class Told:
    """What a text by itself tells whoever reads it; None where it says nothing."""

    amount_sat: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class Format:
    """A way of writing a request.

    `write` gives the text, `read` what it tells, `payload` how many bytes it holds once the writing is undone,
    `for_qr` its form for a QR code. `exchange` are the further messages between the payer's software and others until it
    can pay, both ways and in order, without what carries them (HTTP, DNS, onions).
    """

    key: str
    write: Callable[[Ask], str]
    read: Callable[[str], Told]
    payload: Callable[[str], int]
    for_qr: Callable[[str], str] = str.upper
    exchange: Callable[[Ask], tuple[bytes, ...]] = field(default=lambda ask: ())


def address() -> str:
    """An address that pays to a key (P2WPKH)."""
    return script.p2wpkh(PublicKey.parse(ADDRESS_KEY.public_key.format())).address()


def silent_payment_address(scan: bytes, spend: bytes, prefix: str = "sp", version: int = 0) -> str:
    """An address for silent payments from two compressed public keys (BIP 352, "Encoding")."""
    return bech.encode(prefix, (version, *bech.words(scan + spend)), "bech32m")


def read_silent_payment_address(text: str) -> tuple[int, bytes, bytes]:
    """Version, scan key and spend key of an address for silent payments. ValueError for anything else."""
    decoded = bech.decode(text, "bech32m")
    keys = bech.Text(decoded.prefix, decoded.words[1:], decoded.checksum).data
    if decoded.prefix not in ("sp", "tsp") or (decoded.words[0] == 0 and len(keys) != 66):
        raise ValueError(f"{decoded.prefix}1... is no address for silent payments of version 0")
    return decoded.words[0], keys[:33], keys[33:66]


def invoice(ask: Ask, *, hint: bool = False, metadata: str | None = None) -> str:
    """A signed BOLT 11 invoice of the library ``bolt11``.

    `hint`: with a routing hint, as a node without a public channel must give one; `metadata`: commit to that text
    instead of stating the purpose, as LNURL-pay wants it.
    """
    from bolt11 import Bolt11, MilliSatoshi, encode
    from bolt11.models.features import Feature, Features, FeatureState
    from bolt11.models.routehint import Route, RouteHint
    from bolt11.models.tags import TagChar, Tags

    tags = Tags()
    tags.add(TagChar.payment_secret, PAYMENT_SECRET)
    tags.add(TagChar.payment_hash, PAYMENT_HASH)
    if metadata is None:
        tags.add(TagChar.description, ask.description)
    else:
        tags.add(TagChar.description_hash, names.description_hash(metadata))
    tags.add(TagChar.min_final_cltv_expiry, 18)
    tags.add(
        TagChar.features,
        Features.from_feature_list(
            dict.fromkeys((Feature.var_onion_optin, Feature.payment_secret), FeatureState.required)
        ),
    )
    if hint:
        node = HOP_KEY.public_key.format().hex()
        tags.add(TagChar.route_hint, RouteHint([Route(node, CHANNEL, 1, 20, 3)]))
    made = Bolt11(currency="bc", date=INVOICE_TIME, tags=tags, amount_msat=MilliSatoshi(ask.amount_sat * 1000))
    return encode(made, NODE_KEY.to_hex())


def read_invoice(text: str) -> Bolt11:
    """A BOLT 11 invoice as the library ``bolt11`` reads it; its errors, or ValueError.

    Two rules of BOLT 11 that version 2.2 of the library does not hold are checked here: one case, and whole millisatoshis.
    """
    from bolt11 import decode

    if text != text.lower() and text != text.upper():
        raise ValueError("the invoice mixes upper and lower case")
    if re.match(r"ln[a-z]+\d*[1-9]p1", text.lower()):
        raise ValueError("the amount of the invoice is no whole number of millisatoshis")
    return decode(text)


def offer(ask: Ask, *, path: bool = False) -> str:
    """A BOLT 12 offer that names the payee's key, or with `path` one that hides it behind a blinded path."""
    records = {
        offers.AMOUNT: tlv.truncated(ask.amount_sat * 1000),
        offers.DESCRIPTION: ask.description.encode(),
    }
    if path:
        hops = tuple(
            offers.Hop(PrivateKey(bytes([0x43 + i]) * 32).public_key.format(), bytes(size))
            for i, size in enumerate(PATH_SECRETS)
        )
        way = offers.BlindedPath(HOP_KEY.public_key.format(), PrivateKey(b"\x55" * 32).public_key.format(), hops)
        records[offers.PATHS] = way.encode()
    else:
        records[offers.ISSUER_ID] = ISSUER_KEY.public_key.format()
    return offers.to_text("lno", records)


def invoice_request(ask: Ask, *, path: bool = False, name: str | None = None) -> str:
    """What a payer's software sends for that offer, signed with a key of its own.

    `name`: the BIP 353 name (user@domain) under which it found the offer, which it then has to state.
    """
    found = offers.read_offer(offer(ask, path=path))
    if name:
        parts = (part.encode() for part in name.split("@"))
        found = {**found, BIP353_NAME: b"".join(bytes([len(part)]) + part for part in parts)}
    return offers.to_text("lnr", offers.request_invoice(found, PAYER_KEY, b"\0" * 16))


def offer_invoice(ask: Ask, *, path: bool = False, name: str | None = None) -> str:
    """The payee's signed answer to that request (BOLT 12, "Invoices"), with no optional field.

    It repeats the request and adds one blinded path for the payment: with `path` by way of the offer's public node,
    without it the shortest, which begins and ends at the payee. What the path keeps encrypted is zeros of its size.
    """
    request = offers.from_text(invoice_request(ask, path=path, name=name), "lnr")
    del request[offers.SIGNATURE]
    key = PrivateKey(bytes([0x43 + len(PATH_SECRETS) - 1]) * 32) if path else ISSUER_KEY  # of the offer's last hop
    first, secrets = (HOP_KEY, (FORWARD_SECRET, RECEIVE_SECRET)) if path else (ISSUER_KEY, (RECEIVE_SECRET,))
    hops = tuple(
        offers.Hop(PrivateKey(bytes([0x61 + i]) * 32).public_key.format(), bytes(size))
        for i, size in enumerate(secrets)
    )
    way = offers.BlindedPath(first.public_key.format(), PrivateKey(b"\x56" * 32).public_key.format(), hops)
    msat = ask.amount_sat * 1000
    # base fee, fee rate, blocks, least and most millisatoshis, no features
    pay = b"".join(n.to_bytes(size, "big") for n, size in ((0, 4), (0, 4), (18, 2), (1, 8), (msat, 8), (0, 2)))
    records = {
        **request,
        INVOICE_PATHS: way.encode(),
        INVOICE_PAY: pay,
        INVOICE_CREATED: tlv.truncated(INVOICE_TIME),
        INVOICE_HASH: bytes.fromhex(PAYMENT_HASH),
        INVOICE_AMOUNT: tlv.truncated(msat),
        INVOICE_NODE: key.public_key.format(),
    }
    return offers.to_text("lni", offers.sign(records, key, "invoice"))


def ecash_request(ask: Ask) -> cashu.EcashRequest:
    """A request for tokens of one mint, to be delivered to the shop's server, once."""
    return cashu.EcashRequest("7f4a2b39", ask.amount_sat, "sat", True, (MINT_URL,), ask.description, DELIVERY_URL)


def link(ask: Ask, **instructions: str) -> str:
    """A ``bitcoin:`` link with amount and purpose; `instructions`: `address`, and others under their keys."""
    where = instructions.pop("address", "")
    return uri.write(uri.BitcoinUri(where, ask.amount_sat, PAYEE, ask.description, tuple(instructions.items())))


def _silent(ask: Ask) -> str:
    keys = SCAN_KEY.public_key.format(), SPEND_KEY.public_key.format()
    return link(ask, sp=silent_payment_address(*keys))


def _read_link(text: str) -> Told:
    found = uri.read(text)
    return Told(found.amount_sat, found.message)


def _link_payload(text: str) -> int:
    """Bytes of a link's parts, each without its own writing."""
    found = uri.read(text)
    texts = [uri.amount_text(found.amount_sat), found.label, found.message]
    parts = {"lightning": _invoice_payload, "lno": _offer_payload, "sp": lambda text: 67}
    return (
        sum(len(text.encode()) for text in texts if text)
        + (_address_payload(found.address) if found.address else 0)
        + sum(parts[key](value) for key, value in found.instructions)
    )


def _address_payload(text: str) -> int:
    return 1 + len(bech.Text("bc", bech.decode(text, "bech32").words[1:], "bech32").data)


def _read_invoice(text: str) -> Told:
    found = read_invoice(text)
    return Told(found.amount_msat and found.amount_msat // 1000, found.description)


def _invoice_payload(text: str) -> int:
    """Bytes of an invoice's data part and of the amount before it."""
    decoded = bech.decode(text, "bech32")
    return -(-len(decoded.words) * 5 // 8) + len(decoded.prefix.removeprefix("lnbc"))


def _read_offer(text: str) -> Told:
    records = offers.read_offer(text)
    return Told(
        tlv.read_truncated(records[offers.AMOUNT]) // 1000 if offers.AMOUNT in records else None,
        records[offers.DESCRIPTION].decode() if offers.DESCRIPTION in records else None,
    )


def _offer_payload(text: str) -> int:
    return len(bech.decode(offers.join(text), "none").data)


def _read_cashu(request: cashu.EcashRequest) -> Told:
    return Told(request.amount if request.unit == "sat" else None, request.description)


def _pointer(read: Callable[[str], str]) -> Callable[[str], Told]:
    """A reader for a text that only says where to look: it is read, and tells neither amount nor purpose."""

    def told(text: str) -> Told:
        read(text)
        return Told()

    return told


def _with_node(ask: Ask, *, path: bool = False, name: str | None = None) -> tuple[bytes, ...]:
    """The request for an invoice and the invoice."""
    texts = invoice_request(ask, path=path, name=name), offer_invoice(ask, path=path, name=name)
    return tuple(bech.decode(text, "none").data for text in texts)


def _with_resolver(ask: Ask) -> tuple[bytes, ...]:
    """The name that is looked up, its record, and what the offer in the record still takes."""
    record = uri.write(uri.BitcoinUri(instructions=(("lno", offer(ask)),)))
    return names.dns_name(NAME).encode(), record.encode(), *_with_node(ask, name=NAME)


def _with_server(ask: Ask, name: str | None = None) -> tuple[bytes, ...]:
    """Two web addresses that are called, the second with the amount (LUD-06, step 5), and the answer to each."""
    metadata = names.pay_metadata(ask.description, name)
    return (
        (names.address_url(name) if name else PAY_URL).encode(),
        names.pay_response(ask.amount_sat, metadata, CALLBACK_URL).encode(),
        f"{CALLBACK_URL}?amount={ask.amount_sat * 1000}".encode(),
        f'{{"pr":"{invoice(ask, metadata=metadata)}","routes":[]}}'.encode(),
    )


FORMATS: dict[str, Format] = {
    one.key: one
    for one in (
        Format("address", lambda ask: address(), _pointer(lambda text: str(bech.decode(text, "bech32"))), _address_payload),
        Format("bip21", lambda ask: link(ask, address=address()), _read_link, _link_payload, uri.for_qr),
        Format(
            "bip321", lambda ask: link(ask, address=address(), lightning=invoice(ask)), _read_link, _link_payload, uri.for_qr
        ),
        Format("bip352", _silent, _read_link, _link_payload, uri.for_qr),
        Format("bolt11", invoice, _read_invoice, _invoice_payload),
        Format("bolt11-hint", lambda ask: invoice(ask, hint=True), _read_invoice, _invoice_payload),
        Format(
            "bolt12", offer, _read_offer, _offer_payload,
            exchange=_with_node,
        ),
        Format(
            "bolt12-path", lambda ask: offer(ask, path=True), _read_offer, _offer_payload,
            exchange=lambda ask: _with_node(ask, path=True),
        ),
        Format(
            "lnurl", lambda ask: names.lnurl(PAY_URL), _pointer(names.read_lnurl),
            lambda text: len(names.read_lnurl(text)), exchange=_with_server,
        ),
        Format(
            "lnurlp", lambda ask: names.pay_link(PAY_URL), _pointer(names.read_pay_link),
            lambda text: len(text.encode()), str, _with_server,
        ),
        Format(
            "lightning-address", lambda ask: NAME, _pointer(names.address_url), lambda text: len(text.encode()), str,
            lambda ask: _with_server(ask, NAME),
        ),
        Format(
            "bip353", lambda ask: f"₿{NAME}", _pointer(names.dns_name), lambda text: len(text.removeprefix("₿").encode()),
            str, _with_resolver,
        ),
        Format(
            "nut18", lambda ask: cashu.write_a(ecash_request(ask)),
            lambda text: _read_cashu(cashu.from_map(cashu.read_a(text))),
            lambda text: len(cashu.cbor.encode(cashu.read_a(text))), str,
        ),
        Format(
            "nut26", lambda ask: cashu.write_b(ecash_request(ask)), lambda text: _read_cashu(cashu.read_b(text)),
            lambda text: len(bech.decode(text, "bech32m").data),
        ),
    )
}  # fmt: skip
"""Every format by its key in the table ``payment_formats``."""


def survey(ask: Ask) -> pd.DataFrame:
    """The request in every format.

    One row a format: format, text, characters, payload_bytes (what is left when the writing is undone), told_amount_sat
    and told_description (what the text alone says), exchange_bytes (of the messages before one can pay, both ways,
    without what carries them), qr_version, qr_modules (of the side), qr_modes, plain_qr_version (by an encoder that takes one mode for the whole text).
    """
    import pandas as pd

    rows = []
    for one in FORMATS.values():
        text = one.write(ask)
        told, code, plain = one.read(text), qr.code(one.for_qr(text)), qr.code(one.for_qr(text), switch=False)
        rows.append(
            {
                "format": one.key,
                "text": text,
                "characters": len(text),
                "payload_bytes": one.payload(text),
                "told_amount_sat": told.amount_sat,
                "told_description": told.description,
                "exchange_bytes": sum(map(len, one.exchange(ask))),
                "qr_version": code.version,
                "qr_modules": code.side_modules,
                "qr_modes": code.modes,
                "plain_qr_version": plain.version,
            }
        )
    return pd.DataFrame(rows).astype({"told_amount_sat": "Int64"})
