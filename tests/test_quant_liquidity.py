"""Success of payments under unknown balances: published examples and identities."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import liquidity

steady = settings(deadline=None, derandomize=True, max_examples=60)
capacities = st.integers(min_value=0, max_value=10**9)


def test_pickhardts_example_of_two_parts():
    """Bitcoin Stack Exchange 117447: 1 sat over 2 has 2/3, 2 over 4 have 3/5, both together 2/5."""
    assert liquidity.success(1, 2) == pytest.approx(2 / 3)
    assert liquidity.success(2, 4) == pytest.approx(3 / 5)
    assert liquidity.parts([1, 2], [[2], [4]]) == pytest.approx(2 / 5)


def test_pickhardts_example_of_one_satoshi_after_the_other():
    """The same: the first satoshi over 4 has 4/5, a second one after it 3/4; together they are the two at once."""
    first, second = liquidity.success(1, 4), liquidity.known(2, 1, 4)
    assert (first, second) == (pytest.approx(4 / 5), pytest.approx(3 / 4))
    assert first * second == pytest.approx(liquidity.success(2, 4))


@pytest.mark.parametrize(("carried", "ppm"), [([0.1], 999_999), ([102, 100], 999_798)])
def test_examples_of_core_lightnings_route_finder(carried, ppm):
    """tests/test_askrene.py: channels of 1,000,000 sat; it has no + 1, which matters little at this size."""
    chances = liquidity.success(carried, 1_000_000)
    assert chances.prod() * 1e6 == pytest.approx(ppm, abs=1)


@pytest.mark.parametrize(
    ("amount", "chance"), [(10_000_001, 0), (5_000_000, 0.5), (0, 1), (10_000_000, 0), (400_000, 0.684)]
)
def test_examples_of_lnds_bimodal_estimator(amount, chance):
    """routing/probability_bimodal_test.go: a capacity of 10,000,000 sat, a scale of 400,000."""
    assert liquidity.unbalanced(amount, 10_000_000, 400_000) == pytest.approx(chance, abs=0.001)


@given(capacities, st.integers(1, 10**9))
@steady
def test_a_wide_scale_is_the_uniform_model_and_a_narrow_one_a_coin_toss(a, c):
    amount, capacity = min(a, c), max(a, c)
    uniform = 1 - amount / capacity
    assert liquidity.unbalanced(amount, capacity, 1e6 * capacity) == pytest.approx(uniform, abs=1e-5)
    if 0.01 < uniform < 0.99:
        assert liquidity.unbalanced(amount, capacity, 1e-3 * capacity) == pytest.approx(0.5, abs=1e-4)


@given(st.integers(min_value=1, max_value=60))
@steady
def test_success_counts_the_balances_that_suffice(capacity):
    for amount in range(capacity + 2):
        enough = sum(balance >= amount for balance in range(capacity + 1)) / (capacity + 1)
        assert liquidity.success(amount, capacity) == pytest.approx(enough)


@given(capacities, capacities)
@steady
def test_what_one_end_can_send_the_other_can_receive(a, b):
    """Holding a of c is as likely as leaving a: P(at least a) + P(at most a - 1) = 1."""
    amount, capacity = min(a, b), max(a, b)
    assert liquidity.success(amount, capacity) + liquidity.success(capacity + 1 - amount, capacity) == pytest.approx(1)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
@steady
def test_knowing_that_a_part_passed_is_conditional_probability(a, b, c):
    least, amount, capacity = sorted((a, b, c))
    joint = liquidity.success(amount, capacity) / liquidity.success(least, capacity)
    assert liquidity.known(amount, least, capacity) == pytest.approx(joint)


def test_risk_adds_up_along_a_route():
    capacities = np.array([1_000_000, 5_000_000, 300_000])
    assert math.exp(-liquidity.risk(100_000, capacities).sum()) == pytest.approx(liquidity.route(100_000, capacities))
    assert liquidity.risk(2, 1) == math.inf


def test_a_channel_of_ones_own_is_certain():
    assert liquidity.route(500, [math.inf, 999]) == pytest.approx(0.5)
    assert liquidity.route([500, 500], [math.inf, 999]) == pytest.approx(0.5)
    assert liquidity.route(1, []) == 1


def test_attempts_are_one_over_the_chance():
    assert liquidity.attempts([1, 0.25, 0]).tolist() == [1, 4, math.inf]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (liquidity.success, (-1, 10)),
        (liquidity.success, (1, -10)),
        (liquidity.known, (1, 5, 4)),
        (liquidity.known, (1, -1, 4)),
        (liquidity.attempts, (1.5,)),
        (liquidity.unbalanced, (1, 0)),
        (liquidity.parts, ([1], [[2], [3]])),
    ],
)
def test_what_makes_no_sense_is_refused(call, arguments):
    with pytest.raises(ValueError):
        call(*arguments)
