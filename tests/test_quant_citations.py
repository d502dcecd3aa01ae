"""The citation graph: small graphs whose answers can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from moip.quant import citations


def edges(*pairs: str) -> pd.DataFrame:
    """Edges from words such as "ab": a cites b."""
    return pd.DataFrame([tuple(pair) for pair in pairs], columns=["citing", "cited"])


def labels(**groups: str) -> pd.Series:
    return pd.Series({name: group for group, names in groups.items() for name in names})


# Two triangles joined by one line.
BARBELL = edges("ab", "bc", "ca", "de", "ef", "fd", "cd")
SIDES = labels(one="abc", two="def")
ROWS = [
    ("a", "b", "mentions", 3, True),
    ("a", "b", "requires", 1, True),
    ("b", "c", "used in", 1, True),
    ("a", "d", "mentions", 5, True),
    ("d", "a", "replaces", 1, True),
    ("c", "a", "mentions", 1, True),
    ("c", "z", "mentions", 1, False),
]
TABLE = pd.DataFrame(ROWS, columns=["citing", "cited", "relation", "mentions", "known"])


def test_dependencies_turn_used_in_around_and_leave_out_heirs_and_strangers() -> None:
    found = citations.dependencies(TABLE)
    assert found.to_numpy().tolist() == [["a", "b", 3], ["c", "a", 1], ["c", "b", 0]]
    declared = citations.dependencies(TABLE, ("requires", "uses"))
    assert declared.to_numpy().tolist() == [["a", "b", 0], ["c", "b", 0]]
    assert citations.dependencies(TABLE, ("mentions",)).to_numpy().tolist() == [["a", "b", 3], ["c", "a", 1]]


def test_directions_count_only_edges_with_two_layers() -> None:
    layers = pd.Series({"a": 1, "b": 2, "c": 2, "d": np.nan})
    found = citations.directions(edges("ba", "ca", "bc", "ab", "da", "xa"), layers)
    assert found.to_dict() == {"down": 2, "level": 1, "up": 1}
    assert citations.directions(edges("xa"), layers).to_dict() == {"down": 0, "level": 0, "up": 0}


def test_best_order_leaves_the_fewest_citations_upward() -> None:
    graph = edges("ba", "ca", "cb", "ab", "db", "dc")
    flow = citations.between(graph, pd.Series({name: name for name in "abcd"}))
    assert flow.loc["b", "a"] == 1
    assert citations.upward(flow, ("a", "b", "c", "d")) == 1
    assert citations.upward(flow, ("d", "c", "b", "a")) == 5
    assert citations.best_order(graph, pd.Series({name: name for name in "abcd"})) == (("a", "b", "c", "d"), 1)


def test_support_of_an_order_falls_where_it_hangs_on_one_document() -> None:
    steady = edges("ba", "ca", "cb", "da", "db", "dc")
    one = pd.Series({name: name for name in "abcd"})
    assert citations.order_support(steady, one, draws=50, seed=1, by="citing").index[0] == ("a", "b", "c", "d")
    # a1 and a2 are cited from b, b1 from a: without b1 in the sample b lies above a in every draw, with it b1's weight decides.
    layer = pd.Series({"a1": "a", "a2": "a", "b1": "b", "b2": "b"})
    graph = pd.DataFrame(
        [("b2", "a1"), ("b2", "a2"), ("a1", "b1"), ("a2", "b1"), ("a2", "b2")], columns=["citing", "cited"]
    )
    found = citations.order_support(graph, layer, draws=2000, seed=1)
    # Cited a1, a2 (one citation up if b is below), b1 (two up if a is below), b2 (one): a is below when n1 + n2 >= 2 n3 + n4.
    draws = [p for p in np.ndindex(4, 4, 4, 4)]
    exact = np.mean([sum(1 for k in p if k < 2) >= 2 * p.count(2) + p.count(3) for p in draws])
    assert found[("a", "b")] == pytest.approx(exact, abs=0.04)
    assert found.sum() == pytest.approx(1)


def test_modularity_of_a_barbell() -> None:
    # 3 of 7 lines within each side, each side with half of all ends: 6/7 - 2 (1/2)^2.
    assert citations.modularity(BARBELL, SIDES) == pytest.approx(6 / 7 - 1 / 2)
    assert citations.modularity(BARBELL, labels(one="abcdef")) == 0


def test_communities_of_a_barbell_are_its_sides() -> None:
    found = citations.communities(BARBELL)
    assert found.to_dict() == {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}
    assert citations.agreement(found, SIDES) == pytest.approx(1)
    assert citations.communities(BARBELL, resolution=0.1).nunique() == 1
    assert citations.communities(BARBELL, resolution=9).nunique() == 6
    for wrong in (-1, "fine"):
        with pytest.raises(ValueError, match=r"resolution is .*; it must be a number of at least 0"):
            citations.communities(BARBELL, resolution=wrong)


def test_agreement_of_independent_labels_is_none() -> None:
    one, other = labels(x="ab", y="cd"), labels(x="ac", y="bd")
    assert citations.agreement(one, one) == pytest.approx(1)
    assert citations.agreement(one, other) == pytest.approx(0, abs=1e-12)
    assert citations.agreement(one, other, "adjusted_rand") == pytest.approx(-0.5)
    # Four documents, {ab|cd} against {ab|c|d}: 2 I / (H + H') = 2 ln 2 / (ln 2 + 1.5 ln 2).
    assert citations.agreement(one, labels(x="ab", y="c", z="d")) == pytest.approx(0.8)


def test_giant_keeps_the_largest_part() -> None:
    assert citations.giant(pd.concat([BARBELL, edges("xy")])).equals(BARBELL)


def test_levels_of_a_chain_a_circle_and_a_shortcut() -> None:
    chain = edges("ba", "cb", "yx")
    assert citations.levels(chain).to_dict() == pytest.approx({"a": 0, "b": 1, "c": 2, "x": 0, "y": 1})
    assert citations.incoherence(chain, citations.levels(chain)) == pytest.approx(0)
    circle = edges("ab", "bc", "ca")
    assert citations.levels(circle).to_dict() == pytest.approx({"a": 0, "b": 0, "c": 0}, abs=1e-9)
    assert citations.incoherence(circle, citations.levels(circle)) == pytest.approx(1)
    # c cites b and a, b cites a: the least squares solution is 0, 2/3, 4/3.
    shortcut = edges("ba", "cb", "ca")
    assert citations.levels(shortcut).to_dict() == pytest.approx({"a": 0, "b": 2 / 3, "c": 4 / 3})
    assert citations.incoherence(shortcut, citations.levels(shortcut)) == pytest.approx(1 / 9)


def test_rank_correlation_and_what_is_left_when_a_third_is_held_constant() -> None:
    x = pd.Series([1, 2, 3, 4, 5])
    assert citations.rank_correlation(x, x**3) == pytest.approx(1)
    assert citations.rank_correlation(x, -x) == pytest.approx(-1)
    y, z = pd.Series([2, 1, 4, 3, 5]), pd.Series([1, 3, 2, 5, 4])
    xy, xz, yz = 0.8, 0.8, 0.3
    assert citations.rank_correlation(x, y) == pytest.approx(xy)
    assert citations.rank_correlation(y, z) == pytest.approx(yz)
    expected = (xy - xz * yz) / math.sqrt((1 - xz**2) * (1 - yz**2))
    assert citations.rank_correlation(x, y, z) == pytest.approx(expected)


def test_pairs_are_counted_by_what_they_share() -> None:
    series, layer = labels(A="abc", B="d"), pd.Series({"a": 1, "b": 1, "c": 2, "d": 1, "e": 1})
    counts = citations.pair_counts(edges("ab", "ac", "ad", "da", "ea"), series, layer)
    assert counts.shape == (4, 2, 2, 2)
    assert counts[0].tolist() == [[[0, 0], [1, 1]], [[1, 1], [1, 1]]]  # a: with d, with c, with b
    assert counts.sum(0)[..., 0].sum() == 4 * 3
    assert counts.sum(0)[..., 1].sum() == 4


def test_odds_ratio_of_mantel_and_haenszel() -> None:
    # Stratum of the first label: 10 of 100 against 30 of 100; then the same table of half the size.
    counts = np.array([[[100, 10], [100, 30]], [[50, 5], [50, 15]]])
    assert citations.odds_ratio(counts, of=1) == pytest.approx((30 * 90) / (10 * 70))
    assert citations.odds_ratio(counts, of=0) == pytest.approx(1)


def test_random_weights_of_documents_agree_with_counting_pairs_by_weight() -> None:
    one, two = labels(x="abcd", y="efgh"), labels(p="abef", q="cdgh")
    graph = edges("ab", "ac", "ae", "ag", "cd", "ef", "eb", "hd", "ga", "hg", "fd")
    found = citations.weighted_odds_ratios(graph, one, two, draws=3, seed=1)
    assert found.shape == (3, 2)
    for weight, ratios in zip(np.random.default_rng(1).exponential(size=(3, 8)), found, strict=True):
        heavy = dict(zip("abcdefgh", weight, strict=True))
        counts = np.zeros((2, 2, 2))
        cites = set(graph.itertuples(index=False, name=None))
        for i in "abcdefgh":
            for j in "abcdefgh":
                if i != j:
                    cell = counts[int(one[i] == one[j]), int(two[i] == two[j])]
                    cell += np.array([1, (i, j) in cites]) * heavy[i] * heavy[j]
        assert ratios == pytest.approx([citations.odds_ratio(counts, of) for of in (0, 1)])


def test_rotating_keeps_neighbors_together() -> None:
    layer = pd.Series([1, 1, 2, 2, 3, 4, 4], index=list("abcdxyz"))
    series = labels(one="abcd", two="xyz")
    along = pd.Series(range(7), index=list("dcbaxyz"))  # the first group runs backward
    rng = np.random.default_rng(1)
    seen = {tuple(citations.rotated(layer, rng, series, along)) for _ in range(200)}
    turns = [(1, 1, 2, 2), (2, 1, 1, 2), (2, 2, 1, 1), (1, 2, 2, 1)]
    assert seen == {(*turn, *end) for turn in turns for end in ((3, 4, 4), (4, 3, 4), (4, 4, 3))}
    drawn = citations.null(lambda now: float(now["a"]), layer, 50, 1, within=series, along=along)
    assert set(drawn) == {1.0, 2.0}
    with pytest.raises(ValueError, match="within"):
        citations.null(lambda now: 0.0, layer, 1, 1, along=along)


def test_shuffling_within_groups_keeps_the_groups() -> None:
    layer = pd.Series({"a": 1, "b": 2, "c": 3, "d": 4})
    series = labels(one="ab", two="cd")
    rng = np.random.default_rng(1)
    drawn = [citations.shuffled(layer, rng, series) for _ in range(40)]
    assert all({draw["a"], draw["b"]} == {1, 2} and {draw["c"], draw["d"]} == {3, 4} for draw in drawn)
    assert {tuple(draw) for draw in drawn} == {(1, 2, 3, 4), (2, 1, 3, 4), (1, 2, 4, 3), (2, 1, 4, 3)}
    assert sorted(citations.shuffled(layer, rng)) == [1, 2, 3, 4]
    assert layer.tolist() == [1, 2, 3, 4]


def test_shuffled_labels_have_no_modularity() -> None:
    draws = citations.null(lambda draw: citations.modularity(BARBELL, draw), SIDES, draws=300, seed=1)
    exact = citations.modularity(BARBELL, SIDES)
    # 2 of the 20 ways to choose three of six documents are the sides themselves.
    assert citations.p_value(exact, draws) == pytest.approx(0.1, abs=0.04)
    assert draws.mean() < 0


def test_rewiring_keeps_what_each_document_cites_and_how_often_it_is_cited() -> None:
    rng = np.random.default_rng(2)
    pairs = {(int(a), int(b)) for a, b in rng.integers(12, size=(50, 2)) if a != b}
    graph = pd.DataFrame(sorted(pairs), columns=["citing", "cited"])
    new = citations.rewired(graph, np.random.default_rng(3))
    assert new["citing"].value_counts().equals(graph["citing"].value_counts())
    assert new["cited"].value_counts().sort_index().equals(graph["cited"].value_counts().sort_index())
    assert (new["citing"] != new["cited"]).all()
    assert not new.duplicated().any()
    assert set(zip(new["citing"], new["cited"], strict=True)) != pairs
    assert new.equals(citations.rewired(graph, np.random.default_rng(3)))


def test_bootstrap_draws_documents_with_all_their_citations() -> None:
    graph = edges("ab", "ac", "ad", "xy")
    sizes = citations.bootstrap(graph, len, draws=200, seed=1, by="citing")
    assert set(sizes) == {2, 4, 6}
    assert citations.interval(np.arange(101), 0.9) == pytest.approx((5, 95))
    assert citations.p_value(3, np.array([1, 2, 3, 4])) == pytest.approx(3 / 5)


def test_on_the_book_s_own_graph_every_citation_is_counted_once(citation_tables) -> None:
    table, layers = citation_tables
    graph = citations.dependencies(table)
    assert not graph.duplicated(["citing", "cited"]).any()
    assert (graph["citing"] != graph["cited"]).all()
    flow = citations.between(graph, layers)
    found = citations.directions(graph, layers)
    assert flow.to_numpy().sum() == found.sum()
    assert citations.upward(flow, tuple(sorted(layers.dropna().unique()))) == found["up"]


@pytest.fixture(scope="module")
def citation_tables() -> tuple[pd.DataFrame, pd.Series]:
    from moip import data

    layers = data.table("specification_layers").set_index("specification")["layer"].astype(float)
    return data.table("specification_citations"), layers
