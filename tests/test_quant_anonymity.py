"""Anonymity as an intersection: against cases whose answer is known, and against draws."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from moip.quant import anonymity


def test_product_and_bounds_of_three_layers() -> None:
    assert anonymity.independent([0.3, 0.3, 0.3]) == pytest.approx(0.027)
    assert anonymity.bounds([0.3, 0.3, 0.3]) == (0, 0.3)
    assert anonymity.bounds([0.9, 0.8, 0.95]) == pytest.approx((0.65, 0.8))


@pytest.mark.parametrize("shares", [[], [0.5, 1.2], [-0.1], ["x"]])
def test_impossible_shares_are_refused(shares: list[float]) -> None:
    with pytest.raises(ValueError, match=r"share|layer"):
        anonymity.independent(shares)


def test_likeness_is_a_share() -> None:
    for wrong in (2, -0.5, "x"):
        with pytest.raises(ValueError, match=r"likeness is .* from 0 to 1"):
            anonymity.alike([0.5, 0.5], wrong)


def test_bounds_are_reached_by_sets_of_one_hundred_people() -> None:
    """Nested sets reach the upper bound; sets that drop different people reach the lower one."""
    people = set(range(100))
    nested = [set(range(90)), set(range(80)), set(range(95))]
    apart = [people - set(range(10)), people - set(range(10, 30)), people - set(range(30, 35))]
    low, high = anonymity.bounds([0.9, 0.8, 0.95])
    assert len(set.intersection(*nested)) / 100 == pytest.approx(high)
    assert len(set.intersection(*apart)) / 100 == pytest.approx(low)


def test_two_halves_have_the_known_orthant_probability() -> None:
    """Two shares of one half: 1/4 + asin(r) / (2 pi), the orthant probability of a bivariate normal."""
    for correlation in (0.1, 0.5, 0.9, 0.99, 0.999):
        known = 0.25 + math.asin(correlation) / (2 * math.pi)
        assert anonymity.alike([0.5, 0.5], correlation) == pytest.approx(known, abs=1e-9)


def test_three_halves_have_the_known_orthant_probability() -> None:
    """Three shares of one half: 1/8 + 3 asin(r) / (4 pi)."""
    known = 1 / 8 + 3 * math.asin(0.6) / (4 * math.pi)
    assert anonymity.alike([0.5] * 3, 0.6) == pytest.approx(known, abs=1e-7)


def test_likeness_lies_between_product_and_smallest_share_and_grows() -> None:
    shares = [0.3, 0.05, 0.5]
    values = [anonymity.alike(shares, r) for r in (0, 0.2, 0.5, 0.8, 1)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(anonymity.independent(shares))
    assert values[-1] == 0.05


def test_a_layer_that_shows_all_leaves_nobody_and_one_that_shows_nothing_changes_nothing() -> None:
    assert anonymity.alike([0.5, 0.0], 0.7) == 0
    assert anonymity.alike([0.5, 1.0], 0.7) == pytest.approx(0.5, abs=1e-8)
    assert anonymity.alike([1.0, 1.0], 0.5) == pytest.approx(1)


@pytest.mark.parametrize("correlation", [0, 0.5, 0.9])
def test_simulation_agrees_with_the_integral(correlation: float) -> None:
    shares, people = [0.3, 0.2, 0.4], 200_000
    expected = anonymity.alike(shares, correlation)
    drawn = anonymity.simulate(shares, correlation, people, seed=1) / people
    assert drawn == pytest.approx(expected, abs=4 * math.sqrt(expected / people))


def test_gain_is_one_over_the_share_only_if_layers_are_independent() -> None:
    shares = [0.01, 0.3, 0.3]
    assert anonymity.gain(shares, 0) == pytest.approx(100)
    assert anonymity.gain(shares, 1, 1) == 1  # alike in all: the other leak still bounds it
    assert anonymity.gain(shares, 0, 1) == pytest.approx(30)
    assert anonymity.gain([0.0, 0.3], 0) == math.inf
    assert anonymity.gain([0.0, 0.0], 0) == 1


def test_expected_intersection_of_random_sets_is_hypergeometric() -> None:
    """All pairs of sets of 6 people that hold person 0, of sizes 3 and 4, counted."""
    others = range(1, 6)
    sizes = [
        len(set(one) & set(two)) for one in combinations(others, 2) for two in combinations(others, 3)
    ]  # without the payer
    assert anonymity.others_left(6, [3, 4]) == pytest.approx(np.mean(sizes))
    assert anonymity.chance_alone(6, [3, 4]) == pytest.approx(np.mean([size == 0 for size in sizes]))


def test_three_random_sets_counted() -> None:
    others = range(1, 5)
    sizes = [
        len(set(a) & set(b) & set(c))
        for a in combinations(others, 2)
        for b in combinations(others, 3)
        for c in combinations(others, 2)
    ]
    assert anonymity.others_left(5, [3, 4, 3]) == pytest.approx(np.mean(sizes))
    assert anonymity.chance_alone(5, [3, 4, 3]) == pytest.approx(np.mean([size == 0 for size in sizes]))
    with pytest.raises(ValueError, match="set of 6"):
        anonymity.chance_alone(5, [6])


def test_likeness_of_pairs() -> None:
    each, together = anonymity.likeness([("a", 1), ("a", 1), ("b", 1), ("b", 2)])
    assert each == pytest.approx([2 / 6, 3 / 6])
    assert together == pytest.approx(1 / 6)
    with pytest.raises(ValueError, match="two rows"):
        anonymity.likeness([("a", 1)])
