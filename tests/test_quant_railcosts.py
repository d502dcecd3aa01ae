"""What a year of payments costs on a rail, and which rail is best."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import railcosts
from moip.quant.railcosts import Rail

steady = settings(deadline=None, derandomize=True, max_examples=60)

CHAIN = Rail("chain", "trustless", 3600, payment_vbytes=100)
CHANNEL = Rail("channel", "minimized", 2, entry_vbytes=300, fee_sat=1, largest_sat=1e5)
SIDE = Rail("side", "federated", 120, entry_vbytes=200, fee_sat=40, leave_ppm=1000, loss_per_year=0.001)
BANK = Rail("bank", "custodial", 1, fee_sat=1, loss_per_year=0.02)
ALL = [CHAIN, CHANNEL, SIDE, BANK]


def test_costs_by_hand():
    assert railcosts.cost_sat(CHAIN, 1e6, 12, 10) == 1000
    assert railcosts.cost_sat(CHANNEL, 5e4, 30, 10) == 300 * 10 / 30 + 1
    assert railcosts.cost_sat(CHANNEL, 2e5, 30, 10) == math.inf
    # monthly payments: one payment's worth is kept, so a twelfth of a year's loss and fee falls on each
    assert railcosts.cost_sat(SIDE, 1e6, 12, 10) == pytest.approx(200 * 10 / 12 + 40 + 1e6 * (0.001 + 0.001) / 12)
    # once a year: one payment's worth is kept all year
    assert railcosts.cost_sat(SIDE, 1e6, 1, 10) == pytest.approx(2000 + 40 + 1e6 * 0.002)


def test_a_month_is_kept_and_never_less_than_a_payment():
    assert railcosts.held([1, 12, 120]).tolist() == [1, 1, 10]


def test_best_by_hand():
    assert railcosts.choose(ALL, 1e6, 120, 10, "cheapest").item() == 2  # 1000, none, 223, 1668
    assert railcosts.choose(ALL, 1e6, 120, 10, "safest").item() == 0
    assert railcosts.choose(ALL, 1e6, 120, 10, "fastest").item() == 3
    assert railcosts.choose(ALL[:3], 1e6, 120, 10, "fastest").item() == 2
    assert railcosts.choose(ALL[:3], 5e4, 120, 10, "fastest").item() == 1
    assert railcosts.choose(ALL, 100, 1, 10, "cheapest").item() == -1


@steady
@given(st.floats(100, 1e8), st.floats(1, 1e4), st.floats(1, 200))
def test_the_choice_is_what_its_goal_says(amount, per_year, fee_rate):
    costs = [float(railcosts.cost_sat(rail, amount, per_year, fee_rate)) for rail in ALL]
    possible = [i for i, cost in enumerate(costs) if cost <= 0.01 * amount]
    found = {goal: railcosts.choose(ALL, amount, per_year, fee_rate, goal).item() for goal in railcosts.GOALS}
    if not possible:
        assert set(found.values()) == {-1}
        return
    assert costs[found["cheapest"]] == min(costs[i] for i in possible)
    assert found["safest"] == min(possible)  # the rails stand in the order of trust
    assert ALL[found["fastest"]].delay_s == min(ALL[i].delay_s for i in possible)


@steady
@given(st.floats(1, 1e4), st.floats(1, 200), st.sampled_from(railcosts.GOALS))
def test_stretches_cover_all_amounts(per_year, fee_rate, goal):
    found = railcosts.stretches(ALL, per_year, fee_rate, goal, steps=50)
    assert found.from_sat.iloc[0] == pytest.approx(100)
    assert found.to_sat.iloc[-1] == pytest.approx(1e9)
    assert np.allclose(found.to_sat[:-1], found.from_sat[1:])
    assert (found.rail.diff().dropna() != 0).all()


def test_break_even_is_where_costs_meet():
    low, high = railcosts.cheaper_from_to(SIDE, [CHAIN, CHANNEL], 120, 10)
    assert low == pytest.approx(1e5, rel=0.01)  # the channel carries no more
    # 200 * 10 / 120 + 40 + a * 0.002 / 12 = 1000
    assert high == pytest.approx((1000 - 40 - 2000 / 120) * 12 / 0.002, rel=0.01)
    assert railcosts.cheaper_from_to(SIDE, [CHAIN, BANK], 1, 1, lowest_sat=1e7) is None


def test_inputs_are_checked():
    with pytest.raises(ValueError, match="must be greater than 0"):
        railcosts.cost_sat(CHAIN, 0, 1, 1)
    with pytest.raises(ValueError, match="goal is"):
        railcosts.choose(ALL, 1, 1, 1, "nicest")
    with pytest.raises(ValueError, match="trust is"):
        Rail("x", "friendly", 1)
    with pytest.raises(ValueError, match=r"loss_per_year is -0\.1; it must be a number from 0 to 1"):
        Rail("x", "custodial", 1, loss_per_year=-0.1)
    with pytest.raises(ValueError, match="largest_sat is None"):
        Rail("x", "custodial", 1, largest_sat=None)
    with pytest.raises(ValueError, match="fee_rate is 'x'"):
        railcosts.cost_sat(CHAIN, 1, 1, "x")


def test_a_rail_may_be_cheapest_in_two_stretches():
    short = Rail("short", "minimized", 1, entry_vbytes=206.4, largest_sat=1e5)
    (low, first), (second, high) = railcosts.cheaper(SIDE, [short, CHAIN], 12, 100)
    assert low == 100
    assert first == pytest.approx((20_640 / 12 - 20_000 / 12 - 40) * 12 / 0.002, rel=0.01)
    assert second == pytest.approx(1e5, rel=0.01)  # the short one carries no more
    assert railcosts.cheaper_from_to(SIDE, [short, CHAIN], 12, 100) == (low, first)  # the wider by ratio
    assert high == pytest.approx((10_000 - 20_000 / 12 - 40) * 12 / 0.002, rel=0.01)
