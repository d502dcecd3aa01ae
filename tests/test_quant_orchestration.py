"""Payments in parts against identities and simulation; options against worked examples, parity and a lattice."""

import math
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from moip import data
from moip.quant import liquidity
from moip.quant.graph import directed
from moip.quant.multipart import Splitter, chance, draw, equal_parts
from moip.quant.swaps import HOURS_A_YEAR, Leg, at_even_terms, claims, exchange_option, settle, volatility_of

EXPECTED = Path(__file__).parent / "fixtures" / "derive" / "multipart_chances" / "expected.csv"


def net(*channels, limit=None):
    """Directions of channels (a, b, capacity), open both ways, without fees."""
    rows = []
    for a, b, capacity in channels:
        policy = {"base_msat": 0, "ppm": 0, "cltv_blocks": 40, "htlc_min_sat": 0, "htlc_max_sat": limit or capacity}
        ways = {f"{way}_{name}": value for way in ("ab", "ba") for name, value in policy.items()}
        rows.append({"node_a": a, "node_b": b, "capacity_sat": capacity} | ways)
    return directed(pd.DataFrame(rows))


DIAMOND = ((0, 1, 1000), (1, 3, 99), (0, 2, 1000), (2, 3, 99))  # two ways of one unknown channel each


@pytest.mark.parametrize(("amount", "parts", "expected"), [(10, 1, [10]), (10, 3, [4, 3, 3]), (5, 5, [1] * 5)])
def test_equal_parts_add_up(amount, parts, expected):
    assert equal_parts(amount, parts) == expected


@pytest.mark.parametrize(("amount", "parts"), [(10, 0), (3, 4)])
def test_equal_parts_refuse(amount, parts):
    with pytest.raises(ValueError, match="cannot be split"):
        equal_parts(amount, parts)


@pytest.mark.parametrize(("amount", "parts", "wrong"), [(10.5, 2, "amount_sat is 10.5"), (10, "2", "parts is '2'")])
def test_equal_parts_takes_whole_numbers(amount, parts, wrong):
    with pytest.raises(ValueError, match=f"{wrong}; it must be a whole number"):
        equal_parts(amount, parts)


def test_parts_that_share_a_channel_need_their_sum():
    a, b, capacity = 300, 200, 1000
    both = liquidity.success(a, capacity) * liquidity.success(b, capacity - a)
    assert both == pytest.approx(float(liquidity.success(a + b, capacity)))


def test_one_part_is_a_single_route():
    edges = net((0, 1, 1000), (1, 2, 500), (2, 3, 200))
    plan = Splitter(edges).plan(0, 3, 100)
    assert plan.chance == pytest.approx(float(liquidity.route(100, [math.inf, 500, 200])))
    assert [edges.target[edge] for edge in plan.routes[0]] == [1, 2, 3]


def test_two_parts_take_two_ways_and_multiply():
    plan = Splitter(net(*DIAMOND)).plan(0, 3, 60, parts=2)
    assert len(set(plan.routes)) == 2
    assert plan.chance == pytest.approx((70 / 100) ** 2)  # against 40 / 100 in one part
    assert plan.chance == pytest.approx(liquidity.parts([30, 30], [[99], [99]]))


def test_splitting_gains_nothing_over_one_last_channel():
    splitter = Splitter(net((0, 1, 1000), (1, 2, 99)))
    chances = [splitter.plan(0, 2, 60, parts).chance for parts in (1, 2, 4)]
    assert chances == pytest.approx([0.4] * 3)


def test_splitting_opens_what_is_too_large_for_one_channel():
    splitter = Splitter(net(*DIAMOND))
    assert splitter.plan(0, 3, 150) is None
    assert splitter.plan(0, 3, 150, parts=2).chance == pytest.approx((25 / 100) ** 2)
    assert splitter.plan(0, 3, 199, parts=2) is None


def test_limits_bind_a_part_not_the_sum():
    splitter = Splitter(net((0, 1, 1000), (1, 2, 1000), limit=100))
    assert splitter.plan(0, 2, 150) is None
    assert splitter.plan(0, 2, 150, parts=2).chance == pytest.approx(float(liquidity.success(150, 1000)))


def test_more_capacity_never_hurts():
    def best(width):
        splitter = Splitter(net((0, 1, 1000), (1, 3, width), (0, 2, 1000), (2, 3, 99)))
        return [splitter.plan(0, 3, 60, parts).chance for parts in (1, 2, 3)]

    grown = np.array([best(width) for width in (99, 150, 400)])
    assert (np.diff(grown, axis=0) >= -1e-12).all()


def test_same_node_is_refused():
    with pytest.raises(ValueError, match="same node"):
        Splitter(net(*DIAMOND)).plan(1, 1, 10)


def test_balances_of_two_ends_add_up_and_are_uniform():
    edges = net(*DIAMOND)
    rng = np.random.default_rng(5)
    draws = np.array([draw(edges, rng) for _ in range(4000)])
    for channel in range(4):
        ends = draws[:, edges.channel == channel]
        assert (ends.sum(axis=1) == edges.capacity_sat[edges.channel == channel][0]).all()
        assert ends.min() >= 0
    assert (draws[:, 2] >= 60).mean() == pytest.approx(0.4, abs=0.03)


