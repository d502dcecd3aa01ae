"""Direction of citations on small graphs whose answer is plain."""

import pandas as pd
import pytest

from moip.quant import direction


def graph(*pairs):
    return pd.DataFrame(pairs, columns=["citing", "cited"])


LAYERS = pd.Series({"a": 1, "b": 1, "c": 2, "d": 2, "e": 3, "f": 3})
DOWN = graph(*[(x, y) for x in "ef" for y in "abcd"], *[(x, y) for x in "cd" for y in "ab"])


def test_a_pure_order_is_all_down_and_no_other_order_is_better():
    found = direction.leaning(DOWN, LAYERS, draws=300)
    assert (found.down, found.level, found.up) == (12, 0, 0)
    assert (found.share, found.low, found.high) == (1, 1, 1)
    assert (found.orders, found.better) == (6, 0)
    assert found.stacked_low == pytest.approx(1 - found.stacked_high)


def test_turned_around_it_is_all_up_and_every_other_order_is_better():
    turned = DOWN.rename(columns={"citing": "cited", "cited": "citing"})
    found = direction.leaning(turned, LAYERS, draws=50)
    assert found.share == 0 and found.better == found.orders - 1


def test_orders_by_hand():
    """Four lead down to 1, one up from 2 to 3: of the six orders only the one with 2 on top puts all five down."""
    edges = graph(("c", "a"), ("d", "a"), ("e", "a"), ("f", "b"), ("c", "e"))
    found = direction.leaning(edges, LAYERS, draws=50)
    assert (found.down, found.up, found.better) == (4, 1, 1)


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
    assert direction.by_age(DOWN, LAYERS, dates) == 1
    same = pd.Series(pd.Timestamp("2010"), index=list("abcdef"))
    assert direction.by_age(graph(("c", "a"), ("d", "f")), LAYERS, same) == 0.5


def test_age_by_hand():
    """From c, of layer 2, older are a (1) and e (3); from f, of layer 3, all five, of which four lie below."""
    dates = pd.Series(pd.to_datetime(["2010", "2016", "2015", "2016", "2012", "2020"]), index=list("abcdef"))
    expected = (1 / 2 + 4 / 5) / (1 / 2 + 4 / 5 + 1 / 2)
    assert direction.by_age(graph(("c", "a"), ("f", "b")), LAYERS, dates) == pytest.approx(expected)


def test_age_says_when_nothing_would_leave():
    dates = pd.Series(pd.Timestamp("2010"), index=["a", "b"])
    with pytest.raises(ValueError, match="no direction"):
        direction.by_age(graph(("a", "b")), LAYERS, dates)
