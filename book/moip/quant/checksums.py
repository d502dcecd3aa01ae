"""How likely a mistake in what a person copies passes for the real thing.

Three kinds of check are compared.

Hash checksums
    A checksum of b bits cut from a hash treats every mistake alike and misses one in 2**b. Base58Check (addresses
    and keys of the first software) has 32 bits of a double SHA-256; BIP 39 has one bit of a SHA-256 for every three
    words, so 4 bits for 12 words and 8 for 24.
Codes
    Bech32 (BIP 173) and Bech32m (BIP 350) have 30 bits of a BCH code over GF(32). It is linear: whether a
    substitution error passes depends on the error alone, so the errors that pass can be counted and need not be
    sampled. It catches up to 4 substitutions within 89 characters (counted here, stated in BIP 173, "Checksum
    design"), and what it cannot promise it misses about once in 2**30.
Nothing
    A name has no checksum. What catches a slip is that nobody holds the name that results.

Positions and lengths here are those of the data part, behind the separator "1", checksum included: 39 for a P2WPKH
address of 42 characters, 59 for a P2TR address of 62.
"""

from __future__ import annotations

import hashlib
import math
import string
from collections.abc import Iterator, Sequence
from functools import cache
from numbers import Integral, Real

import numpy as np
from embit import base58
from embit.bech32 import BECH32M_CONST as BECH32M
from embit.bech32 import CHARSET, bech32_hrp_expand

BECH32 = 1
CHECK_CHARACTERS = 6
BITS = 5 * CHECK_CHARACTERS
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
"""BIP 173, the five rows of `bech32_polymod`."""

NAME_LETTERS = string.ascii_lowercase + string.digits + "-_."
"""Characters that LUD-16 allows before the @."""

_FEEDBACK = np.array(
    [np.bitwise_xor.reduce([g for i, g in enumerate(GENERATOR) if top >> i & 1] or [0]) for top in range(32)], np.uint32
)


# Bech32 and Bech32m ------------------------------------------------------------------------------------------------


def polymod(values: np.ndarray, start: int = 1) -> np.ndarray:
    """The remainder of BIP 173 for many strings at once.

    `values`: whole numbers 0 .. 31, shape (..., n), one string along the last axis. Returns uint32 of shape (...).
    `start` is 1 in the specification; 0 gives the linear part alone, which is what an error adds.
    """
    values = np.asarray(values)
    state = np.full(values.shape[:-1], start, np.uint32)
    for column in np.ascontiguousarray(np.moveaxis(values, -1, 0), np.uint32):
        state = _step(state, column)
    return state


def _step(state: np.ndarray, value: np.ndarray | int) -> np.ndarray:
    """The remainder after one more character."""
    shifted = (state & np.uint32(0x1FFFFFF)) << np.uint32(5)
    return shifted ^ np.asarray(value, np.uint32) ^ _FEEDBACK.take(state >> np.uint32(25))


def _after_prefix(prefix: str) -> int:
    """State of the remainder once the human-readable part has gone through it."""
    return int(polymod(np.array(bech32_hrp_expand(prefix))))


def check_values(prefix: str, data: np.ndarray, constant: int = BECH32M) -> np.ndarray:
    """The six checksum values of each row of `data`, shape (..., n) -> (..., 6); BIP 173, `bech32_create_checksum`."""
    data = np.asarray(data)
    padded = np.concatenate([data, np.zeros((*data.shape[:-1], CHECK_CHARACTERS), data.dtype)], axis=-1)
    remainder = polymod(padded, _after_prefix(prefix)) ^ np.uint32(constant)
    shifts = np.arange(5 * (CHECK_CHARACTERS - 1), -1, -5, dtype=np.uint32)
    return ((remainder[..., None] >> shifts) & np.uint32(31)).astype(data.dtype)


def passes(prefix: str, data: np.ndarray, constant: int = BECH32M) -> np.ndarray:
    """Which rows (values with their checksum, shape (..., n)) have a valid one; boolean of shape (...)."""
    return polymod(data, _after_prefix(prefix)) == np.uint32(constant)


def constant_of(text: str) -> int | None:
    """Which checksum a string carries, whatever its length: `BECH32`, `BECH32M`, or None for neither.

    Rules of BIP 173 but for the limit of 90 characters, which BOLT 11 and BIP 352 lift as well.
    """
    prefix, _, data = text.lower().rpartition("1")
    printable = all(33 <= ord(letter) <= 126 for letter in text)
    mixed = text != text.lower() and text != text.upper()
    if mixed or not printable or not prefix or len(data) < CHECK_CHARACTERS or set(data) - set(CHARSET):
        return None
    remainder = int(polymod(np.array([CHARSET.index(letter) for letter in data]), _after_prefix(prefix)))
    return remainder if remainder in (BECH32, BECH32M) else None


@cache
def _contribution(length: int) -> np.ndarray:
    """What each wrong character adds to the remainder: shape (length, 32), row 0 is the last position."""
    rows = [np.arange(32, dtype=np.uint32)]
    for _ in range(length - 1):
        rows.append(_step(rows[-1], 0))
    return np.array(rows)


