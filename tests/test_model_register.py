"""Agreement of codings, against published examples, and rows that are due for review."""

import math

import pandas as pd
import pytest

from moip import data
from moip.model.register import agreement, cohen_kappa, due, krippendorff_alpha, span_overlap

N = None
FOUR_OBSERVERS = [  # Krippendorff 2011; the ordinal value is also that of the tests of the package krippendorff
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
THREE_CODERS = [  # the example of the encyclopedia's article, and of the same package
    [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
    [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
    [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
]


def test_alpha_against_published_values():
    assert krippendorff_alpha(THREE_CODERS) == pytest.approx(0.691358, abs=5e-7)
    assert krippendorff_alpha(FOUR_OBSERVERS, ordinal=True) == pytest.approx(0.815, abs=5e-4)


def test_alpha_at_its_ends():
    assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]]) == 1
    assert math.isnan(krippendorff_alpha([[1, 1], [1, 1]]))
    with pytest.raises(ValueError, match="no unit has two values"):
        krippendorff_alpha([[1, N], [N, 2]])
    with pytest.raises(ValueError, match="every coder"):
        krippendorff_alpha([[1], [1, 2]])
    with pytest.raises(ValueError, match="'9' is not in the order"):
        krippendorff_alpha([[1, 9], [1, 2]], order=[1, 2])


def test_kappa_of_fifty_grants():
    """Two readers and 50 proposals: both yes 20, both no 15, one yes 5 and 10. 0.7 agreed, 0.5 by chance."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx((0.7 - 0.5) / (1 - 0.5))


def test_weighted_kappa_by_hand():
    """Classes 1, 2, 3: one unit off by two. Linear weights: 2/3 observed; expected (3 + 3 + 2)/9 over the margins."""
    first, second = [1, 2, 3], [1, 2, 1]
    observed, expected = 2 / 3, (0 * 2 + 1 * 1 + 1 * 2 + 0 * 1 + 2 * 2 + 1 * 1) / 9
    assert cohen_kappa(first, second, power=1) == pytest.approx(1 - observed / expected)
    assert cohen_kappa([1, 2], [1, 2], power=2) == 1
    assert math.isnan(cohen_kappa([1, 1], [1, 1]))
    with pytest.raises(ValueError, match="two codings"):
        cohen_kappa([1], [])


def test_agreement_of_two_codings():
    first = pd.DataFrame(
        {"technology": ["a", "b", "c"], "layer": [1, 2, 3], "trust_class": ["none", "trustless", "custodial"]}
    )
    second = first.assign(layer=[1, 2, 4]).iloc[::-1]
    rows = agreement(first, second).set_index("field")
    assert rows.loc["layer", "agreed"] == pytest.approx(2 / 3)
    assert rows.loc["trust class", "kappa"] == 1
    assert rows.loc["trust class, where both see one", "technologies"] == 2
    with pytest.raises(ValueError, match="no technology in common"):
        agreement(first, second.assign(technology="x"))


def test_the_second_coding_of_the_register_agrees_beyond_chance():
    rows = agreement(data.table("technologies"), data.table("technology_second_coding")).set_index("field")
    assert rows.loc["layer", "technologies"] > 200
    assert (rows["kappa"] > 0.6).all()


def test_due_for_review():
    table = pd.DataFrame(
        {
            "technology": ["a", "b", "c"],
            "name": ["A", "B", "C"],
            "layer": [1, 2, 3],
            "as_of": pd.to_datetime(["2026-01-31", "2025-01-01", "2026-06-01"]),
            "review_months": [1, 12, 6],
        }
    )
    late = due(table, "2026-02-28")
    assert late["technology"].tolist() == ["b", "a"]
    assert late["overdue_days"].tolist() == [58, 0]
    assert late["due_on"].astype(str).tolist() == ["2026-01-01", "2026-02-28"]
    assert due(table, "2020-01-01").empty


def test_overlap_of_spans():
    spans = pd.DataFrame({"technology": ["a", "a", "b", "c"], "layer": [1, 2, 3, 4]})
    second = pd.DataFrame({"technology": ["b", "a", "x"], "layer": [3, 2, 1], "spans": [(), ("3", "1"), ()]})
    rows = span_overlap(spans, second)
    assert rows.values.tolist() == [["b", (3,), (3,), 1.0], ["a", (1, 2), (1, 2, 3), pytest.approx(2 / 3)]]
    both = span_overlap(data.table("technology_spans"), data.table("technology_second_coding"))
    assert 0.5 < both["overlap"].mean() < 1
