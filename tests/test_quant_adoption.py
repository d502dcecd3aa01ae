"""Share of pairs, its test and its company, on cases small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from moip.quant import adoption


def test_the_shorter_always_wins():
    assert adoption.share_of_pairs([1, 2, 3, 4], [1, 1, 0, 0]) == (1.0, 4)
    assert adoption.share_of_pairs([4, 3, 2, 1], [1, 1, 0, 0]) == (0.0, 4)


def test_equal_numbers_count_half_and_equal_deployment_not_at_all():
    assert adoption.share_of_pairs([5, 5, 5], [2, 1, 1]) == (0.5, 2)
    assert adoption.share_of_pairs([1, 5, 5], [2, 1, 0]) == ((1 + 1 + 0.5) / 3, 3)


def test_only_documents_of_one_group_are_compared():
    assert adoption.share_of_pairs([1, 9, 2, 3], [1, 0, 0, 1], ["a", "a", "b", "b"]) == (0.5, 2)
    with pytest.raises(ValueError, match="no two documents"):
        adoption.share_of_pairs([1, 2], [1, 0], ["a", "b"])


def test_it_is_the_rank_statistic_that_others_compute():
    random = np.random.default_rng(3)
    number, count = random.integers(0, 9, 40), random.integers(0, 5, 40)
    share, _ = adoption.share_of_pairs(number, count)
    assert share == pytest.approx((1 - stats.somersd(count, number).statistic) / 2)
    used = count > 2
    u = stats.mannwhitneyu(number[~used], number[used]).statistic
    assert adoption.share_of_pairs(number, used)[0] == pytest.approx(u / used.sum() / (~used).sum())


def test_permutation_p_is_the_exact_one():
    # Of the 6 ways to deal two successes to four lengths, 2 are as extreme as the data.
    found = adoption.study([1, 2, 3, 4], [1, 1, 0, 0], draws=20_000)
    assert found.p == pytest.approx(1 / 3, abs=0.01)
    assert (found.share, found.low, found.high, found.pairs, found.n) == (1.0, 1.0, 1.0, 4, 4)


def test_interval_agrees_with_the_variance_of_the_rank_statistic():
    random = np.random.default_rng(5)
    number, used = random.normal(size=200), np.arange(200) % 2
    found = adoption.study(number, used, draws=4000)
    sd = np.sqrt((200 + 1) / (12 * 100 * 100))  # Mann-Whitney under no effect
    assert found.low < found.share < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * sd, rel=0.1)


def test_draws_are_seeded_and_stay_in_their_group():
    number, used, group = [3, 1, 4, 1, 5, 9], [1, 0, 1, 0, 1, 0], list("aaabbb")
    assert adoption.study(number, used, group) == adoption.study(number, used, group)
    apart = adoption.study([1, 2, 100, 200], [0, 1, 0, 1], list("aabb"), draws=400)
    assert apart.share == 0
    assert apart.p == pytest.approx(0.5, abs=0.1)  # four deals, two of them at the ends


def test_spread_is_that_of_the_rank_statistic_under_chance():
    found = adoption.study(np.arange(40), np.arange(40) % 2, draws=4000)
    sd = np.sqrt(41 / (12 * 20 * 20))
    assert found.spread == pytest.approx(sd, rel=0.05)
    assert found.detectable == pytest.approx(0.5 + 2.8 * sd, rel=0.02)


def test_building_on_goes_through_others_and_round_in_circles():
    edges = pd.DataFrame({"citing": ["c", "b", "a", "d"], "cited": ["b", "a", "c", "a"]})
    assert adoption.builds_on(edges, "d") == {"a", "b", "c"}
    assert adoption.builds_on(edges, "c") == {"a", "b"}
    assert adoption.builds_on(edges, "x") == set()


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3 numbers, 2 deployments"):
        adoption.share_of_pairs([1, 2, 3], [0, 1])


def test_holm_as_in_r():
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    corrected = adoption.holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert corrected == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert list(corrected) == ["a", "b", "c", "d"]


def test_odds_ratio_of_a_table_of_two_by_two():
    used = [1] * 10 + [0] * 10 + [1] * 5 + [0] * 15
    table = adoption.odds_ratio(used, pd.DataFrame({"short": [1] * 20 + [0] * 20}))
    row = table.loc["short"]
    assert row["ratio"] == pytest.approx((10 / 10) / (5 / 15))
    error = np.sqrt(1 / 10 + 1 / 10 + 1 / 5 + 1 / 15)
    assert row["high"] / row["ratio"] == pytest.approx(np.exp(1.96 * error), rel=1e-3)
    assert list(table.index) == ["short"]


def test_rate_ratio_is_the_ratio_of_means():
    table = adoption.rate_ratio([2, 4, 6, 1, 2, 3], pd.DataFrame({"base": [1, 1, 1, 0, 0, 0]}))
    assert table.loc["base", "ratio"] == pytest.approx(2)
    assert table.loc["base", "low"] < 2 < table.loc["base", "high"]


def test_wilson_interval_of_none_and_of_all():
    z2 = stats.norm.ppf(0.975) ** 2
    assert adoption.wilson(0, 12) == pytest.approx((0, z2 / (12 + z2)))
    assert adoption.wilson(12, 12) == pytest.approx((12 / (12 + z2), 1))
    known = stats.binomtest(17, 22).proportion_ci(method="wilson")
    assert adoption.wilson(17, 22) == pytest.approx((known.low, known.high))
