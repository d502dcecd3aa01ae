"""How paying changed: what each way of paying asks, how long formats took to spread, what a newsletter wrote about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = ["BY_DEVICE", "BY_HAND", "LEVEL", "RECEIVED", "median_bounds", "shift", "tally"]

BY_HAND = ("typed", "copied")
BY_DEVICE = ("scanned", "tapped", "clicked")
RECEIVED = ("received",)
LEVEL = 0.95
"""Of the interval of `shift`."""


def tally(steps: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """What a payer and the payer's programs handle in each way of paying.

    `steps`: the table ``payment_steps`` (way, actor, mode, piece, decides); `sizes`: characters or bytes of each piece.
    One row a way, in the order of the steps: by_hand, by_device (characters, the payer alone), received (bytes that the
    payer's side gets from others), decisions, steps. ValueError for a piece without a size.
    """
    unknown = set(steps.piece.dropna()) - set(sizes)
    if unknown:
        raise ValueError(f"no size for {sorted(unknown)[0]!r}")
    size = steps.piece.map(sizes).fillna(0)
    payer = steps.actor == "payer"
    parts = pd.DataFrame(
        {
            "way": steps.way,
            "by_hand": size.where(payer & steps["mode"].isin(BY_HAND), 0),
            "by_device": size.where(payer & steps["mode"].isin(BY_DEVICE), 0),
            "received": size.where(steps["mode"].isin(RECEIVED), 0),
            "decisions": (payer & steps.decides.notna()).astype(int),
            "steps": 1,
        }
    )
    return parts.groupby("way", sort=False).sum().astype(int)


def median_bounds(dated: Sequence[float], undated: Sequence[float], never: Sequence[float]) -> tuple[float, float]:
    """Earliest and latest time by which at least half of a group can have done something.

    `dated`: times at which a member did it; `undated`: times by which a member had done it, at an unknown time before
    (interval-censored); `never`: times by which a member had not (right-censored). Each time lies between a lower and
    an upper limit, and an order statistic rises with every one of them, so the bounds are those of the limits. The
    upper one is ``inf`` where half of the group had not done it yet. ValueError for an empty group.
    """
    low = sorted([*dated, *(0.0 for _ in undated), *never])
    high = sorted([*dated, *undated, *(math.inf for _ in never)])
    if not low:
        raise ValueError("no member")
    half = math.ceil(len(low) / 2) - 1
    return float(low[half]), float(high[half])


def shift(
    mentions: pd.DataFrame, categories: pd.Series, early: Sequence[int], late: Sequence[int], *, draws: int, seed: int
) -> pd.DataFrame:
    """Each category's share of all mentions in early and in late years, and the change with its interval.

    `mentions`: topic, year, mentions; `categories`: a list of categories by topic; a mention counts in equal parts for
    each of its topic's categories. The interval (of `LEVEL`) is the percentile bootstrap over topics, since mentions of a topic
    come together. One row a category: early, late, change, low, high (all shares of 1).
    """
    long = categories.explode()
    share = pd.crosstab(long.index, long, normalize="index")

    def weights(years: Sequence[int]) -> np.ndarray:
        counts = mentions[mentions.year.isin(years)].groupby("topic").mentions.sum()
        return share.mul(counts.reindex(share.index, fill_value=0), axis=0).to_numpy()

    first, second = weights(early), weights(late)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(share), np.full(len(share), 1 / len(share)), size=draws)

    def shares(of: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        total = drawn @ of
        return total / total.sum(axis=1, keepdims=True)

    once = np.ones((1, len(share)))
    before, after = shares(first, once)[0], shares(second, once)[0]
    low, high = np.quantile(shares(second, times) - shares(first, times), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    columns = {"early": before, "late": after, "change": after - before, "low": low, "high": high}
    return pd.DataFrame(columns, index=share.columns)
