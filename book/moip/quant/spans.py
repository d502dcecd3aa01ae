"""Which layers technologies span: matrices of spans, bridges between layers, entropy, and what chance would give.

A *span matrix* has a row for each technology and a column for each layer; a cell is True where the technology touches
the layer. Its main layer is one of them, the others are its *secondary* spans.

Chance. `shuffled` draws matrices in which each technology keeps its main layer and its number of layers, and each
layer keeps its number of secondary visitors; all else is shuffled. Draws follow the curveball algorithm (Strona et al.
2014, Nature Communications 5:4114, doi:10.1038/ncomms5114): two columns trade the technologies that one of them has and
the other has not. Technologies whose main layer is one of the two stay out of the trade. Trades are as likely in one
direction as in the other, so all matrices that trades can reach are drawn alike. Intervals over technologies come from
the bootstrap: technologies are drawn anew with replacement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

__all__ = [
    "association", "bootstrap", "co_spans", "effect", "entropy", "interval", "kappas", "main_layers", "neighbors",
    "secondary_cells", "shuffled", "span_matrix", "unbroken",
]  # fmt: skip

LAYERS = (1, 2, 3, 4, 5)
TRADES = 40
"""Trades between two columns from one draw to the next: four for each of the ten pairs."""


def span_matrix(spans: pd.DataFrame) -> pd.DataFrame:
    """The span matrix (bool, technologies in alphabetical order x layers 1 to 5) of a table of spans.

    spans: columns technology and layer, one row a span (``technology_spans``), or technology, layer and spans, one row a
    technology with a list of further layers (``technology_second_coding``).
    """
    if "spans" in spans:
        more = spans[["technology", "spans"]].explode("spans").dropna().rename(columns={"spans": "layer"})
        spans = pd.concat([spans[["technology", "layer"]], more.astype({"layer": int})])
    return pd.crosstab(spans["technology"], spans["layer"]).reindex(columns=LAYERS, fill_value=0).astype(bool)


def main_layers(table: pd.DataFrame, technologies: Sequence[str]) -> np.ndarray:
    """Column (0 to 4) of each technology's main layer, from a table with the columns technology and layer."""
    return table.set_index("technology")["layer"].reindex(technologies).to_numpy(dtype=int) - 1


def co_spans(matrix: np.ndarray) -> np.ndarray:
    """Technologies that touch both of two layers, (..., layers, layers); the diagonal counts those that touch one.

    matrix: (..., technologies, layers).
    """
    cells = np.asarray(matrix).astype(np.int64)
    return np.swapaxes(cells, -1, -2) @ cells


def neighbors(bridges: np.ndarray) -> np.ndarray:
    """Share of bridges that join neighboring layers, from counts as `co_spans` gives them; shape (...)."""
    pairs = list(combinations(range(bridges.shape[-1]), 2))
    total = sum(bridges[..., a, b] for a, b in pairs)
    return sum(bridges[..., a, b] for a, b in pairs if b == a + 1) / total


def unbroken(matrix: np.ndarray) -> np.ndarray:
    """Of technologies that touch several layers, the share that leaves out none between the lowest and the highest."""
    cells = np.asarray(matrix, dtype=bool)
    count = cells.sum(axis=-1)
    width = cells.shape[-1]
    reach = width - cells.argmax(axis=-1) - cells[..., ::-1].argmax(axis=-1)
    several = count > 1
    return ((reach == count) & several).sum(axis=-1) / several.sum(axis=-1)


def entropy(matrix: np.ndarray) -> float:
    """Shannon entropy in bits of the pattern of layers of a technology drawn at random, with Miller and Madow's correction.

    0: all have the same pattern. Most: log2(31) = 4.95, every combination of five layers alike. The correction adds
    (patterns seen - 1) / (2 n), in nats, because a sample sees too few patterns (Miller 1955, Note on the bias of
    information estimates).
    """
    cells = np.asarray(matrix, dtype=np.int64)
    counts = np.bincount(cells @ (1 << np.arange(cells.shape[1])))
    counts = counts[counts > 0]
    share = counts / len(cells)
    return float(-(share * np.log2(share)).sum() + (len(counts) - 1) / (2 * len(cells) * np.log(2)))


