"""How much of a property's variation do the layers explain, each by itself, and how much only together?

Given: many stacks, each a choice for every layer, and a number for each stack. All stacks count alike, unless weights say
otherwise: a technology that fits many others stands in many stacks, so what is common in the catalog weighs more.

On a full product (every choice of a layer with every choice of the others) this is the functional analysis of variance
of Hoeffding and Sobol: main effects and interactions are orthogonal and add up to the variance. Well-formed stacks are
no full product: what is chosen at one layer limits the others. Then main effects overlap, first-order indices may add up
to more than 1, and no split is the only one. So four numbers are given, each with one meaning that holds in any case:

- ``alone``  Var(E[Y | layer]) / Var(Y): what is known on average once the layer is known (first-order Sobol index).
- ``last``   1 - Var(E[Y | the other layers]) / Var(Y): what remains open until the layer is known (total Sobol index).
- ``shapley`` the mean of what the layer adds to Var(E[Y | layers known so far]) over all orders; the shares add up to
  1 whatever the dependence (Shapley effects: Owen 2014; Song et al. 2016, as the R package sensitivity cites them).
- ``interaction``, one number: 1 - R² of the best additive model, Y = a + f1(layer 1) + ... + f5(layer 5), by least
  squares. It is the share that no assignment of values to single layers can reproduce, and 0 for a sum. On a full
  product it equals 1 minus the sum of the first-order indices.

All are exact: conditional means by grouping, the additive model by its normal equations over the groups' sizes. A
`Design` holds the groups, so that many properties of the same stacks can be split without grouping them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

__all__ = ["Decomposition", "Design", "additive_share", "balanced", "decompose", "explained"]


@dataclass(frozen=True)
class Decomposition:
    """The result of `decompose`. ``by_layer``: columns layer, choices, alone, last, shapley (shares of the variance)."""

    count: int
    mean: float
    variance: float
    by_layer: pd.DataFrame
    additive: float
    interaction: float


def _codes(choices: np.ndarray) -> np.ndarray:
    """Choices as consecutive numbers from 0 in each column; shape (n, k), int64."""
    return np.stack([pd.factorize(column, sort=True)[0] for column in np.asarray(choices).T], axis=1).astype(np.int64)


def _group(codes: np.ndarray, subset: Sequence[int]) -> np.ndarray:
    """A number for each combination of the columns in ``subset`` that occurs; shape (n,)."""
    group = np.zeros(len(codes), dtype=np.int64)
    for column in subset:
        group = pd.factorize(group * (codes[:, column].max() + 1) + codes[:, column])[0].astype(np.int64)
    return group


def _between(group: np.ndarray, centered: np.ndarray, weights: np.ndarray) -> float:
    """Variance of the groups' means, each group by its weight; centered: values less their mean."""
    size = np.bincount(group, weights=weights)
    sums = np.bincount(group, weights=weights * centered)
    return float((sums[size > 0] ** 2 / size[size > 0]).sum() / size.sum())


def explained(codes: np.ndarray, values: np.ndarray, weights: np.ndarray, subset: Sequence[int]) -> float:
    """Var(E[Y | the columns in ``subset``]): variance of the groups' means, each group by its weight."""
    if not len(subset):
        return 0.0
    return _between(_group(codes, subset), values - weights @ values / weights.sum(), weights)


def additive_share(codes: np.ndarray, values: np.ndarray, weights: np.ndarray) -> float:
    """R² of the best additive model over the columns of ``codes``; 1 where the values do not vary.

    Least squares on indicators of every choice, by normal equations: their matrix holds how often two choices meet.
    """
    centered = values - weights @ values / weights.sum()
    total = float(weights @ centered**2)
    if total <= 1e-24 * weights.sum() * max(1.0, float(np.abs(values).max())) ** 2:
        return 1.0
    widths = codes.max(axis=0) + 1
    start = np.concatenate([[0], np.cumsum(widths)])
    normal = np.zeros((start[-1], start[-1]))
    right = np.zeros(start[-1])
    for i in range(codes.shape[1]):
        own = slice(start[i], start[i + 1])
        right[own] = np.bincount(codes[:, i], weights=weights * centered, minlength=widths[i])
        for j in range(i, codes.shape[1]):
            pair = codes[:, i] * widths[j] + codes[:, j]
            met = np.bincount(pair, weights=weights, minlength=widths[i] * widths[j]).reshape(widths[i], widths[j])
            other = slice(start[j], start[j + 1])
            normal[own, other], normal[other, own] = met, met.T
    met = np.diag(normal) > 0  # a choice whose stacks all have weight 0 has no effect to find
    effects = np.linalg.lstsq(normal[np.ix_(met, met)], right[met], rcond=1e-10)[0]
    return float(np.clip(effects @ right[met] / total, 0, 1))


