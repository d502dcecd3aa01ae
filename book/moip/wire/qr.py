"""How large the QR code of a text is, when its encoder may change mode within the text (ISO/IEC 18004).

A QR code stores digits, upper case and nine signs in alphanumeric mode at 11 bits for two characters, everything else
in byte mode at 8 bits a character. Neither ``?`` nor ``&`` nor ``=`` nor ``@`` is among the nine signs. An encoder that
takes one mode for the whole text therefore gains nothing from an upper-case link with parameters; one that may switch
pays for each switch with a head of 4 bits and a length. (The denser mode for digits alone is not used here.) ``segno`` draws the code; the choice of segments is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import segno
from segno import consts

ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
ERROR_CORRECTION = "m"  # about 15 % of the codewords can be restored
MODES = {"alphanumeric": consts.MODE_ALPHANUMERIC, "byte": consts.MODE_BYTE}
LENGTH_BITS = {"alphanumeric": (9, 11, 13), "byte": (8, 16, 16)}  # by versions 1-9, 10-26, 27-40
LAST_VERSION_OF_CLASS = (9, 26, 40)


@dataclass(frozen=True)
class Code:
    """A QR code: its version (1 to 40), modules along a side, and the modes of its segments in order."""

    version: int
    side_modules: int
    modes: tuple[str, ...]

    @property
    def modules(self) -> int:
        """Modules in all, without the quiet zone."""
        return self.side_modules**2


def segments(text: str, version_class: int = 0) -> list[tuple[str, str]]:
    """The cheapest split of a text into (part, mode), for the lengths' fields of a class of versions (0, 1 or 2)."""
    heads = {mode: 4 + bits[version_class] for mode, bits in LENGTH_BITS.items()}
    half_bits = {"alphanumeric": 11, "byte": 16}  # in halves of a bit, so that sums stay whole
    best: dict[str, tuple[int, list[tuple[str, str]]]] = {}
    for i, character in enumerate(text):
        width = len(character.encode())
        step: dict[str, tuple[int, list[tuple[str, str]]]] = {}
        for mode in ("alphanumeric", "byte"):
            if mode == "alphanumeric" and character not in ALPHANUMERIC:
                continue
            price = half_bits[mode] * (width if mode == "byte" else 1)
            choices = [(2 * heads[mode], [])] if i == 0 else []
            for last, (cost, parts) in best.items():
                choices.append((cost + (0 if last == mode else 2 * heads[mode]), parts))
            cost, parts = min(choices, key=lambda choice: choice[0])
            if parts and parts[-1][1] == mode:
                parts = [*parts[:-1], (parts[-1][0] + character, mode)]
            else:
                parts = [*parts, (character, mode)]
            step[mode] = (cost + price, parts)
        best = step
    return min(best.values(), key=lambda choice: choice[0])[1]


@cache
def code(text: str, switch: bool = True) -> Code:
    """The smallest QR code of a text at error correction M. `switch`: whether the encoder may change mode in between.

    ValueError for an empty text and for one that fits no code.
    """
    if not text:
        raise ValueError("an empty text has no QR code")
    found = []
    for number, last in enumerate(LAST_VERSION_OF_CLASS):
        parts = segments(text, number) if switch else [(text, _one_mode(text))]
        try:
            drawn = segno.make(
                [(part, MODES[mode]) for part, mode in parts], error=ERROR_CORRECTION, micro=False, boost_error=False
            )
        except segno.DataOverflowError:
            raise ValueError(f"no QR code holds these {len(text):,} characters: {text[:20]}…") from None
        found.append(Code(drawn.version, drawn.symbol_size(border=0)[0], tuple(mode for _, mode in parts)))
        if drawn.version <= last:
            break
    return min(found, key=lambda one: (one.version, len(one.modes)))


def _one_mode(text: str) -> str:
    return "alphanumeric" if set(text) <= ALPHANUMERIC else "byte"
