"""Pairs of wallets counted by hand, and against brute force."""

from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip import data
from moip.quant import rails

steady = settings(deadline=None, derandomize=True, max_examples=40)

# Three wallets, two formats: x goes from A to B and C, y from B to A, nothing goes to C but x
SMALL = rails.Support(
    ("A", "B", "C"),
    ("x", "y"),
    np.array([[1, 0], [0, 1], [0, 0]], dtype=bool),
    np.array([[0, 1], [1, 0], [1, 0]], dtype=bool),
)


def tables(wallets=5, formats=4):
    grid = st.lists(st.lists(st.booleans(), min_size=formats, max_size=formats), min_size=wallets, max_size=wallets)
    names = tuple("abcdefgh"[:wallets]), tuple("wxyz"[:formats])
    return st.builds(lambda s, r: rails.Support(*names, np.array(s), np.array(r)), grid, grid)


def matrix(**wallets):
    """A table like ``wallet_matrix``, with `no` for every feature that is not given."""
    features = [feature for known in rails.RAILS.values() for feature in known if feature != "base58"]
    rows = []
    for wallet, given_ in wallets.items():
        answers = {**dict.fromkeys(features, "no"), "default_receive": "P2WPKH", **given_}
        rows += [{"wallet": wallet, "feature": feature, "value": value} for feature, value in answers.items()]
    return pd.DataFrame(rows)


def test_pairs_of_the_small_table():
    assert rails.reach(SMALL).astype(int).tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert rails.share(rails.reach(SMALL)) == 3 / 6
    assert rails.share(rails.reach(SMALL, ["x"])) == 2 / 6
    for wrong in (["z"], "z"):
        with pytest.raises(ValueError, match="no format 'z'; there are x"):
            rails.reach(SMALL, wrong)
    assert rails.estimate(SMALL, "x") == rails.estimate(SMALL, ["x"])


def test_errors_say_what_there_is():
    with pytest.raises(ValueError, match="no rail 'moon'; there are chain, lightning"):
        rails.formats("moon")
    with pytest.raises(ValueError, match="the matrix has no wallet"):
        rails.support(pd.DataFrame(columns=["wallet", "feature", "value"]))
    with pytest.raises(ValueError, match="one wallet makes no pair"):
        rails.share(np.ones((1, 1), dtype=bool))


def test_greedy_and_fewest_of_the_small_table():
    steps = rails.greedy(SMALL)
    assert steps.format.tolist() == ["x", "y"]
    assert steps.pairs.tolist() == [2, 3]
    assert rails.fewest(SMALL, 0.3) == ("x",)
    assert rails.fewest(SMALL, 0.5) == ("x", "y")
    with pytest.raises(ValueError, match="serve 50"):
        rails.fewest(SMALL, 0.6)


@steady
@given(tables())
def test_reach_is_what_its_words_say(known):
    served = rails.reach(known)
    for i, j in np.ndindex(served.shape):
        shared = any(known.send[i, f] and known.receive[j, f] for f in range(len(known.formats)))
        assert served[i, j] == (i != j and shared)


@steady
@given(tables())
def test_greedy_ends_where_all_formats_do_and_never_beats_the_best_set(known):
    total = int(rails.reach(known).sum())
    steps = rails.greedy(known)
    assert (steps.pairs.max() if len(steps) else 0) == total
    for size, pairs in enumerate(steps.pairs, 1):
        best = max(int(rails.reach(known, some).sum()) for some in combinations(known.formats, size))
        assert pairs <= best
    smallest = rails.fewest(known, rails.share(rails.reach(known)))
    every = chain.from_iterable(combinations(known.formats, n) for n in range(len(smallest)))
    assert all(int(rails.reach(known, some).sum()) < total for some in every)


@steady
@given(tables())
def test_the_interval_holds_the_share_and_stays_within_bounds(known):
    found = rails.estimate(known, draws=2_000)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_an_interval_is_wide_for_few_wallets_and_narrow_for_many():
    def half(n):
        have = np.arange(n)[:, None] % 2 == 0
        return rails.estimate(rails.Support(tuple(map(str, range(n))), ("x",), have, have), draws=4_000)

    few, many = half(10), half(400)
    assert few.high - few.low > 3 * (many.high - many.low)
    assert abs(many.share - 0.25) < 0.002
    assert many.low < 0.25 < many.high < 0.32


def test_nobody_and_everybody_are_not_certain():
    def all_(value):
        have = np.full((13, 1), value)
        return rails.estimate(rails.Support(tuple("abcdefghijklm"), ("x",), have, have))

    assert (all_(False).low, all_(False).share) == (0, 0)
    assert (all_(True).high, all_(True).share) == (pytest.approx(1), 1)
    # a kind that was missed has weight u with P[u > x] = (1 - x)^13; 2.5 % of draws exceed 1 - 0.025^(1/13) = 0.247
    assert all_(False).high == pytest.approx(0.247**2, abs=0.02)
    assert all_(True).low == pytest.approx((1 - 0.247) ** 2, abs=0.06)


def test_the_interval_repeats():
    assert rails.estimate(SMALL) == rails.estimate(SMALL)


def test_support_reads_the_matrix():
    known = rails.support(
        matrix(
            A={"bech32": "send and receive", "lightning_11": "unknown"},
            B={"default_receive": "P2SH-P2WSH", "bech32": "send", "lightning_11": "send and receive"},
        )
    )
    at = {name: i for i, name in enumerate(known.formats)}
    assert known.wallets == ("A", "B")
    assert known.send[:, at["bech32"]].tolist() == [True, True]
    assert known.receive[:, at["bech32"]].tolist() == [True, False]
    assert known.send[:, at["base58"]].all()
    assert known.receive[:, at["base58"]].tolist() == [False, True]
    assert known.send[:, at["bolt11"]].tolist() == [False, True]
    assert rails.reach(known).tolist() == [[False, True], [True, False]]


def test_an_unanswered_question_counts_as_told():
    table = matrix(A={"lightning_11": "unknown"}, B={"lightning_11": "send and receive"})
    assert rails.share(rails.reach(rails.support(table), ["bolt11"])) == 0
    assert rails.share(rails.reach(rails.support(table, unknown=True), ["bolt11"])) == 1


def test_answers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="P2WPKH"):
        rails.support(matrix(A={"bech32": "P2WPKH"}))
    with pytest.raises(ValueError):
        rails.support(pd.concat([matrix(A={}), matrix(B={})[:-1]]))


def test_the_real_matrix():
    known = rails.support(data.table("wallet_matrix"))
    assert len(known.wallets) == 13
    lightning = rails.reach(known, rails.formats("lightning"))
    assert lightning.sum() == 4 * 3  # four wallets send and receive by BOLT 11, and no other format adds a pair
    missed = np.argwhere(~rails.reach(known) & ~np.eye(13, dtype=bool))
    assert [(known.wallets[i], known.wallets[j]) for i, j in missed] == [("Coin Wallet", "Phoenix")]
