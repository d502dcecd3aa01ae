"""Wishes: what meets them, what may, and which sets nothing meets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moip.model import enumerate as spaces
from moip.model import wishes
from moip.model.catalog import Catalog
from moip.model.properties import UNKNOWN
from moip.model.wishes import WISHES, Condition, Wish

NAN, INF = np.nan, np.inf


def test_a_wish_is_met_or_not_or_nobody_knows() -> None:
    wish = Wish("x", "x", (Condition("a", "at least", 2), Condition("b", "below", INF)))
    folded = {"a": np.array([2, 1, INF, NAN, NAN, 2]), "b": np.array([0, 0, INF, 0, INF, NAN])}
    assert wish.met(folded).tolist() == [True, False, False, False, False, False]
    assert wish.possible(folded).tolist() == [True, False, False, True, False, True]


@pytest.mark.parametrize(("relation", "holds"), [("at least", [0, 1, 1]), ("at most", [1, 1, 0]), ("below", [1, 0, 0])])
def test_conditions(relation: str, holds: list[int]) -> None:
    assert [Condition("a", relation, 5).holds(value) for value in (4, 5, 6)] == [bool(one) for one in holds]


def test_codes_hold_a_bit_a_wish() -> None:
    two = (Wish("x", "x", (Condition("a", "at least", 2),)), Wish("y", "y", (Condition("a", "at most", 2),)))
    folded = {"a": np.array([1.0, 2.0, 3.0, NAN])}
    sure, possible = wishes.codes(folded, folded | {"a": np.array([1.0, 2.0, 3.0, 1.0])}, two)
    assert sure.tolist() == [0b10, 0b11, 0b01, 0]
    assert possible.tolist() == [0b10, 0b11, 0b01, 0b10]


def test_the_best_case_knows_what_a_member_can_only_worsen() -> None:
    space = spaces.Space.of()
    best = wishes.best_case(space)
    value, hope = space.catalog.value, best.catalog.value
    assert value("hosted-channels", "smallest_payment") is UNKNOWN
    assert hope("hosted-channels", "smallest_payment") == 0
    assert hope("greenlight", "freeze_quorum") == INF
    assert hope("lightning", "sender_left_operator") == 1
    for name in space.catalog.members:
        for key, one in space.catalog.properties.items():
            if value(name, key) is not UNKNOWN:
                assert hope(name, key) == value(name, key)
            else:
                assert hope(name, key) == one.monoid.identity


def test_a_payment_on_the_chain_never_takes_no_block_space() -> None:
    space = spaces.Space.of(only={"rail": ["bitcoin-transfer"]})
    found = spaces.find(space)
    spare = next(wish for wish in WISHES if wish.key == "spare")
    assert np.isnan(spaces.fold(space, found)["payment_weight"]).any()
    assert not spare.possible(spaces.fold(wishes.best_case(space), found)).any()


def test_no_known_value_beats_the_best_case() -> None:
    space = spaces.Space.of()
    found = spaces.find(space)[::97]
    folded, best = spaces.fold(space, found), spaces.fold(wishes.best_case(space), found)
    for key, one in space.catalog.properties.items():
        known = ~np.isnan(folded[key].astype(float))
        assert (folded[key][known] == best[key][known]).all()
        assert not np.isnan(best[key].astype(float)).any(), one


def test_wishes_ask_for_properties_that_there_are() -> None:
    known = Catalog.load().properties
    assert len({wish.key for wish in WISHES}) == len(WISHES)
    for wish in WISHES:
        for condition in wish.conditions:
            assert condition.property in known
            assert condition.relation in wishes.RELATIONS


def test_a_wish_agrees_with_the_stack() -> None:
    space = spaces.Space.of()
    found = spaces.find(space)
    some = found[np.random.default_rng(1).integers(0, len(found), 60)]
    best = wishes.best_case(space)
    sure, possible = wishes.codes(spaces.fold(space, some), spaces.fold(best, some))
    for code, own, may in zip(some, sure, possible, strict=True):
        stack, hopeful = space.stack(code), best.stack(code)
        for i, wish in enumerate(WISHES):
            values = [(c, stack.value(c.property), hopeful.value(c.property)) for c in wish.conditions]
            assert bool(own >> i & 1) == all(v is not UNKNOWN and c.holds(v) for c, v, _ in values)
            assert bool(may >> i & 1) == all(v is UNKNOWN or c.holds(v) for c, _, v in values)


def test_impossible_sets_of_a_small_case() -> None:
    assert wishes.impossible([0b011, 0b101, 0b110], 3) == [(0, 1, 2)]
    assert wishes.impossible([0b001, 0b010], 3) == [(2,), (0, 1)]
    assert wishes.impossible([0b111], 3) == []


@given(st.lists(st.integers(0, 31), min_size=1))
def test_impossible_sets_are_the_smallest(met: list[int]) -> None:
    found = wishes.impossible(met, 5)
    fits = {
        c for size in range(6) for c in combinations(range(5), size) if any(all(m >> i & 1 for i in c) for m in met)
    }
    for chosen in found:
        assert chosen not in fits
        assert all(tuple(i for i in chosen if i != out) in fits for out in chosen)
    for size in range(6):
        for chosen in combinations(range(5), size):
            assert (chosen in fits) != any(set(one) <= set(chosen) for one in found)
