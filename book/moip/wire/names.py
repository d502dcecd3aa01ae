"""Names and links that stand for a request which has to be fetched: LNURL-pay, Lightning Address, BIP 353."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import urlsplit

from . import bech

TXT_STRING_BYTES = 255  # RFC 1035, section 3.3.14


def lnurl(url: str) -> str:
    """A web address as LNURL (LUD-01): Bech32 with the prefix ``lnurl``; ValueError for anything but https or onion."""
    _check(url)
    return bech.encode("lnurl", url.encode(), "bech32")


def read_lnurl(text: str) -> str:
    """The web address in an LNURL."""
    decoded = bech.decode(text, "bech32")
    if decoded.prefix != "lnurl":
        raise ValueError(f"the text begins with {decoded.prefix}1 instead of lnurl1")
    return _check(decoded.data.decode())


def pay_link(url: str) -> str:
    """The same without Bech32 (LUD-17): the scheme says what the link is for."""
    return "lnurlp://" + _check(url).split("://", 1)[1]


def read_pay_link(text: str) -> str:
    """The web address of a ``lnurlp://`` link: http for an onion host, https for any other."""
    scheme, _, rest = text.partition("://")
    if scheme.lower() != "lnurlp":
        raise ValueError("the link does not begin with lnurlp://")
    host = rest.split("/")[0]
    return f"{'http' if host.endswith('.onion') else 'https'}://{rest}"


def address_url(name: str) -> str:
    """Where a Lightning Address is looked up (LUD-16). ValueError for a name that has not the form user@domain."""
    user, domain = _split(name, r"[a-z0-9._-]+")
    return f"{'http' if domain.endswith('.onion') else 'https'}://{domain}/.well-known/lnurlp/{user}"


def pay_metadata(description: str, name: str | None = None) -> str:
    """The description as LUD-06 wants it, a JSON text of its own; with `name`, that of a Lightning Address (LUD-16)."""
    entries = [["text/plain", description]] + ([["text/identifier", name]] if name else [])
    return json.dumps(entries, separators=(",", ":"))


def pay_response(amount_sat: int, metadata: str, callback: str) -> str:
    """What the server of an LNURL answers first (LUD-06, step 3): the bounds of the amount and the description."""
    msat = amount_sat * 1000
    answer = {"callback": callback, "maxSendable": msat, "minSendable": msat, "metadata": metadata, "tag": "payRequest"}
    return json.dumps(answer, separators=(",", ":"))


def read_pay_response(text: str) -> tuple[int, int, str]:
    """Least and most millisatoshis, and the description, of a server's first answer. ValueError for an error or a gap."""
    answer = json.loads(text)
    if answer.get("tag") != "payRequest":
        raise ValueError(f"the server answered {answer.get('reason', 'something else')!r}")
    plain = [entry[1] for entry in json.loads(answer["metadata"]) if entry[0] == "text/plain"]
    if len(plain) != 1:
        raise ValueError(f"the metadata hold {len(plain)} plain descriptions instead of one")
    return answer["minSendable"], answer["maxSendable"], plain[0]


def description_hash(metadata: str) -> str:
    """What the invoice of an LNURL commits to (its field h), in hexadecimal."""
    return sha256(metadata.encode()).hexdigest()


def dns_name(name: str) -> str:
    """The name under which the instructions for ₿user@domain stand in the DNS (BIP 353, "Records")."""
    user, domain = _split(name.removeprefix("₿"), r"[A-Za-z0-9._-]+")
    return f"{user}.user._bitcoin-payment.{domain}."


def txt_strings(uri: str) -> tuple[str, ...]:
    """A ``bitcoin:`` link as the strings of one TXT record, each of at most 255 bytes."""
    data = uri.encode("ascii")
    return tuple(data[i : i + TXT_STRING_BYTES].decode() for i in range(0, len(data), TXT_STRING_BYTES))


def read_txt(records: Iterable[Iterable[str]]) -> str:
    """The one ``bitcoin:`` link among the TXT records of a name; ValueError if there is none or more than one."""
    links = [link for link in map("".join, records) if link.lower().startswith("bitcoin:")]
    if len(links) != 1:
        raise ValueError(f"{len(links)} records hold a bitcoin: link; exactly one may")
    return links[0]


def _check(url: str) -> str:
    parts = urlsplit(url)
    onion = (parts.hostname or "").endswith(".onion")
    if parts.scheme != ("http" if onion else "https") or not parts.hostname:
        raise ValueError(f"{url!r} is neither an https address nor an http one of an onion host")
    return url


def _split(name: str, user_form: str) -> tuple[str, str]:
    user, _, domain = name.partition("@")
    if not re.fullmatch(user_form, user) or not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", domain):
        raise ValueError(f"{name!r} has not the form user@domain")
    return user, domain
