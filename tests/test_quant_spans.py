"""Spans: matrices, bridges, entropy and chance, on cases that can be counted by hand."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from moip import data
from moip.model.register import cohen_kappa
from moip.quant import spans

THREE = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 1, 0]], dtype=bool)


def test_both_shapes_of_a_table_give_the_same_matrix():
    long = pd.DataFrame({"technology": ["b", "b", "a"], "layer": [1, 3, 5]})
    lists = pd.DataFrame({"technology": ["a", "b"], "layer": [5, 1], "spans": [(), ("3",)]})
    expected = np.array([[0, 0, 0, 0, 1], [1, 0, 1, 0, 0]], dtype=bool)
    for table in (long, lists):
        matrix = spans.span_matrix(table)
        assert matrix.index.tolist() == ["a", "b"] and matrix.columns.tolist() == [1, 2, 3, 4, 5]
        assert (matrix.to_numpy() == expected).all()
    assert spans.main_layers(lists, ["a", "b"]).tolist() == [4, 0]


def test_bridges_by_hand():
    """Bridges 12, 12 13 23, 24: five, of which 12 twice and 23 once join neighbors."""
    bridges = spans.co_spans(THREE)
    assert bridges[0, 1] == 2 and bridges[1, 3] == 1 and bridges[1, 1] == 3 and bridges[4, 4] == 0
    assert spans.neighbors(bridges) == pytest.approx(3 / 5)
    assert spans.co_spans(np.stack([THREE, THREE]))[1].tolist() == bridges.tolist()


def test_unbroken_leaves_out_no_layer_between():
    assert spans.unbroken(THREE) == pytest.approx(2 / 3)
    one = np.array([[0, 0, 1, 0, 0], [1, 0, 0, 0, 1]], dtype=bool)
    assert spans.unbroken(one) == 0


def test_entropy_at_its_ends():
    same = np.tile(THREE[:1], (50, 1))
    assert spans.entropy(same) == 0
    every = np.array([row for row in product([0, 1], repeat=5) if any(row)] * 200)
    assert spans.entropy(every) == pytest.approx(math.log2(31) + 30 / (2 * 6200 * math.log(2)))


def test_shuffling_keeps_what_it_promises():
    rng = np.random.default_rng(1)
    cells = rng.random((80, 5)) < 0.4
    main = rng.integers(0, 5, 80)
    cells[np.arange(80), main] = True
    drawn = spans.shuffled(cells, main, draws=20)
    assert (drawn.sum(axis=2) == cells.sum(axis=1)).all()
    assert (drawn.sum(axis=1) == cells.sum(axis=0)).all()
    assert drawn[:, np.arange(80), main].all()
    assert (drawn != cells).any(axis=(1, 2)).all()
    with pytest.raises(ValueError, match="main layer"):
        spans.shuffled(cells, np.argmin(cells, axis=1), draws=1)
    with pytest.raises(ValueError, match="no technology is left"):
        spans.shuffled(cells[:0], main[:0], draws=1)


def test_shuffling_is_uniform_over_all_matrices_with_these_margins():
    """Main layer 5 for all; three technologies have one more layer each, and layers 1, 2, 3 one visitor each: 6 ways."""
    cells = np.zeros((3, 5), dtype=bool)
    cells[:, 4] = True
    cells[[0, 1, 2], [0, 1, 2]] = True
    drawn = spans.shuffled(cells, np.full(3, 4), draws=3000, seed=2)
    seen = np.unique(drawn[:, :, :3].argmax(axis=2), axis=0, return_counts=True)[1]
    assert len(seen) == 6 and (abs(seen - 500) < 5 * math.sqrt(500 * 5 / 6)).all()


def test_neighbors_that_are_built_in_are_found_and_chance_is_not():
    """Every technology touches its main layer and the next: far more neighbors than by chance."""
    main = np.arange(100) % 5
    chain = np.eye(5, dtype=bool)[main] | np.eye(5, dtype=bool)[np.where(main < 4, main + 1, 3)]
    by_chance = spans.neighbors(spans.co_spans(spans.shuffled(chain, main, draws=200)))
    assert spans.neighbors(spans.co_spans(chain)) == 1 > by_chance.max()
    random = spans.shuffled(chain, main, draws=1, seed=9)[0]
    low, high = spans.interval(by_chance)
    assert low <= spans.neighbors(spans.co_spans(random)) <= high


def test_kappa_of_a_table_is_that_of_its_units():
    """50 proposals: 20 and 15 agreed, 5 and 10 not; kappa 0.4 (the example of `cohen_kappa`)."""
    table = np.array([[15, 10], [5, 20]])
    assert spans.kappas(table) == pytest.approx(0.4)
    assert spans.kappas(np.stack([table, np.diag([3, 4])])) == pytest.approx([0.4, 1])


def test_secondary_cells_leave_out_main_layers():
    first = np.array([[1, 1, 0, 0, 0], [1, 0, 0, 0, 1]], dtype=bool)
    second = np.array([[1, 0, 1, 0, 0], [0, 0, 0, 0, 1]], dtype=bool)
    cells = spans.secondary_cells(first, second, np.array([0, 0]), np.array([0, 4]))
    assert cells[0].tolist() == [[2, 1], [1, 0]]  # layers 2 to 5
    assert cells[1].tolist() == [[3, 0], [0, 0]]  # layers 2 to 4: 1 and 5 are main layers


def test_kappa_of_the_register_both_ways():
    one, two = (data.table(name).sort_values("technology") for name in ("technologies", "technology_second_coding"))
    table = pd.crosstab(one["layer"].to_numpy(), two["layer"].to_numpy()).to_numpy()
    assert spans.kappas(table) == pytest.approx(cohen_kappa(one["layer"].tolist(), two["layer"].tolist()))


def test_effect_and_its_chance():
    groups, values = np.array(list("aabb")), np.array([1.0, 1.0, 3.0, 3.0])
    assert spans.effect(groups, values) == 1
    seen, by_chance, p = spans.association(groups, values, draws=500)
    assert seen == 1 and by_chance == pytest.approx(1 / 3, abs=0.06) and p == pytest.approx(1 / 3, abs=0.06)


def test_bootstrap_of_a_mean():
    values = np.repeat([0.0, 1.0], 50)
    low, high = spans.interval(spans.bootstrap(lambda rows: values[rows].mean(), 100, draws=2000))
    assert (low, high) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.6, abs=0.02))
