"""Checksums against the vectors of BIP 173 and BIP 350 and the failure rates that BIP 173 prints; slips against laws."""

from __future__ import annotations

import itertools
import math

import bolt11
import numpy as np
import pytest
from embit import base58, bech32, bip32, bip39, slip39
from embit.ec import PrivateKey
from embit.wordlists.slip39 import SLIP39_WORDS

from moip import data
from moip.quant import checksums
from moip.quant.checksums import BECH32, BECH32M

# BIP 173 and BIP 350, "Test vectors"
BECH32_VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
]
BECH32M_VALID = [
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "BC1SW50QGDZ25J",
]
INVALID = [
    "\x201nwldj5", "\x7f1axkwrx", "\x801eym55h", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff",
    "A1G7SGD8", "10a06t8", "1qzzfhee", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7",
    "\x201xj0phk", "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom",
    "M1VUXWEZ", "16plkw9", "1p2gdwpf",
]  # fmt: skip


@pytest.mark.parametrize("text", BECH32_VALID)
def test_bech32_vectors_carry_the_first_constant(text: str) -> None:
    assert checksums.constant_of(text) == BECH32


@pytest.mark.parametrize("text", BECH32M_VALID)
def test_bech32m_vectors_carry_the_second_constant(text: str) -> None:
    assert checksums.constant_of(text) == BECH32M


@pytest.mark.parametrize("text", INVALID)
def test_invalid_vectors_carry_neither(text: str) -> None:
    assert checksums.constant_of(text) is None


def test_many_remainders_at_once_are_those_of_a_library() -> None:
    rows = np.random.default_rng(1).integers(0, 32, (50, 40))
    assert checksums.polymod(rows).tolist() == [bech32.bech32_polymod(row) for row in rows.tolist()]
    due = [bech32.bech32_create_checksum(bech32.Encoding.BECH32M, "bc", row) for row in rows.tolist()]
    assert checksums.check_values("bc", rows).tolist() == due


# BIP 173, "Properties": chance that errors in a window pass, in units of 1e-9. For 59 characters and 5 errors the
# document prints 0.805; the patterns that give its other numbers give 0.802 there, and 0.805 for 60 characters.
@pytest.mark.parametrize(
    ("length", "errors", "printed"),
    [
        (8, 6, 0),
        (18, 5, 0),
        (19, 5, 0.093),
        (19, 6, 0.972),
        (39, 5, 0.756),
        (60, 5, 0.805),
        (71, 5, 0.830),
        (89, 5, 0.867),
    ],
)
def test_failure_rates_are_those_that_bip_173_prints(length: int, errors: int, printed: float) -> None:
    assert round(1e9 * checksums.missed(length, errors), 3) == printed


def test_four_errors_are_always_caught_in_89_characters_and_not_in_90() -> None:
    reach = checksums.spans(90, 4)
    assert np.flatnonzero(reach).tolist() == [89]
    assert [checksums.undetected(90, errors) for errors in (2, 3, 4)] == [0, 0, 31]


def test_three_errors_are_always_caught_in_1023_characters() -> None:
    assert not checksums.spans(1023, 3).any()
    assert not checksums.spans(1023, 2).any()
    assert np.flatnonzero(checksums.spans(1024, 2)).tolist() == [1023]


def test_patterns_that_pass_do_pass() -> None:
    """A pattern found by the count, added to any valid string, gives another valid one."""
    table = checksums._contribution(20)
    sums = {int(table[0, 1] ^ table[a, x] ^ table[b, y]): (a, x, b, y)
            for a, b in itertools.combinations(range(1, 19), 2) for x in range(1, 32) for y in range(1, 32)}  # fmt: skip
    found = [
        {0: 1, a: x, b: y, c: z, d: w}
        for c, d in itertools.combinations(range(2, 19), 2) for z in range(1, 32) for w in range(1, 32)
        for a, x, b, y in [sums.get(int(table[c, z] ^ table[d, w]), (0, 0, 99, 0))] if b < c
    ]  # fmt: skip
    assert len(found) == checksums.spans(19, 5).sum() == 1
    payload = np.random.default_rng(2).integers(0, 32, (1, 14))
    right = np.concatenate([payload, checksums.check_values("bc", payload)], axis=1)
    wrong = right.copy()
    for position, value in found[0].items():
        wrong[0, 19 - position] ^= value
    assert checksums.passes("bc", wrong).all()
    assert (wrong != right).sum() == 5


def test_too_few_or_too_many_errors_are_refused() -> None:
    with pytest.raises(ValueError, match="2 to 6"):
        checksums.spans(10, 7)


@pytest.mark.parametrize("kind", checksums.SLIPS)
def test_a_slip_is_of_its_kind(kind: str) -> None:
    rows = np.random.default_rng(3).integers(0, 32, (400, 12), dtype=np.uint8)
    wrong, different = checksums.slip(rows, kind, np.random.default_rng(4))
    length = {"one character too many": 13, "one character left out": 11}.get(kind, 12)
    assert wrong.shape == (400, length)
    for before, after, changed in zip(rows.tolist(), wrong.tolist(), different.tolist(), strict=True):
        if length == 12:
            count = sum(a != b for a, b in zip(before, after, strict=True))
            assert changed == (count > 0)
            assert count == {"one wrong character": 1}.get(kind, count)
            assert kind != "two neighbors swapped" or (count in (0, 2) and sorted(before) == sorted(after))
        else:
            longer, shorter = (after, before) if length == 13 else (before, after)
            assert any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def test_unknown_slips_are_refused() -> None:
    with pytest.raises(ValueError, match="no slip"):
        checksums.slip(np.zeros((1, 9), np.uint8), "coffee", np.random.default_rng(1))