def shuffled(matrix: np.ndarray, main: np.ndarray, draws: int, seed: int = 0) -> np.ndarray:
    """Span matrices by chance, (draws, technologies, layers), bool; main: column of each technology's main layer.

    ValueError where there is no technology, or one does not touch its main layer.
    """
    cells = np.array(matrix, dtype=bool)
    if not len(cells):
        raise ValueError("no technology is left to shuffle")
    rows = np.arange(len(cells))
    if not cells[rows, main].all():
        raise ValueError("a technology does not touch its main layer")
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(cells.shape[1]), 2))
    free = {(a, b): (main != a) & (main != b) for a, b in pairs}
    result = np.empty((draws, *cells.shape), dtype=bool)
    for draw in range(-1, draws):  # the first is thrown away: it starts from what was observed
        for _ in range(TRADES):
            a, b = pairs[rng.integers(len(pairs))]
            either = np.flatnonzero(free[a, b] & (cells[:, a] != cells[:, b]))
            mixed = rng.permutation(cells[either, a])
            cells[either, a], cells[either, b] = mixed, ~mixed
        if draw >= 0:
            result[draw] = cells
    return result


def bootstrap(statistic: Callable[[np.ndarray], float], count: int, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """A statistic over technologies drawn anew, (draws,); it gets the numbers of the rows that were drawn."""
    rng = np.random.default_rng(seed)
    return np.array([statistic(rng.integers(0, count, count)) for _ in range(draws)])


def interval(values: np.ndarray, share: float = 0.95) -> tuple[float, float]:
    """The middle share of values: from the 2.5th to the 97.5th percentile, unless told otherwise."""
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def kappas(tables: np.ndarray) -> np.ndarray:
    """Cohen's kappa of tables of agreement, (..., k, k), counts or shares; shape (...)."""
    tables = np.asarray(tables, dtype=float)
    share = tables / tables.sum(axis=(-1, -2), keepdims=True)
    seen = np.trace(share, axis1=-1, axis2=-2)
    chance = (share.sum(axis=-1) * share.sum(axis=-2)).sum(axis=-1)
    return (seen - chance) / (1 - chance)


def secondary_cells(
    first: np.ndarray, second: np.ndarray, first_main: np.ndarray, second_main: np.ndarray
) -> np.ndarray:
    """How two codings judge the layers that are the main layer in neither: (technologies, 2, 2) counts.

    [i, 0, 1] counts the layers that the second coding alone sees technology i touch.
    """
    rows = np.arange(len(first))
    judged = np.ones(first.shape, dtype=bool)
    judged[rows, first_main] = judged[rows, second_main] = False
    return np.stack(
        [np.stack([((first == x) & (second == y) & judged).sum(axis=1) for y in (False, True)], axis=1) for x in (False, True)],
        axis=1,
    )  # fmt: skip


def effect(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the variance of values that lies between groups (eta squared), 0 to 1."""
    return float(_between(pd.factorize(np.asarray(groups))[0], np.asarray(values, dtype=float)))


def _between(group: np.ndarray, values: np.ndarray) -> float:
    size = np.bincount(group)
    centered = values - values.mean()
    means = np.bincount(group, weights=centered) / size
    return (size @ means**2) / (centered @ centered)


def association(groups: np.ndarray, values: np.ndarray, draws: int = 999, seed: int = 0) -> tuple[float, float, float]:
    """`effect`, what chance gives on average, and p: the share of shuffles, the data among them, that reach it."""
    rng = np.random.default_rng(seed)
    group, values = pd.factorize(np.asarray(groups))[0], np.asarray(values, dtype=float)
    seen = _between(group, values)
    by_chance = np.array([_between(group, rng.permutation(values)) for _ in range(draws)])
    return float(seen), float(by_chance.mean()), float((1 + (by_chance >= seen - 1e-12).sum()) / (draws + 1))
