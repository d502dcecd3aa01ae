"""``bitcoin:`` links: BIP 21, and BIP 321, which replaces it and lets one link hold several instructions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote, unquote

COIN_SAT = 100_000_000
QUERY_CHARACTERS = (
    "!$'()*+,;:@/?"  # what RFC 3986 allows in a query, beside letters, digits and "-._~", without = and &
)
AT_MOST_ONCE = ("amount", "label", "message", "pop")
NETWORKS = ("bc", "tb")  # keys whose value is a SegWit address with that prefix
PLAIN_TEXT = ("label", "message", "pop")  # values that must keep their case


@dataclass(frozen=True)
class BitcoinUri:
    """What a link says. `address` is empty where all instructions stand in the query; amounts are whole satoshis.

    `instructions`: (key, value) of everything else, such as ``("lightning", "lnbc...")``, in the order of the link.
    """

    address: str = ""
    amount_sat: int | None = None
    label: str | None = None
    message: str | None = None
    instructions: tuple[tuple[str, str], ...] = ()


def amount_text(sat: int) -> str:
    """Satoshis as decimal bitcoin, without zeros at the end."""
    return f"{Decimal(sat) / COIN_SAT:f}"


def write(uri: BitcoinUri) -> str:
    """The link. ValueError when it holds no instruction at all."""
    if not uri.address and not uri.instructions:
        raise ValueError("a bitcoin: link needs an address or an instruction in its query")
    amount = None if uri.amount_sat is None else amount_text(uri.amount_sat)
    named = [("amount", amount), ("label", uri.label), ("message", uri.message), *uri.instructions]
    query = "&".join(f"{key}={quote(value, safe=QUERY_CHARACTERS)}" for key, value in named if value is not None)
    return f"bitcoin:{uri.address}" + (f"?{query}" if query else "")


def read(text: str, understood: Iterable[str] = ()) -> BitcoinUri:
    """What a link says, by the rules of BIP 321.

    ValueError for another scheme, a key that stands twice and may not, an amount that is no decimal number, a required
    key (``req-...``) that is not among the `understood`, an address under the key of another network, or no instruction.
    """
    scheme, colon, rest = text.partition(":")
    if scheme.lower() != "bitcoin" or not colon:
        raise ValueError("the link does not begin with bitcoin:")
    address, _, query = rest.partition("?")
    once: dict[str, str] = {}
    others = []
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        key, value = key.lower(), unquote(value)
        plain = key.removeprefix("req-")
        if key != plain and plain not in (*AT_MOST_ONCE, *understood):
            raise ValueError(f"the link requires {plain!r}, which is not understood")
        if key in NETWORKS and not value.lower().startswith(f"{key}1"):
            raise ValueError(f"the address under {key}= is of another network")
        if plain not in AT_MOST_ONCE:
            others.append((key, value))
        elif plain in once:
            raise ValueError(f"{plain} stands twice")
        else:
            once[plain] = value
    if not address and not others:
        raise ValueError("the link holds no instruction")
    amount = once.get("amount")
    if "pop" in once:
        others.append(("pop", once["pop"]))
    sat = None if amount is None else _satoshis(amount)
    return BitcoinUri(address, sat, once.get("label"), once.get("message"), tuple(others))


def for_qr(text: str) -> str:
    """The same link with everything in upper case that may be: scheme, keys, and values in Bech32 or digits."""
    head, question, query = text.partition("?")
    parts = []
    for part in query.split("&"):
        key, equals, value = part.partition("=")
        parts.append(key.upper() + equals + (value if key.lower() in PLAIN_TEXT else _upper(value)))
    scheme, colon, address = head.partition(":")
    return scheme.upper() + colon + _upper(address) + question + "&".join(parts)


def _upper(value: str) -> str:
    """A value in upper case if it is in Bech32 (one case, a prefix of letters before a 1) or has no letters."""
    bech32 = re.fullmatch(r"[a-z]+[0-9a-z]*1[02-9ac-hj-np-z]+", value)
    return value.upper() if bech32 or not re.search(r"[A-Za-z]", value) else value


def _satoshis(amount: str) -> int:
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", amount):
        raise ValueError(f"the amount {amount!r} is not a decimal number of bitcoin")
    sat = Decimal(amount) * COIN_SAT
    if sat != int(sat):
        raise ValueError(f"the amount {amount!r} is no whole number of satoshis")
    return int(sat)