def test_substitutions_and_swaps_never_pass_a_simulation() -> None:
    for kind, constant in itertools.product(checksums.SLIPS[:2], (BECH32, BECH32M)):
        made, passed = checksums.simulate(kind, constant, 20_000, seed=5, length=39)
        assert made > 19_000
        assert passed == 0


@pytest.mark.parametrize("kind", checksums.SLIPS[2:])
def test_q_before_a_final_p_may_come_and_go_in_bech32_alone(kind: str) -> None:
    """BIP 350, "Motivation"; the rate against a simulation of short strings, where slips hit the place more often."""
    made, passed = checksums.simulate(kind, BECH32, 400_000, seed=6, length=14)
    due = checksums.trailing_q(14, kind) * made
    assert abs(passed - due) < 4 * math.sqrt(due)
    assert checksums.simulate(kind, BECH32M, 400_000, seed=6, length=14) == (made, 0)


def test_the_weakness_on_a_string_that_ends_in_p() -> None:
    for count in range(4):
        assert checksums.constant_of("ii2134hk2xmat79tp"[:-1] + "q" * count + "p") == BECH32


def test_base58check_slips_follow_the_law_of_a_hash() -> None:
    counts = checksums.base58_slips(trials=8_000, seed=7, most=6)
    for bits, count in enumerate(counts.tolist()):
        due = 8_000 * checksums.hash_missed(bits)
        assert abs(count - due) <= 4 * math.sqrt(due * (1 - checksums.hash_missed(bits)))


@pytest.mark.parametrize(("words", "bits"), [(12, 4), (15, 5), (18, 6), (21, 7), (24, 8)])
def test_mnemonics_have_a_bit_for_every_three_words(words: int, bits: int) -> None:
    assert checksums.mnemonic_bits(words) == bits
    trials = 4_000
    due = trials * checksums.hash_missed(bits)
    assert abs(checksums.mnemonic_passes(words, trials, seed=words) - due) < 4 * math.sqrt(due)


def test_other_lengths_of_mnemonics_are_refused() -> None:
    with pytest.raises(ValueError, match="13"):
        checksums.mnemonic_bits(13)


def test_typos_of_a_short_word() -> None:
    assert sorted(checksums.typos("ab", "ab")) == sorted(
        ["aab", "bab", "bb", "b", "ba", "aab", "abb", "aa", "a", "aba", "abb"]
    )


def test_one_slip_never_makes_a_word_of_slip_39_into_another() -> None:
    """SLIP 39 promises a Damerau-Levenshtein distance of 2; BIP 39 does not."""
    assert checksums.word_slips(SLIP39_WORDS)[1] == 0
    assert checksums.word_slips(bip39.WORDLIST)[1] > 0


def test_names_and_lookalikes() -> None:
    assert len(checksums.NAME_LETTERS) == 39
    assert checksums.taken(39**3, 4) == pytest.approx(1 / 39)
    assert checksums.taken(1e9, 2) == 1
    for holders, letters, wrong in (
        (1e6, 2.5, "letters is 2.5"),
        (1e6, 0, "letters is 0"),
        (-1, 6, "holders is -1"),
        ("x", 6, "holders is 'x'"),
    ):
        with pytest.raises(ValueError, match=wrong):
            checksums.taken(holders, letters)
    assert checksums.lookalike_tries(8) == 2**40


def examples() -> dict[str, str]:
    return dict(data.table("handled").set_index("thing").example)


def test_examples_that_a_person_handles_are_valid() -> None:
    text = examples()
    assert len(base58.decode_check(text["address-base58"])) == 21
    assert PrivateKey.from_wif(text["private-key"]).wif() == text["private-key"]
    assert bip32.HDKey.from_string(text["extended-key"]).to_string() == text["extended-key"]
    with pytest.raises(ValueError, match="Checksum"):  # as BIP 21 has it
        base58.decode_check(text["bitcoin-link"].split(":")[1].split("?")[0])
    for thing, words in (("words-12", 12), ("words-24", 24)):
        assert len(text[thing].split()) == words
        assert bip39.mnemonic_is_valid(text[thing])
    assert slip39.Share.parse(text["share-20"])
    assert bech32.decode("bc", text["address-bech32"])[0] == 0
    assert bech32.decode("bc", text["address-bech32m"])[0] == 1
    assert bolt11.decode(text["invoice"]).amount_msat == 250_000_000
    assert checksums.constant_of(text["invoice"]) == checksums.constant_of(text["lnurl"]) == BECH32
    assert checksums.constant_of(text["silent-payment"]) == BECH32M
    assert checksums.constant_of(text["offer"]) is checksums.constant_of(text["codex32"]) is None


def test_what_the_table_says_is_always_caught_is_what_the_code_promises() -> None:
    handled = data.table("handled").set_index("thing")
    for thing in ("address-bech32", "address-bech32m", "invoice", "lnurl", "silent-payment"):
        length = len(handled.example[thing].rpartition("1")[2])
        passed = checksums.undetected(length, 4)
        assert handled.always_caught[thing] == (3 if passed else 4), thing
