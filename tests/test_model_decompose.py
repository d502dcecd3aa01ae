"""Decomposition of variance, on examples whose answer is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.model import decompose as de

CUBE = np.array(list(product(range(2), repeat=3)))


def shares(result):
    return {name: result.by_layer[name].tolist() for name in ("alone", "last", "shapley")}


def test_a_sum_has_no_interaction():
    result = de.decompose(CUBE, CUBE @ [3.0, 1.0, 0.0])
    assert result.interaction == pytest.approx(0) and result.additive == pytest.approx(1)
    assert result.variance == pytest.approx(2.5) and result.mean == 2 and result.count == 8
    for share in shares(result).values():
        assert share == pytest.approx([0.9, 0.1, 0])


def test_exclusive_or_is_all_interaction():
    result = de.decompose(CUBE, CUBE[:, 0] ^ CUBE[:, 1])
    assert result.interaction == pytest.approx(1)
    assert shares(result)["alone"] == pytest.approx([0, 0, 0])
    assert shares(result)["last"] == pytest.approx([1, 1, 0])
    assert shares(result)["shapley"] == pytest.approx([0.5, 0.5, 0])


def test_minimum_of_two_by_hand():
    """min of two coins: variance 3/16, main effects 1/16 each, interaction 1/16."""
    result = de.decompose(CUBE[:, :2], CUBE[:, :2].min(axis=1), ["a", "b"])
    assert result.variance == pytest.approx(3 / 16)
    assert shares(result)["alone"] == pytest.approx([1 / 3, 1 / 3])
    assert shares(result)["last"] == pytest.approx([2 / 3, 2 / 3])
    assert result.interaction == pytest.approx(1 / 3)
    assert result.by_layer["layer"].tolist() == ["a", "b"] and result.by_layer["choices"].tolist() == [2, 2]


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=8, max_size=8))
def test_on_a_full_product_interaction_is_what_main_effects_leave(values):
    result = de.decompose(CUBE, np.array(values))
    if result.variance:
        assert result.interaction == pytest.approx(1 - result.by_layer["alone"].sum(), abs=1e-9)


@settings(deadline=None)
@given(st.data())
def test_on_any_set_of_stacks(data):
    rows = data.draw(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=2, max_size=20, unique=True))
    values = data.draw(st.lists(st.integers(-9, 9), min_size=len(rows), max_size=len(rows)))
    result = de.decompose(np.array(rows), np.array(values))
    assert -1e-9 <= result.interaction <= 1 + 1e-9
    if result.variance:
        assert result.by_layer["shapley"].sum() == pytest.approx(1)
        assert (result.by_layer[["alone", "last", "shapley"]].to_numpy() > -1e-9).all()
        assert (result.by_layer["alone"] <= result.additive + 1e-9).all()


def test_two_layers_that_always_go_together():
    """One cannot tell whose effect it is: each alone explains all, neither is missed, and they share it."""
    result = de.decompose(np.array([[0, 0], [1, 1], [2, 2]]), np.array([1.0, 5.0, 6.0]))
    assert shares(result)["alone"] == pytest.approx([1, 1])
    assert shares(result)["last"] == pytest.approx([0, 0])
    assert shares(result)["shapley"] == pytest.approx([0.5, 0.5])
    assert result.interaction == pytest.approx(0)


def test_additive_on_an_incomplete_set():
    """The exclusive or without one corner is a sum: three points, three effects."""
    result = de.decompose(CUBE[:3, 1:], np.array([0.0, 1.0, 1.0]))
    assert result.interaction == pytest.approx(0)


def test_nothing_varies_and_nothing_known():
    flat = de.decompose(CUBE, np.full(8, 7.0))
    assert flat.variance == 0 and flat.interaction == 0 and flat.by_layer["shapley"].tolist() == [0, 0, 0]
    values = CUBE[:, 0].astype(float)
    values[3] = np.nan
    assert de.decompose(CUBE, values).count == 7
    with pytest.raises(ValueError, match="no value is known"):
        de.decompose(CUBE, np.full(8, np.nan))
    with pytest.raises(ValueError, match="infinite"):
        de.decompose(CUBE, np.where(CUBE[:, 0], np.inf, 0.0))
    with pytest.raises(ValueError, match="must be"):
        de.decompose(CUBE, values[:4])
    with pytest.raises(ValueError, match="2 names for 3"):
        de.decompose(CUBE, CUBE[:, 0], ["a", "b"])


def test_labels_may_be_texts():
    result = de.decompose(np.array([["x", "p"], ["y", "p"], ["x", "q"], ["y", "q"]]), np.array([0, 1, 0, 1]))
    assert shares(result)["shapley"] == pytest.approx([1, 0])


def test_weights_are_repetitions():
    rng = np.random.default_rng(3)
    values, weights = rng.normal(size=8), rng.integers(1, 4, 8)
    once = de.decompose(CUBE, values, weights=weights)
    often = de.decompose(np.repeat(CUBE, weights, axis=0), np.repeat(values, weights))
    assert once.interaction == pytest.approx(often.interaction)
    assert once.variance == pytest.approx(often.variance)
    for name, share in shares(once).items():
        assert share == pytest.approx(shares(often)[name])
    with pytest.raises(ValueError, match="not above 0"):
        de.decompose(CUBE, values, weights=np.zeros(8))


def test_balanced_weights():
    choices = np.array([["a"], ["a"], ["a"], ["b"]])
    assert de.balanced(choices, 0).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_a_design_serves_many_properties():
    rng = np.random.default_rng(4)
    choices = rng.integers(0, 4, (200, 3))
    design = de.Design.of(choices, ["a", "b", "c"])
    for _ in range(3):
        values = rng.normal(size=200)
        values[rng.integers(0, 200, 20)] = np.nan
        many, one = design.decompose(values), de.decompose(choices, values, ["a", "b", "c"])
        assert many.interaction == pytest.approx(one.interaction) and many.count == one.count
        pd.testing.assert_frame_equal(many.by_layer, one.by_layer)


def test_additive_model_against_least_squares():
    """R² of an ordinary regression on indicators, by numpy."""
    rng = np.random.default_rng(5)
    choices, values = rng.integers(0, 4, (120, 3)), rng.normal(size=120)
    indicators = np.concatenate([np.eye(4)[column] for column in choices.T], axis=1)
    fitted = indicators @ np.linalg.lstsq(indicators, values, rcond=None)[0]
    expected = 1 - ((values - fitted) ** 2).sum() / ((values - values.mean()) ** 2).sum()
    assert de.decompose(choices, values).additive == pytest.approx(expected)


def test_pairs_of_an_exclusive_or():
    """x1 xor x2, x3 idle: the first two tell all, together alone; pairs with the idle one tell nothing."""
    pairs = de.Design.of(CUBE).pairs((CUBE[:, 0] ^ CUBE[:, 1]).astype(float)).set_index(["first", "second"])
    assert pairs.loc[(1, 2)].tolist() == pytest.approx([1, 1])
    assert pairs.loc[(1, 3)].tolist() == pytest.approx([0, 0])
    with pytest.raises(ValueError, match="do not vary"):
        de.Design.of(CUBE).pairs(np.ones(8))


def test_swaps_of_a_minimum_by_hand():
    """min of two coins: four pairs of stacks differ in one coin, and the value changes in the two with the other at 1."""
    swaps = de.Design.of(CUBE[:4, 1:]).swaps(CUBE[:4, 1:].min(axis=1).astype(float))
    assert swaps["swaps"].tolist() == [2, 2] and swaps["changed"].tolist() == [0.5, 0.5]
    assert swaps["stuck"].tolist() == [0, 0]
    lone = de.Design.of(np.array([[0, 0], [1, 1], [1, 0]])).swaps(np.array([1.0, np.nan, 2.0]))
    assert lone["swaps"].tolist() == [1, 0] and lone["changed"].tolist()[0] == 1 and np.isnan(lone["changed"][1])
    assert lone["stuck"].tolist() == pytest.approx([1 / 3, 1 / 3])


def test_without_a_label_is_the_rest_alone():
    rng = np.random.default_rng(6)
    choices, labels = rng.integers(0, 3, (150, 3)), rng.integers(0, 4, 150)
    values = rng.normal(size=150) + choices[:, 0] * choices[:, 1]
    values[:9] = np.nan
    left = de.Design.of(choices).without(values, labels)
    for label in range(4):
        keep = labels != label
        assert left[label] == pytest.approx(de.decompose(choices[keep], values[keep]).interaction)
    assert np.isnan(de.Design.of(CUBE).without(CUBE[:, 0].astype(float), np.zeros(8, dtype=int)))