def spans(length: int, errors: int) -> np.ndarray:
    """Errors that pass, by how far they reach: element s counts patterns from position 0 to position s.

    Patterns have exactly `errors` (2 .. 6) wrong characters, the lowest at position 0 and wrong by 1. As the code is linear
    over GF(32) and may be shifted, every pattern that passes is one of these, times one of 31 factors, moved up.
    Returns integers of shape (length,). Found as the code's designers did, by collisions: half of the wrong
    characters on each side. Six errors take long beyond 25 characters.
    """
    if not 2 <= errors <= 6:
        raise ValueError(f"errors is {errors!r}; 2 to 6 wrong characters can be counted")
    table = _contribution(length)[:, 1:]
    found = np.zeros(length, np.int64)
    low, low_end = table[0, :1], np.zeros(1, np.int64)
    for _ in range((errors - 1) // 2):
        low, low_end = _extend(table, low, low_end)
    order = np.argsort(low, kind="stable")
    low, low_end = low[order], low_end[order]
    mask = np.uint32((1 << max(16, min(27, len(low).bit_length() + 4))) - 1)
    seen = np.zeros(int(mask) + 1, bool)
    seen[low & mask] = True
    for begin in range(1, length):
        high, end = table[begin], np.full(31, begin)
        for _ in range(errors - 2 - (errors - 1) // 2):
            high, end = _extend(table, high, end)
        maybe = np.flatnonzero(seen[high & mask])
        high, end = high[maybe], end[maybe]
        first, last = np.searchsorted(low, high, "left"), np.searchsorted(low, high, "right")
        for hit in np.flatnonzero(last > first):
            found[end[hit]] += np.count_nonzero(low_end[first[hit] : last[hit]] < begin)
    return found


def _extend(table: np.ndarray, sums: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pattern with one more wrong character above its highest, which `ends` gives: (sums, highest positions)."""
    new, highest = [sums[:0]], [ends[:0]]
    for end in np.unique(ends):
        above = np.arange(end + 1, len(table))
        block = sums[ends == end][:, None, None] ^ table[above]
        new.append(block.ravel())
        highest.append(np.broadcast_to(above[:, None], block.shape).ravel())
    return np.concatenate(new), np.concatenate(highest)


def undetected(length: int, errors: int) -> int:
    """How many patterns of exactly `errors` wrong characters, among `length`, pass Bech32 or Bech32m."""
    reach = np.arange(length)
    return 31 * int(np.dot(spans(length, errors), length - reach))


def patterns(length: int, errors: int) -> int:
    """How many ways there are to get exactly `errors` of `length` characters wrong."""
    return math.comb(length, errors) * 31**errors


def missed(length: int, errors: int) -> float:
    """Probability that exactly `errors` wrong characters, any of them among `length`, pass (BIP 173, "Properties")."""
    return undetected(length, errors) / patterns(length, errors)


# Mistakes, simulated -----------------------------------------------------------------------------------------------

SLIPS = ("one wrong character", "two neighbors swapped", "one character too many", "one character left out")


def slip(data: np.ndarray, kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Each row with one mistake of a kind (one of `SLIPS`), and which rows differ from what they were.

    `data`: values 0 .. 31 of shape (rows, n). Places and wrong characters are drawn uniformly.
    """
    rows, n = data.shape
    every = np.arange(rows)
    changed = data.copy()
    match kind:
        case "one wrong character":
            place = rng.integers(0, n, rows)
            changed[every, place] ^= rng.integers(1, 32, rows).astype(data.dtype)
        case "two neighbors swapped":
            place = rng.integers(0, n - 1, rows)
            changed[every, place], changed[every, place + 1] = data[every, place + 1], data[every, place]
        case "one character too many":
            place = rng.integers(0, n + 1, rows)
            source = np.arange(n + 1) - (np.arange(n + 1) > place[:, None])
            changed = np.take_along_axis(data, np.minimum(source, n - 1), axis=1)
            changed[every, place] = rng.integers(0, 32, rows)
        case "one character left out":
            place = rng.integers(0, n, rows)
            source = np.arange(n - 1) + (np.arange(n - 1) >= place[:, None])
            changed = np.take_along_axis(data, source, axis=1)
        case _:
            raise ValueError(f"{kind!r} is no slip; there are {', '.join(SLIPS)}")
    different = np.ones(rows, bool) if changed.shape != data.shape else (changed != data).any(axis=1)
    return changed, different


def simulate(kind: str, constant: int, trials: int, seed: int, length: int = 59, prefix: str = "bc") -> tuple[int, int]:
    """(mistakes made, mistakes that passed) among random strings of `length` data characters, checksum included."""
    rng = np.random.default_rng(seed)
    made = passed = 0
    for begin in range(0, trials, 1 << 14):
        rows = min(1 << 14, trials - begin)
        data = rng.integers(0, 32, (rows, length - CHECK_CHARACTERS), dtype=np.uint8)
        data = np.concatenate([data, check_values(prefix, data, constant)], axis=1)
        wrong, different = slip(data, kind, rng)
        made += int(different.sum())
        passed += int((passes(prefix, wrong, constant) & different).sum())
    return made, passed


def trailing_q(length: int, kind: str) -> float:
    """Probability that a random insertion or deletion passes Bech32 because of its weakness (BIP 350, "Motivation").

    In a string that ends in p, a q just before it may come or go. A random insertion hits the place before the last
    character, or the ones before that when only q stands between; each further place needs one more q, 1 in 32.
    """
    places = length + 1 if kind == "one character too many" else length
    return sum(32.0**-k for k in range(2, length + 1)) / places


# Hash checksums ----------------------------------------------------------------------------------------------------


def hash_missed(bits: int) -> float:
    """Probability that a mistake passes a checksum of some bits of a hash."""
    return 2.0**-bits


def base58_slips(trials: int, seed: int, most: int = 12) -> np.ndarray:
    """How often one wrong character in an address leaves the first b bits of its checksum right.

    Element b counts, for b = 0 .. `most`, among `trials` slips in random P2PKH addresses that change the payload and
    decode to as many bytes. Others are drawn again: a slip in the last characters changes the checksum alone, and one
    that changes the number of bytes is refused for that, so both are always caught. The real checksum has 32 bits,
    too many to watch fail. (One address has too few slips, about two thousand, to show a rate.)
    """
    rng = np.random.default_rng(seed)
    counts = np.zeros(most + 1, np.int64)
    made = 0
    while made < trials:
        right = b"\x00" + rng.bytes(20)
        text = base58.encode_check(right)
        place, letter = int(rng.integers(len(text))), base58.B58_DIGITS[int(rng.integers(58))]
        wrong = base58.decode(text[:place] + letter + text[place + 1 :])
        if len(wrong) != len(right) + 4 or wrong[:-4] == right:
            continue
        made += 1
        due = hashlib.sha256(hashlib.sha256(wrong[:-4]).digest()).digest()[:4]
        agree = 32 - (int.from_bytes(due) ^ int.from_bytes(wrong[-4:])).bit_length()
        counts[: min(agree, most) + 1] += 1
    return counts


def mnemonic_bits(words: int) -> int:
    """Bits of checksum in a BIP 39 sentence of 12, 15, 18, 21 or 24 words: one for every three."""
    if words not in (12, 15, 18, 21, 24):
        raise ValueError(f"words is {words!r}; BIP 39 has 12, 15, 18, 21 or 24")
    return words // 3


def mnemonic_passes(words: int, trials: int, seed: int) -> int:
    """How many of `trials` random BIP 39 sentences stay valid when one word is replaced by another word of the list."""
    rng = np.random.default_rng(seed)
    bits = mnemonic_bits(words)
    size = 11 * words - bits
    passed = 0
    for _ in range(trials):
        number = int.from_bytes(rng.bytes(size // 8)) << bits
        number |= _mnemonic_check(number, bits, size)
        place = 11 * int(rng.integers(words))
        wrong = number ^ int(rng.integers(1, 2048)) << place
        passed += _mnemonic_check(wrong, bits, size) == wrong & (1 << bits) - 1
    return passed


def _mnemonic_check(number: int, bits: int, size: int) -> int:
    """The checksum that belongs to the entropy in a sentence, read as one number."""
    return hashlib.sha256((number >> bits).to_bytes(size // 8)).digest()[0] >> 8 - bits


# Words and names ---------------------------------------------------------------------------------------------------


def typos(word: str, letters: str = string.ascii_lowercase) -> Iterator[str]:
    """Every string that one slip makes of a word: a wrong letter, one too many, one left out, two neighbors swapped.

    A string that several slips make comes as often as there are slips; the word itself never comes.
    """
    for i in range(len(word) + 1):
        yield from (word[:i] + letter + word[i:] for letter in letters)
        if i < len(word):
            yield from (word[:i] + letter + word[i + 1 :] for letter in letters if letter != word[i])
            yield word[:i] + word[i + 1 :]
        if i + 1 < len(word) and word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def word_slips(words: Sequence[str]) -> tuple[int, int]:
    """(slips, slips that give another word of the list) over all words of a list."""
    known = set(words)
    made = hit = 0
    for word in words:
        for wrong in typos(word):
            made += 1
            hit += wrong in known
    return made, hit


def taken(holders: float, letters: int, alphabet: int = len(NAME_LETTERS)) -> float:
    """Chance that a name of some letters is somebody's, if `holders` people chose such names at random; at most 1.

    People do not choose at random, and a neighbor of a known name can be taken on purpose: the real chance is higher.
    `ValueError` unless `letters` is a whole number of at least 1 and `holders` a number of at least 0.
    """
    if not isinstance(letters, Integral) or letters < 1:
        raise ValueError(f"letters is {letters!r}; it must be a whole number of at least 1")
    if not isinstance(holders, Real) or not holders >= 0:
        raise ValueError(f"holders is {holders!r}; it must be a number of at least 0")
    return float(min(1, holders / alphabet**letters))


def lookalike_tries(characters: int, alphabet: int = len(CHARSET)) -> float:
    """Keys that somebody must try, on average, for an address that agrees with a given one in some characters."""
    return float(alphabet) ** characters
