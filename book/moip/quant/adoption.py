"""Is the simpler of two specifications the one that is deployed more? Pairs, intervals, permutations, odds.

The measure is the *share of pairs*: among all pairs of documents of one group whose deployment differs, the share in
which the more deployed one has the smaller number (of words, say); pairs with equal numbers count half. It is the
probability of superiority of a rank test within groups (the area under the ROC curve where deployment is yes or no,
(1 + Somers' D) / 2 in general), it needs no scale, and 0.5 says that the number tells nothing.

Arrays are one-dimensional and of the same length n, one entry a document. Random draws are seeded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Share", "builds_on", "holm", "odds_ratio", "rate_ratio", "share_of_pairs", "study", "wilson"]


@dataclass(frozen=True)
class Share:
    """A share of pairs (0 to 1) with its 95 % interval `low` to `high` and its two-sided `p`.

    `pairs`, `n`: pairs and documents it rests on. `spread`: standard deviation of the share if the number says nothing.
    """

    share: float
    low: float
    high: float
    p: float
    pairs: int
    n: int
    spread: float

    @property
    def detectable(self) -> float:
        """The share that a test at 5 % finds four times in five: one half and 2.8 spreads (normal approximation)."""
        return 0.5 + (1.96 + 0.84) * self.spread


def _arrays(number: Sequence, deployed: Sequence, group: Sequence | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    number, deployed = np.asarray(number, dtype=float), np.asarray(deployed, dtype=float)
    codes = np.zeros(len(number), dtype=int) if group is None else pd.factorize(pd.Series(list(group)))[0]
    if not len(number) == len(deployed) == len(codes):
        raise ValueError(f"{len(number)} numbers, {len(deployed)} deployments and {len(codes)} groups")
    return number, deployed, codes


def _count(number: np.ndarray, deployed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(favorable pairs, pairs) of each draw; both arguments are draws x documents of one group."""
    more = deployed[:, :, None] > deployed[:, None, :]
    smaller = number[:, :, None] < number[:, None, :]
    equal = number[:, :, None] == number[:, None, :]
    favorable = (more & smaller).sum(axis=(1, 2)) + (more & equal).sum(axis=(1, 2)) / 2
    return favorable, more.sum(axis=(1, 2))


def share_of_pairs(number: Sequence, deployed: Sequence, group: Sequence | None = None) -> tuple[float, int]:
    """(share of pairs, number of pairs).

    `number`: what should be small; `deployed`: larger is more; `group`: only documents with the same value are
    compared (all of them if None). `ValueError` when no pair can be compared.
    """
    number, deployed, group = _arrays(number, deployed, group)
    counts = [_count(number[None, group == g], deployed[None, group == g]) for g in np.unique(group)]
    favorable, pairs = (float(sum(count[i][0] for count in counts)) for i in (0, 1))
    if not pairs:
        raise ValueError("no two documents of a group differ in deployment")
    return favorable / pairs, int(pairs)


def study(
    number: Sequence,
    deployed: Sequence,
    group: Sequence | None = None,
    *,
    draws: int = 2000,
    seed: int = 11,
) -> Share:
    """Share of pairs with a bootstrap interval and a permutation test.

    Interval: documents are drawn again with replacement within their group, 2.5 and 97.5 percentiles. Test: deployment
    is dealt out anew within the groups; `p` is the share of deals at least as far from one half as the data, the data
    counted among them. `draws`: of each kind.
    """
    share, pairs = share_of_pairs(number, deployed, group)
    number, deployed, group = _arrays(number, deployed, group)
    random = np.random.default_rng(seed)
    again, dealt = np.zeros((2, draws)), np.zeros((2, draws))
    for g in np.unique(group):
        x, y = number[group == g], deployed[group == g]
        if x.size == 1 or np.ptp(y) == 0:
            continue
        step = max(1, 2_000_000 // x.size**2)
        for start in range(0, draws, step):
            part = slice(start, min(start + step, draws))
            shape = (part.stop - start, x.size)
            drawn = random.integers(0, x.size, shape)
            again[:, part] += _count(x[drawn], y[drawn])
            dealt[:, part] += _count(np.broadcast_to(x, shape), random.permuted(np.broadcast_to(y, shape), axis=1))
    low, high = np.percentile(again[0, again[1] > 0] / again[1, again[1] > 0], [2.5, 97.5])
    chance = dealt[0] / dealt[1]
    far = np.abs(chance - 0.5) >= abs(share - 0.5) - 1e-12
    p = float((far.sum() + 1) / (draws + 1))
    return Share(share, float(low), float(high), p, pairs, len(number), float(chance.std()))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """p values corrected for their number, so that the chance of any false alarm stays at the level (Holm 1979).

    Key -> corrected value, in the order given.
    """
    corrected, floor = {}, 0.0
    for rank, key in enumerate(sorted(p, key=lambda name: p[name])):
        floor = max(floor, min(1.0, (len(p) - rank) * p[key]))
        corrected[key] = floor
    return {key: corrected[key] for key in p}


def builds_on(edges: pd.DataFrame, document: str) -> set[str]:
    """Everything that a document builds on, directly or through others.

    `edges`: columns `citing` and `cited`, one row a declared dependency.
    """
    direct = edges.groupby("citing")["cited"].agg(set).to_dict()
    found: set[str] = set()
    todo = [document]
    while todo:
        new = direct.get(todo.pop(), set()) - found - {document}
        found |= new
        todo += sorted(new)
    return found


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson score), low and high; it stays between 0 and 1 at the ends too."""
    z2 = 1.959964**2
    middle = (successes + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (successes * (n - successes) / n + z2 / 4)) / (n + z2)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def odds_ratio(deployed: Sequence, measures: pd.DataFrame) -> pd.DataFrame:
    """Logistic regression: how the odds of being deployed change by one unit of each column.

    Index: the columns; columns: ratio, low, high (95 % interval by the standard errors), p. A constant is added.
    """
    from statsmodels.discrete.discrete_model import Logit

    return _ratios(Logit(np.asarray(deployed, dtype=float), _with_constant(measures)).fit(disp=0, maxiter=200))


def rate_ratio(count: Sequence, measures: pd.DataFrame) -> pd.DataFrame:
    """Poisson regression with errors that allow for overdispersion (HC1): how a count changes by one unit.

    Index: the columns; columns: ratio, low, high (95 % interval), p. A constant is added.
    """
    from statsmodels.discrete.discrete_model import Poisson

    model = Poisson(np.asarray(count, dtype=float), _with_constant(measures))
    return _ratios(model.fit(disp=0, maxiter=200, cov_type="HC1"))


def _with_constant(measures: pd.DataFrame) -> pd.DataFrame:
    return measures.astype(float).assign(constant=1.0)


def _ratios(fit) -> pd.DataFrame:
    table = fit.conf_int().set_axis(["low", "high"], axis=1).assign(ratio=fit.params, p=fit.pvalues)
    table = table.drop(index="constant")
    table[["ratio", "low", "high"]] = np.exp(table[["ratio", "low", "high"]])
    return table[["ratio", "low", "high", "p"]]
