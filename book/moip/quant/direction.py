"""Which way citations lead between layers, and how sure one can be of it.

Of the citations that leave their layer, the share that goes down is 1 where what is above knows only what is below,
and one half where layers say nothing about who cites whom. Three comparisons:

- layers shuffled among the documents, with the citations left in place: what no order at all would show;
- documents with random weights (a Bayesian bootstrap, Rubin 1981, doi:10.1214/aos/1176345338): how much hangs on a few
  documents that many cite. A citation weighs as much as its two ends together;
- each citation moved to a document drawn from those that are no younger than the one that cites: what age alone would
  show, because one cannot cite what is not yet there.

Edges are tables with the columns `citing` and `cited`, layers are numbers (1 at the bottom) in a Series indexed by
document. All draws are seeded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Leaning:
    """Citations down, level and up. `share`: down, of those that leave their layer, with three intervals of 95 %."""

    down: int
    level: int
    up: int
    share: float
    low: float
    high: float
    shuffled_low: float
    shuffled_high: float

    @property
    def leaving(self) -> int:
        """Citations that leave their layer."""
        return self.down + self.up

    @property
    def total(self) -> int:
        """All citations between documents that have a layer."""
        return self.leaving + self.level


def _coded(edges: pd.DataFrame, layers: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Index]:
    """Ends of the edges as positions, the layers, and the documents, of edges whose ends both have a layer."""
    known = layers.dropna().astype(int)
    kept = edges[edges["citing"].isin(known.index) & edges["cited"].isin(known.index)]
    at = pd.Series(np.arange(len(known)), index=known.index)
    return at[kept["citing"]].to_numpy(), at[kept["cited"]].to_numpy(), known.to_numpy(), known.index


def _share(steps: np.ndarray, weights: np.ndarray | float = 1.0) -> np.ndarray:
    """Share of the steps that lead down, of those that are not level, along the last axis."""
    down, up = ((steps < 0) * weights).sum(axis=-1), ((steps > 0) * weights).sum(axis=-1)
    if np.any(down + up == 0):
        raise ValueError("no citation leaves its layer, so there is no direction to speak of")
    return down / (down + up)


def leaning(edges: pd.DataFrame, layers: pd.Series, *, draws: int = 2000, seed: int = 1) -> Leaning:
    """Which way the citations lead. ValueError when none leaves its layer."""
    citing, cited, layer, documents = _coded(edges, layers)
    steps = np.sign(layer[cited] - layer[citing])
    share = float(_share(steps))
    rng = np.random.default_rng(seed)
    mixed = rng.permuted(np.tile(layer, (draws, 1)), axis=1)
    shuffled = _share(np.sign(mixed[:, cited] - mixed[:, citing]))
    weight = rng.exponential(size=(draws, len(documents)))
    drawn = _share(steps, weight[:, citing] * weight[:, cited])
    return Leaning(
        int((steps < 0).sum()),
        int((steps == 0).sum()),
        int((steps > 0).sum()),
        share,
        *(float(x) for x in np.quantile(drawn, TAILS)),
        *(float(x) for x in np.quantile(shuffled, TAILS)),
    )


def by_age(
    edges: pd.DataFrame, layers: pd.Series, dates: pd.Series, *, draws: int = 400, seed: int = 1
) -> tuple[float, float]:
    """Share down that age alone would show: the ends of an interval of 95 %.

    Each citation goes to a document drawn from those with a layer that are no younger than the one that cites.
    `dates`: date by document; a document without one is left out.
    """
    dated = layers[layers.index.isin(dates.dropna().index)]
    citing, _, layer, documents = _coded(edges, dated)
    when = pd.to_datetime(dates[documents]).to_numpy()
    rng = np.random.default_rng(seed)
    steps = []
    for document, count in zip(*np.unique(citing, return_counts=True), strict=True):
        pool = np.flatnonzero(when <= when[document])
        pool = pool[pool != document]
        if len(pool):
            steps.append(np.sign(layer[rng.choice(pool, (draws, count))] - layer[document]))
    low, high = np.quantile(_share(np.concatenate(steps, axis=1)), TAILS)
    return float(low), float(high)
