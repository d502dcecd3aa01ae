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

All are exact: conditional means by grouping, the additive model by its normal equations over the groups' sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

__all__ = ["Decomposition", "additive_share", "balanced", "decompose", "explained"]


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


def explained(codes: np.ndarray, values: np.ndarray, weights: np.ndarray, subset: Sequence[int]) -> float:
    """Var(E[Y | the columns in ``subset``]): variance of the groups' means, each group by its weight."""
    if not len(subset):
        return 0.0
    group = _group(codes, subset)
    size = np.bincount(group, weights=weights)
    means = np.bincount(group, weights=weights * values) / size
    return float(size @ (means - weights @ values / weights.sum()) ** 2 / weights.sum())


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
        right[start[i] : start[i + 1]] = np.bincount(codes[:, i], weights=weights * centered, minlength=widths[i])
        for j in range(codes.shape[1]):
            pair = codes[:, i] * widths[j] + codes[:, j]
            met = np.bincount(pair, weights=weights, minlength=widths[i] * widths[j])
            normal[start[i] : start[i + 1], start[j] : start[j + 1]] = met.reshape(widths[i], widths[j])
    effects = np.linalg.lstsq(normal, right, rcond=1e-10)[0]
    return float(np.clip(effects @ right / total, 0, 1))


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
    choices, values = np.asarray(choices), np.asarray(values, dtype=float)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    if choices.ndim != 2 or not values.shape == weights.shape == (len(choices),):
        raise ValueError(f"choices {choices.shape} and values {values.shape} must be (n, k) and (n,), weights (n,) too")
    if not (weights > 0).all():
        raise ValueError("a weight is not above 0")
    known = ~np.isnan(values)
    if not known.any():
        raise ValueError("no value is known")
    codes, values, weights = _codes(choices[known]), values[known], weights[known]
    if not np.isfinite(values).all():
        raise ValueError("a value is infinite: decompose a finite scale of it, such as Property.number gives")
    columns = range(codes.shape[1])
    names = [column + 1 for column in columns] if names is None else list(names)
    if len(names) != len(columns):
        raise ValueError(f"{len(names)} names for {len(columns)} columns")
    mean = float(weights @ values / weights.sum())
    variance = float(weights @ (values - mean) ** 2 / weights.sum())
    share = dict.fromkeys(("alone", "last", "shapley"), [0.0] * len(columns))
    if variance > 1e-24 * max(1.0, float(np.abs(values).max())) ** 2:
        worth = {
            subset: explained(codes, values, weights, subset) / variance
            for size in range(len(columns) + 1)
            for subset in combinations(columns, size)
        }
        whole = tuple(columns)
        share = {
            "alone": [worth[(c,)] for c in columns],
            "last": [worth[whole] - worth[tuple(o for o in columns if o != c)] for c in columns],
            "shapley": [_shapley(worth, columns, c) for c in columns],
        }
    else:
        variance = 0.0
    additive = additive_share(codes, values, weights)
    by_layer = pd.DataFrame({"layer": names, "choices": codes.max(axis=0) + 1, **share})
    return Decomposition(len(values), mean, variance, by_layer, additive, 1 - additive)


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
