"""Tallies of steps, bounds of a median and shifts of shares, on cells small enough to check by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from moip.quant import interaction


def test_tally_counts_only_what_the_payer_handles() -> None:
    steps = pd.DataFrame(
        [
            ("a", "payee", "typed", "amount", None),
            ("a", "payer", "typed", "amount", "amount"),
            ("a", "payer", "scanned", "link", None),
            ("a", "third party", "received", "link", None),
            ("a", "payer", "confirmed", None, "yes"),
            ("b", "payer", "copied", "link", None),
        ],
        columns=["way", "actor", "mode", "piece", "decides"],
    )
    found = interaction.tally(steps, {"amount": 6, "link": 100})
    assert found.loc["a"].to_dict() == {"by_hand": 6, "by_device": 100, "received": 100, "decisions": 2, "steps": 5}
    assert found.loc["b"].to_dict() == {"by_hand": 100, "by_device": 0, "received": 0, "decisions": 0, "steps": 1}
    with pytest.raises(ValueError, match="no size for 'link'"):
        interaction.tally(steps, {"amount": 6})


@pytest.mark.parametrize(
    ("dated", "undated", "never", "expected"),
    [
        ([1, 2, 3], [], [], (2, 2)),  # all known: the median
        ([1, 2, 3, 4], [], [], (2, 2)),  # half of four are two
        ([1], [5, 5], [], (0, 5)),
        ([1], [5], [5, 5], (1, 5)),
        ([1], [], [5, 5], (5, math.inf)),
    ],
)
def test_median_bounds(dated: list[float], undated: list[float], never: list[float], expected: tuple) -> None:
    assert interaction.median_bounds(dated, undated, never) == expected


def test_median_bounds_hold_for_every_value_in_the_intervals() -> None:
    low, high = interaction.median_bounds([2.0], [5.0, 5.0], [5.0])
    for first in (0.0, 1.0, 3.0, 5.0):
        for second in (0.0, 2.5, 5.0):
            for late in (5.0, 9.0):
                assert low <= sorted([2.0, first, second, late])[1] <= high


def test_median_bounds_need_a_member() -> None:
    with pytest.raises(ValueError, match="no member"):
        interaction.median_bounds([], [], [])


def test_shift_shares_a_mention_among_its_categories() -> None:
    mentions = pd.DataFrame({"topic": ["x", "y", "x", "y"], "year": [2019, 2019, 2025, 2025], "mentions": [2, 2, 1, 4]})
    categories = pd.Series({"x": ["A", "B"], "y": ["B"]})
    found = interaction.shift(mentions, categories, [2019], [2025], draws=200, seed=1)
    assert found.early.to_dict() == {"A": 0.25, "B": 0.75}
    assert found.late.to_dict() == {"A": 0.1, "B": 0.9}
    assert (found.low <= found.change).all() and (found.change <= found.high).all()
