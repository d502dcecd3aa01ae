"""Direction of citations on small graphs whose answer is plain."""

import pandas as pd
import pytest

from moip.quant import direction


def graph(*pairs):
    return pd.DataFrame(pairs, columns=["citing", "cited"])


LAYERS = pd.Series({"a": 1, "b": 1, "c": 2, "d": 2, "e": 3, "f": 3})
DOWN = graph(*[(x, y) for x in "ef" for y in "abcd"], *[(x, y) for x in "cd" for y in "ab"])


def test_a_pure_order_is_all_down_and_beats_every_shuffle():
    found = direction.leaning(DOWN, LAYERS, draws=300)
    assert (found.down, found.level, found.up) == (12, 0, 0)
    assert (found.share, found.low, found.high) == (1, 1, 1)
    assert found.shuffled_low < 0.3 and found.shuffled_high < 1.01


def test_turned_around_it_is_all_up():
    turned = DOWN.rename(columns={"citing": "cited", "cited": "citing"})
    assert direction.leaning(turned, LAYERS, draws=50).share == 0


def test_counts_leave_out_documents_without_a_layer_and_level_citations_from_the_share():
    edges = graph(("c", "a"), ("a", "c"), ("a", "b"), ("c", "zzz"))
    found = direction.leaning(edges, LAYERS, draws=50)
    assert (found.down, found.level, found.up) == (1, 1, 1)
    assert found.share == 0.5 and found.leaving == 2 and found.total == 3


def test_one_hub_makes_the_interval_wide():
    spread = graph(*[(f"t{i}", f"b{i}") for i in range(40)])
    hub = graph(*[(f"t{i}", "b0") for i in range(20)], *[("b0", f"t{i}") for i in range(20, 30)])
    layers = pd.Series({f"t{i}": 2 for i in range(40)} | {f"b{i}": 1 for i in range(40)})
    against = graph(*[(f"b{i}", f"t{i}") for i in range(20)])
    wide = direction.leaning(hub, layers, draws=400)
    narrow = direction.leaning(pd.concat([spread, against]), layers, draws=400)
    assert wide.share == pytest.approx(2 / 3) and narrow.share == pytest.approx(2 / 3)
    assert wide.high - wide.low > 0.1


def test_nothing_leaves():
    with pytest.raises(ValueError, match="no direction"):
        direction.leaning(graph(("a", "b")), LAYERS)


def test_age_alone():
    """The old ones are all below: whoever cites what is older cites down, whatever the citations say."""
    dates = pd.Series(pd.to_datetime(["2010"] * 2 + ["2015"] * 2 + ["2020"] * 2), index=list("abcdef"))
    low, high = direction.by_age(DOWN, LAYERS, dates, draws=50)
    assert low == high == 1
    same = pd.Series(pd.Timestamp("2010"), index=list("abcdef"))
    low, high = direction.by_age(graph(("c", "a"), ("c", "e"), ("d", "b"), ("d", "f")), LAYERS, same, draws=300)
    assert low < 0.5 < high
    assert direction.by_age(DOWN, LAYERS, dates, draws=50, seed=7) == (1, 1)
