"""Bech32 and its relatives, of any length: with the checksum of BIP 173, that of BIP 350, or none (BOLT 12).

Checksums and alphabet come from ``embit``. Its own decoder stops at the 90 characters that BIP 173 allows an address,
which invoices, offers and links exceed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embit import bech32

CHECKSUMS = {"bech32": bech32.Encoding.BECH32, "bech32m": bech32.Encoding.BECH32M, "none": None}
CHECKSUM_CHARACTERS = 6


@dataclass(frozen=True)
class Text:
    """What a text says: its prefix (human-readable part), its data as 5-bit words, and its kind of checksum."""

    prefix: str
    words: tuple[int, ...]
    checksum: str

    @property
    def data(self) -> bytes:
        """The words as bytes; ValueError when what is left over is a whole word or not zero."""
        data = bech32.convertbits(self.words, 5, 8, False)
        if data is None:
            raise ValueError(f"{self.prefix}1...: the data part does not end with less than five zero bits")
        return bytes(data)


def words(data: bytes) -> tuple[int, ...]:
    """Bytes as 5-bit words, zero bits added at the end where they do not divide."""
    return tuple(bech32.convertbits(data, 8, 5))


def encode(prefix: str, data: bytes | Sequence[int], checksum: str) -> str:
    """The text, in lowercase. `data`: bytes, or 5-bit words as a sequence; `checksum`: bech32, bech32m or none."""
    body = list(words(data) if isinstance(data, bytes) else data)
    if checksum != "none":
        body += bech32.bech32_create_checksum(CHECKSUMS[checksum], prefix, body)
    return f"{prefix}1" + "".join(bech32.CHARSET[word] for word in body)


def decode(text: str, checksum: str) -> Text:
    """What a text of one case says. ValueError for mixed case, a character that has no meaning, or a wrong checksum."""
    if text != text.lower() and text != text.upper():
        raise ValueError("the text mixes upper and lower case")
    prefix, separator, body = text.lower().rpartition("1")
    if not separator or not prefix:
        raise ValueError("the text has no prefix before a 1")
    if strange := set(body) - set(bech32.CHARSET):
        raise ValueError(f"{prefix}1...: {sorted(strange)[0]!r} is not in the alphabet")
    found = [bech32.CHARSET.index(character) for character in body]
    if checksum == "none":
        return Text(prefix, tuple(found), checksum)
    if len(found) < CHECKSUM_CHARACTERS or bech32.bech32_verify_checksum(prefix, found) != CHECKSUMS[checksum]:
        raise ValueError(f"{prefix}1...: the checksum of {checksum} does not hold")
    return Text(prefix, tuple(found[:-CHECKSUM_CHARACTERS]), checksum)