@dataclass(frozen=True, eq=False)
class Design:
    """Stacks, each a choice for every layer, grouped once for all properties.

    codes: the choices as numbers (n, k), names: of the columns.
    """

    codes: np.ndarray
    names: tuple[str | int, ...]

    @classmethod
    def of(cls, choices: np.ndarray, names: Sequence[str | int] | None = None) -> Design:
        """From choices (n, k), any kind of labels; names of the columns are 1 to k unless given. ValueError else."""
        choices = np.asarray(choices)
        if choices.ndim != 2:
            raise ValueError(f"choices {choices.shape} must be (n, k)")
        names = tuple(range(1, choices.shape[1] + 1) if names is None else names)
        if len(names) != choices.shape[1]:
            raise ValueError(f"{len(names)} names for {choices.shape[1]} columns")
        return cls(_codes(choices), names)

    @cached_property
    def groups(self) -> dict[tuple[int, ...], np.ndarray]:
        """For every choice of columns, a number for each combination of their choices that occurs; shape (n,)."""
        found: dict[tuple[int, ...], np.ndarray] = {(): np.zeros(len(self.codes), dtype=np.int64)}
        for size in range(1, len(self.names) + 1):
            for subset in combinations(range(len(self.names)), size):
                column = self.codes[:, subset[-1]]
                found[subset] = pd.factorize(found[subset[:-1]] * (column.max() + 1) + column)[0]
        return found

    def decompose(self, values: np.ndarray, weights: np.ndarray | None = None) -> Decomposition:
        """Split the variance of ``values`` (n,), as the function `decompose` does."""
        values = np.asarray(values, dtype=float)
        weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
        if not values.shape == weights.shape == (len(self.codes),):
            raise ValueError(
                f"choices {self.codes.shape} and values {values.shape} must be (n, k) and (n,), weights (n,) too"
            )
        if not (weights > 0).all():
            raise ValueError("a weight is not above 0")
        known = ~np.isnan(values)
        if not known.any():
            raise ValueError("no value is known")
        if not np.isfinite(values[known]).all():
            raise ValueError("a value is infinite: decompose a finite scale of it, such as Property.number gives")
        weights, values = np.where(known, weights, 0.0), np.where(known, values, 0.0)
        mean = float(weights @ values / weights.sum())
        variance = float(weights @ (values - mean) ** 2 / weights.sum())
        columns = range(len(self.names))
        share = dict.fromkeys(("alone", "last", "shapley"), [0.0] * len(columns))
        if variance > 1e-24 * max(1.0, float(np.abs(values).max())) ** 2:
            worth = {s: _between(group, values - mean, weights) / variance for s, group in self.groups.items()}
            whole = tuple(columns)
            share = {
                "alone": [worth[(c,)] for c in columns],
                "last": [worth[whole] - worth[tuple(o for o in columns if o != c)] for c in columns],
                "shapley": [_shapley(worth, columns, c) for c in columns],
            }
        else:
            variance = 0.0
        additive = additive_share(self.codes, values, weights)
        choices = [len(np.unique(column)) for column in self.codes[known].T]
        by_layer = pd.DataFrame({"layer": self.names, "choices": choices, **share})
        return Decomposition(int(known.sum()), mean, variance, by_layer, additive, 1 - additive)

    def pairs(self, values: np.ndarray) -> pd.DataFrame:
        """For every two columns: first, second, ``told`` by the two together, and ``only_together`` (shares of variance).

        only_together: what the pair tells beyond the best sum of an effect of one and an effect of the other. Stacks whose
        value is NaN are left out.
        """
        known = ~np.isnan(values)
        weights, values = known.astype(float), np.where(known, values, 0.0)
        mean = weights @ values / weights.sum()
        variance = weights @ (values - mean) ** 2 / weights.sum()
        rows = []
        for a, b in combinations(range(len(self.names)), 2):
            told = _between(self.groups[a, b], values - mean, weights) / variance
            apart = additive_share(self.codes[:, [a, b]], values, weights)
            rows.append([self.names[a], self.names[b], told, told - apart])
        return pd.DataFrame(rows, columns=["first", "second", "told", "only_together"])

    def swaps(self, values: np.ndarray) -> pd.DataFrame:
        """What changes when one column is swapped and the others stay: one row a column.

        layer, swaps (pairs of stacks that differ in this column alone and whose values are known), changed (share of them
        whose values differ; NaN where there is no pair), stuck (share of all stacks that have no such pair).
        """
        known = ~np.isnan(values)
        level = pd.factorize(np.asarray(values)[known])[0]
        rows = []
        for c, name in enumerate(self.names):
            group = self.groups[tuple(o for o in range(len(self.names)) if o != c)]
            size, own = np.bincount(group), np.bincount(group[known])
            same = np.bincount(pd.factorize(group[known] * (level.max() + 1) + level)[0])
            swaps, equal = int((own * (own - 1) // 2).sum()), int((same * (same - 1) // 2).sum())
            changed = 1 - equal / swaps if swaps else float("nan")
            rows.append([name, swaps, changed, float((size == 1).sum() / len(group))])
        return pd.DataFrame(rows, columns=["layer", "swaps", "changed", "stuck"])


def decompose(
    choices: np.ndarray,
    values: np.ndarray,
    names: Sequence[str | int] | None = None,
    weights: np.ndarray | None = None,
) -> Decomposition:
    """Split the variance of ``values`` (n,) over the columns of ``choices`` (n, k), any kind of labels.

    names: of the columns (default 1 to k). weights: how much each stack counts (n,), above 0 (default: all alike);
    `balanced` gives each choice of a layer the same. Stacks whose value is NaN (unknown) are left out and not counted.
    ValueError where shapes differ, a value is infinite, a weight is not above 0, or no value is known. Cost: 2^k
    groupings.
    """
    return Design.of(choices, names).decompose(values, weights)


def balanced(choices: np.ndarray, column: int) -> np.ndarray:
    """Weights (n,) that make every choice of one column count alike, however many stacks it stands in; mean 1."""
    group = _group(_codes(choices), [column])
    size = np.bincount(group)
    return len(group) / len(size) / size[group]


def _shapley(worth: dict[tuple[int, ...], float], columns: range, column: int) -> float:
    others = [other for other in columns if other != column]
    count, total = len(columns), 0.0
    for size in range(count):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for subset in combinations(others, size):
            total += weight * (worth[tuple(sorted((*subset, column)))] - worth[subset])
    return total
