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
`Design` groups stacks once, coarser groups out of finer ones, so that many properties of the same stacks can be split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

__all__ = ["Decomposition", "Design", "balanced", "decompose"]

Columns = tuple[int, ...]
TOLERANCE, STEPS = 1e-12, 5_000
"""When conjugate gradients stop: residual as a share of the right side, and steps at most."""


@dataclass(frozen=True)
class Decomposition:
    """The result of `decompose`. ``by_layer``: columns layer, choices, alone, last, shapley (shares of the variance)."""

    count: int
    mean: float
    variance: float
    by_layer: pd.DataFrame
    additive: float
    interaction: float


@dataclass(frozen=True, eq=False)
class _Cells:
    """The combinations of some columns' choices that occur: codes (cells, columns), and the cell of each finer one."""

    codes: np.ndarray
    parent: Columns | None
    of: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def _cells(codes: np.ndarray, parent: Columns | None = None) -> _Cells:
    """Cells of rows of codes (m, columns)."""
    number = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        number = pd.factorize(number * (column.max(initial=0) + 1) + column)[0]
    first = np.empty(number.max(initial=-1) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(codes))[::-1]
    return _Cells(codes[first], parent, number)


@dataclass(frozen=True, eq=False)
class Design:
    """Stacks, each a choice for every layer: codes, the choices as numbers from 0 (n, k), and names of the columns."""

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
        codes = [pd.factorize(column, sort=True)[0] for column in choices.T]
        return cls(np.stack(codes, axis=1).astype(np.int64), names)

    @cached_property
    def cells(self) -> dict[Columns, _Cells]:
        """Cells of every choice of columns, each out of the fewest cells that have one column more."""
        whole = tuple(range(len(self.names)))
        found = {whole: _cells(self.codes)}
        for size in range(len(whole) - 1, -1, -1):
            for columns in combinations(whole, size):
                finer = (tuple(sorted((*columns, c))) for c in whole if c not in columns)
                parent = min(finer, key=lambda one: len(found[one]))
                kept = [parent.index(c) for c in columns]
                found[columns] = _cells(found[parent].codes[:, kept], parent)
        return found

    def _cell_of(self, columns: Columns) -> np.ndarray:
        """The cell of each stack, (n,)."""
        cells = self.cells[columns]
        return cells.of if cells.parent is None else cells.of[self._cell_of(cells.parent)]

    def _sums(self, weights: np.ndarray, centered: np.ndarray) -> dict[Columns, tuple[np.ndarray, np.ndarray]]:
        """Weight, and sum of weight times value, of every cell of every choice of columns."""
        found: dict[Columns, tuple[np.ndarray, np.ndarray]] = {}
        for columns, cells in self.cells.items():
            size, total = (weights, weights * centered) if cells.parent is None else found[cells.parent]
            if len(cells) < len(size):  # else each is a cell of its own, in the same order
                size, total = (np.bincount(cells.of, weights=part, minlength=len(cells)) for part in (size, total))
            found[columns] = size, total
        return found

    def _fitted(self, sums: dict[Columns, tuple[np.ndarray, np.ndarray]], chosen: Columns) -> float:
        """Sum of squares that the best sum of one effect for each chosen column explains, by its normal equations."""
        start = dict(zip(chosen, np.cumsum([0, *(len(self.cells[c,]) for c in chosen)]), strict=False))
        width = sum(len(self.cells[c,]) for c in chosen)
        met, right = np.zeros(width), np.zeros(width)
        for c in chosen:
            own = start[c] + self.cells[c,].codes[:, 0]
            met[own], right[own] = sums[c,]
        scale = np.divide(1, np.sqrt(met), out=np.zeros(width), where=met > 0)  # 0: no stack left with this choice
        rows, columns, values = [np.arange(width)], [np.arange(width)], [np.where(met > 0, 1.0, 0.0)]
        for a, b in combinations(chosen, 2):
            one, other = (start[c] + self.cells[a, b].codes[:, i] for i, c in enumerate((a, b)))
            rows, columns = [*rows, one, other], [*columns, other, one]
            values += [sums[a, b][0] * scale[one] * scale[other]] * 2
        normal = csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (width, width))
        return _quadratic(normal, right * scale)

    def _prepared(self, values: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, float]:
        """Weights (0 where unknown), values less their mean (0 where unknown), and the mean."""
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
        weights = np.where(known, weights, 0.0)
        values = np.where(known, values, 0.0)
        mean = float((weights * values).sum() / weights.sum())  # sums, not dot products: those wake up all cores
        centered = np.where(known, values - mean, 0.0)
        if (weights * centered**2).sum() <= 1e-24 * weights.sum() * max(1.0, float(np.abs(values).max())) ** 2:
            centered[:] = 0.0
        return weights, centered, mean

    def decompose(self, values: np.ndarray, weights: np.ndarray | None = None) -> Decomposition:
        """Split the variance of ``values`` (n,), as the function `decompose` does."""
        weights, centered, mean = self._prepared(values, weights)
        variance = float((weights * centered**2).sum() / weights.sum())
        whole = tuple(range(len(self.names)))
        share = dict.fromkeys(("alone", "last", "shapley"), [0.0] * len(whole))
        additive = 1.0
        sums = self._sums(weights, centered)
        if variance:
            worth = {columns: _between(*both) / (variance * weights.sum()) for columns, both in sums.items()}
            share = {
                "alone": [worth[c,] for c in whole],
                "last": [worth[whole] - worth[tuple(o for o in whole if o != c)] for c in whole],
                "shapley": [_shapley(worth, whole, c) for c in whole],
            }
            additive = float(np.clip(self._fitted(sums, whole) / (variance * weights.sum()), 0, 1))
        choices = [int((sums[c,][0] > 0).sum()) for c in whole]
        by_layer = pd.DataFrame({"layer": self.names, "choices": choices, **share})
        return Decomposition(int((weights > 0).sum()), mean, variance, by_layer, additive, 1 - additive)

    def pairs(self, values: np.ndarray) -> pd.DataFrame:
        """For every two columns: first, second, ``told`` by the two together, and ``only_together`` (shares of variance).

        only_together: what the pair tells beyond the best sum of an effect of one and an effect of the other. Stacks whose
        value is NaN are left out. ValueError where nothing varies.
        """
        weights, centered, _ = self._prepared(values, None)
        total = float((weights * centered**2).sum())
        if not total:
            raise ValueError("the values do not vary")
        sums = self._sums(weights, centered)
        rows = []
        for a, b in combinations(range(len(self.names)), 2):
            told = _between(*sums[a, b]) / total
            rows.append([self.names[a], self.names[b], told, max(told - self._fitted(sums, (a, b)) / total, 0.0)])
        return pd.DataFrame(rows, columns=["first", "second", "told", "only_together"])

    def without(self, values: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The interaction (see `Decomposition`) of the stacks that are left when those with a label are taken out.

        labels: numbers from 0 (n,); one share for each label, NaN where nothing is left or nothing varies.
        """
        weights, values, _ = self._prepared(values, None)
        count = int(labels.max()) + 1
        whole = tuple(range(len(self.names)))
        few = [columns for columns in self.cells if 0 < len(columns) < 3]
        left: dict[Columns, tuple[np.ndarray, np.ndarray]] = {}
        for columns in few:
            number = self._cell_of(columns) * count + labels
            shape = (len(self.cells[columns]), count)
            both = [
                np.bincount(number, weights=w, minlength=shape[0] * count).reshape(shape)
                for w in (weights, weights * values)
            ]
            left[columns] = tuple(part.sum(axis=1, keepdims=True) - part for part in both)
        squares = np.bincount(labels, weights=weights * values**2, minlength=count)
        result = np.full(count, np.nan)
        for label in range(count):
            sums = {columns: (size[:, label], total[:, label]) for columns, (size, total) in left.items()}
            weight = sums[0,][0].sum()
            if weight <= 0:
                continue
            mean = sums[0,][1].sum() / weight
            total = squares.sum() - squares[label] - weight * mean**2
            if total > 1e-12 * squares.sum():
                result[label] = 1 - np.clip((self._fitted(sums, whole) - weight * mean**2) / total, 0, 1)
        return result

    def swaps(self, values: np.ndarray) -> pd.DataFrame:
        """What changes when one column is swapped and the others stay: one row a column.

        layer, swaps (pairs of stacks that differ in this column alone and whose values are known), changed (share of them
        whose values differ; NaN where there is no pair), stuck (share of all stacks that have no such pair).
        """
        known = ~np.isnan(values)
        level = pd.factorize(np.asarray(values)[known])[0]
        whole = tuple(range(len(self.names)))
        rows = []
        for c, name in enumerate(self.names):
            group = self._cell_of(tuple(o for o in whole if o != c))
            size, own = np.bincount(group), np.bincount(group[known])
            same = np.bincount(pd.factorize(group[known] * (level.max() + 1) + level)[0])
            swaps, equal = int((own * (own - 1) // 2).sum()), int((same * (same - 1) // 2).sum())
            changed = 1 - equal / swaps if swaps else float("nan")
            rows.append([name, swaps, changed, float((size == 1).sum() / len(group))])
        return pd.DataFrame(rows, columns=["layer", "swaps", "changed", "stuck"])


def _quadratic(matrix: csr_array, right: np.ndarray) -> float:
    """right' x where matrix x = right, by conjugate gradients: the matrix is singular, as effects are not unique."""
    solution, residual = np.zeros_like(right), right.copy()
    direction, square = residual.copy(), residual @ residual
    goal = TOLERANCE**2 * square
    for _ in range(STEPS):
        if square <= goal:
            break
        moved = matrix @ direction
        step = square / (direction @ moved)
        solution += step * direction
        residual -= step * moved
        square, before = residual @ residual, square
        direction = residual + square / before * direction
    return float(solution @ right)


def _between(size: np.ndarray, total: np.ndarray) -> float:
    """Sum of squares of the cells' means, each cell by its weight."""
    return float((total[size > 0] ** 2 / size[size > 0]).sum())


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
    group = pd.factorize(np.asarray(choices)[:, column])[0]
    size = np.bincount(group)
    return len(group) / len(size) / size[group]


def _shapley(worth: dict[tuple[int, ...], float], columns: Columns, column: int) -> float:
    others = [other for other in columns if other != column]
    count, total = len(columns), 0.0
    for size in range(count):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for subset in combinations(others, size):
            total += weight * (worth[tuple(sorted((*subset, column)))] - worth[subset])
    return total