def test_simulation_meets_the_formula_and_knowledge_only_helps():
    edges = net(*DIAMOND)
    splitter, rng = Splitter(edges), np.random.default_rng(6)
    plan = splitter.plan(0, 3, 60, parts=2)
    works, one, split = [], [], []
    for _ in range(1500):
        balances = draw(edges, rng)
        works.append(all(balances[route[1]] >= 30 for route in plan.routes))
        route, parts = splitter.ceiling(balances, 0, 3, 60)
        one.append(route)
        split.append(parts)
        assert parts >= route
        assert parts >= works[-1]
        assert parts == (balances[[route[1] for route in plan.routes]].sum() >= 60)
    assert np.mean(works) == pytest.approx(plan.chance, abs=0.04)
    assert np.mean(one) == pytest.approx(1 - 0.6**2, abs=0.04)


def test_chance_wants_an_amount_for_each_route():
    with pytest.raises(ValueError, match="zip"):
        chance(net(*DIAMOND), [10], [(0, 1), (2, 3)])


def test_table_is_what_the_planner_computes():
    """The rows of the fixture, one an amount, stand in the table and come out of the planner again."""
    table = data.table("multipart_chances").set_index(["amount_sat", "payer", "receiver"])
    splitter = Splitter(directed(data.table("lightning_channels_2026")))
    for row in pd.read_csv(EXPECTED).itertuples():
        kept = table.loc[(row.amount_sat, row.payer, row.receiver)]
        for parts in (1, 4):
            plan = splitter.plan(row.payer, row.receiver, row.amount_sat, parts)
            expected = getattr(row, f"chance_{parts}")
            assert (plan.chance if plan else 0.0) == pytest.approx(expected, abs=1e-6)
            assert kept[f"chance_{parts}"] == expected


def test_option_matches_a_worked_example():
    """Course notes of jufinance.com (fin435, spring 2025): S = X = 21, r = 5%, t = 0.36, volatility 30%: 1.687 by tables."""
    value = exchange_option(21, 21 * math.exp(-0.05 * 0.36), 0.3, 0.36 * HOURS_A_YEAR)
    assert value == pytest.approx(1.687, abs=0.002)


@pytest.mark.parametrize(
    ("receive", "give", "volatility", "hours"), [(100, 90, 0.4, 24), (1, 1, 0.8, 336), (3, 5, 1.2, 4000)]
)
def test_parity(receive, give, volatility, hours):
    """The right to swap one way less the right to swap the other way is the swap itself."""
    there = exchange_option(receive, give, volatility, hours)
    back = exchange_option(give, receive, volatility, hours)
    assert there - back == pytest.approx(receive - give)


def test_waiting_is_worth_more_with_time_and_volatility():
    assert at_even_terms(0.5, 48) > at_even_terms(0.5, 24) > at_even_terms(0.4, 24) > 0
    assert at_even_terms(0, 24) == at_even_terms(0.5, 0) == 0
    assert exchange_option(3, 2, 0, 24) == 1


@pytest.mark.parametrize(("volatility", "hours"), [(0.2, 1), (0.5, 24), (1.0, 336)])
def test_short_formula(volatility, hours):
    short = volatility * math.sqrt(hours / HOURS_A_YEAR / (2 * math.pi))
    assert at_even_terms(volatility, hours) == pytest.approx(short, rel=0.01)
    assert volatility_of(at_even_terms(volatility, hours), hours) == pytest.approx(volatility)


def test_a_lattice_agrees_and_deciding_early_gains_nothing():
    """Cox, Ross and Rubinstein's tree for the ratio, with the right to exercise at every node."""
    volatility, hours, steps = 0.6, 240, 600
    up = math.exp(volatility * math.sqrt(hours / HOURS_A_YEAR / steps))
    p = (1 - 1 / up) / (up - 1 / up)
    values = np.maximum(up ** np.arange(-steps, steps + 1, 2.0) - 1, 0)
    for step in range(steps - 1, -1, -1):
        waiting = p * values[1:] + (1 - p) * values[:-1]
        values = np.maximum(waiting, up ** np.arange(-step, step + 1, 2.0) - 1)
    assert values[0] == pytest.approx(at_even_terms(volatility, hours), rel=2e-3)


@pytest.mark.parametrize("bad", [(0, 1, 0.5, 24), (1, 1, -0.1, 24), (1, 1, 0.5, -1)])
def test_option_refuses(bad):
    with pytest.raises(ValueError, match="must"):
        exchange_option(*bad)
    with pytest.raises(ValueError, match="share"):
        volatility_of(1.0, 24)


SECRET = bytes(range(32))
HASH = sha256(SECRET).digest()


def test_one_secret_opens_both_legs_or_none():
    hers, his = Leg(HASH, 24), Leg(HASH, 48)
    assert settle(hers, his, SECRET, reveals=23, notices=20) == (True, True)
    assert settle(hers, his, SECRET, reveals=25, notices=0) == (False, False)
    assert settle(hers, his, bytes(32), reveals=1, notices=0) == (False, False)
    assert not claims(hers, SECRET, 24)


def test_deadlines_in_the_wrong_order_or_a_long_sleep_lose_a_leg():
    assert settle(Leg(HASH, 48), Leg(HASH, 24), SECRET, reveals=30, notices=0) == (True, False)
    assert settle(Leg(HASH, 24), Leg(HASH, 48), SECRET, reveals=23, notices=26) == (True, False)
