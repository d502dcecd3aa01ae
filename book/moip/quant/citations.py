"""The citation graph of specifications: direction, order, communities, and how sure one can be of them.

An edge runs from the document that cites to the one that is cited, so with layers numbered from the bottom a citation
*down* leads to a lower layer. Everything here works on a table of edges with the columns `citing` and `cited`, one row
a pair, and on labels (layer, series, community) as a Series indexed by document.

Sources: modularity and the Leiden algorithm as in Traag, Waltman and van Eck (2019), doi 10.1038/s41598-019-41695-z;
trophic level and incoherence as in MacKay, Johnson and Sansom (2020), doi 10.1098/rsos.201138, equations 2.1 to 2.6.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, permutations

import igraph
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from ..inputs import number

__all__ = [
    "agreement",
    "best_order",
    "between",
    "bootstrap",
    "communities",
    "dependencies",
    "directions",
    "giant",
    "incoherence",
    "interval",
    "levels",
    "modularity",
    "null",
    "odds_ratio",
    "order_support",
    "p_value",
    "pair_counts",
    "rank_correlation",
    "rewired",
    "rotated",
    "shuffled",
    "upward",
    "weighted_odds_ratios",
]

DIRECTIONS = ["down", "level", "up"]

Statistic = Callable[[pd.DataFrame], float]


def dependencies(
    citations: pd.DataFrame, relations: tuple[str, ...] = ("mentions", "requires", "uses")
) -> pd.DataFrame:
    """Who leans on whom: one edge a pair, from the rows of table `specification_citations`.

    Keeps the given relations between known documents, turns `used in` around when `uses` or `requires` is among them,
    and leaves out pairs of which one replaces the other: naming one's successor is not leaning on it.
    Columns: citing, cited, mentions (0 where the pair is only declared).
    """
    known = citations[citations["known"]]
    kept = known[known["relation"].isin(relations)]
    if {"requires", "uses"} & set(relations):
        turned = known[known["relation"] == "used in"].rename(columns={"citing": "cited", "cited": "citing"})
        kept = pd.concat([kept, turned])
    succession = known[known["relation"].isin(["replaces", "replaced by"])]
    heirs = {frozenset(pair) for pair in zip(succession["citing"], succession["cited"], strict=True)}
    pairs = (
        kept.assign(mentions=kept["mentions"].where(kept["relation"] == "mentions", 0))
        .groupby(["citing", "cited"], as_index=False)["mentions"]
        .sum()
    )
    apart = [frozenset(pair) not in heirs for pair in zip(pairs["citing"], pairs["cited"], strict=True)]
    return pairs[apart].reset_index(drop=True)


def directions(edges: pd.DataFrame, layers: pd.Series) -> pd.Series:
    """How many citations lead down, stay level, or lead up; index `down`, `level`, `up`.

    `layers`: layer by document, 1 at the bottom. An edge counts only when both of its ends have a layer.
    """
    step = (edges["cited"].map(layers) - edges["citing"].map(layers)).dropna()
    sign = np.sign(step).map({-1.0: "down", 0.0: "level", 1.0: "up"})
    return sign.value_counts().reindex(DIRECTIONS, fill_value=0).rename("citations").astype(int)


def between(edges: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Citations from each label (rows) to each label (columns); edges with an unlabeled end do not count."""
    names = sorted(labels.dropna().unique())
    ends = pd.DataFrame({"citing": edges["citing"].map(labels), "cited": edges["cited"].map(labels)}).dropna()
    return pd.crosstab(ends["citing"], ends["cited"]).reindex(index=names, columns=names, fill_value=0)


def upward(flow: pd.DataFrame, order: tuple) -> int:
    """Citations that lead up when the labels of `flow` (from `between`) are stacked in this order, bottom first."""
    return int(sum(flow.at[lower, upper] for lower, upper in combinations(order, 2)))


def best_order(edges: pd.DataFrame, labels: pd.Series) -> tuple[tuple, int]:
    """The order of the labels, bottom first, in which the fewest citations lead up, and how many those are.

    Tries every order, so it is for a handful of labels; of several best orders it gives the first by name.
    """
    flow = between(edges, labels)
    best = min(permutations(flow.index), key=lambda order: upward(flow, order))
    return tuple(label.item() if isinstance(label, np.generic) else label for label in best), upward(flow, best)


def order_support(edges: pd.DataFrame, labels: pd.Series, draws: int, seed: int, by: str = "cited") -> pd.Series:
    """Share of resamples in which each order of the labels is the best one; index: the order, bottom first.

    Documents are drawn with replacement from column `by`, each with all its citations there. By `cited` tells how much
    hangs on a few documents that many cite.
    """
    ends = pd.DataFrame({side: edges[side].map(labels) for side in ("citing", "cited")}).dropna()
    names = sorted(labels.dropna().unique())
    number = {name: i for i, name in enumerate(names)}
    cell = ends["citing"].map(number) * len(names) + ends["cited"].map(number)
    rows = pd.crosstab(edges.loc[ends.index, by], cell).reindex(columns=range(len(names) ** 2), fill_value=0).to_numpy()
    weights = np.random.default_rng(seed).multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws)
    orders = list(permutations(range(len(names))))
    climbs = np.zeros((len(orders), len(names) ** 2), dtype=int)
    for row, order in zip(climbs, orders, strict=True):
        for lower, upper in combinations(order, 2):
            row[lower * len(names) + upper] = 1
    best = (weights @ rows @ climbs.T).argmin(axis=1)
    found = pd.Series([tuple(names[i] for i in orders[k]) for k in best]).value_counts(normalize=True)
    return found.sort_values(ascending=False, kind="stable").rename("share")


def graph(edges: pd.DataFrame) -> igraph.Graph:
    """The undirected graph of the edges: one line for a pair, whichever cites the other; documents by name."""
    pairs = {tuple(sorted(pair)) for pair in zip(edges["citing"], edges["cited"], strict=True)}
    names = sorted({name for pair in pairs for name in pair})
    number = {name: i for i, name in enumerate(names)}
    lines = [(number[one], number[other]) for one, other in sorted(pairs)]
    return igraph.Graph(n=len(names), edges=lines, vertex_attrs={"name": names})


def giant(edges: pd.DataFrame) -> pd.DataFrame:
    """The edges of the largest connected part."""
    whole = graph(edges)
    names = set(whole.connected_components().giant().vs["name"])
    return edges[edges["citing"].isin(names)].reset_index(drop=True)


def modularity(edges: pd.DataFrame, labels: pd.Series) -> float:
    """Share of the lines that join equal labels, less what chance would give documents with as many lines each.

    Only edges whose ends both have a label; 0 when labels say nothing, below 1 always.
    """
    labels = labels.dropna()
    part = graph(edges[edges["citing"].isin(labels.index) & edges["cited"].isin(labels.index)])
    return float(part.modularity(pd.factorize(labels.loc[part.vs["name"]])[0].tolist()))


def communities(edges: pd.DataFrame, resolution: float = 1.0, seed: int = 1, runs: int = 20) -> pd.Series:
    """Communities by the Leiden algorithm: the best of several seeded runs by the modularity that it maximizes.

    `resolution`: above 1 it finds more and smaller communities, below 1 fewer. Numbered from 1, the largest first.
    ValueError for a resolution below 0.
    """
    number(resolution, "resolution", 0)
    whole = graph(edges)
    igraph.set_random_number_generator(random.Random(seed))
    found = [
        whole.community_leiden("modularity", resolution=resolution, n_iterations=-1).membership for _ in range(runs)
    ]
    igraph.set_random_number_generator(random)
    quality = [round(whole.modularity(membership, resolution=resolution), 12) for membership in found]
    member = pd.Series(found[int(np.argmax(quality))], index=whole.vs["name"], name="community")
    groups = sorted(member.groupby(member).groups.values(), key=lambda names: (-len(names), sorted(names)))
    return pd.Series({name: i for i, names in enumerate(groups, 1) for name in names}, name="community").sort_index()


def agreement(one: pd.Series, other: pd.Series, method: str = "nmi") -> float:
    """How alike two labelings of the same documents are: 1 the same, 0 nothing in common.

    `method`: nmi (mutual information divided by the mean of the two entropies; above 0 by chance, the more so the more
    groups there are) or adjusted_rand (pairs together in both, less what chance gives).
    """
    both = pd.concat([one.rename("one"), other.rename("other")], axis=1).dropna()
    codes = [pd.factorize(both[column])[0].tolist() for column in both]
    return float(igraph.compare_communities(*codes, method=method))


def levels(edges: pd.DataFrame) -> pd.Series:
    """Trophic level of each document: its height when every citation wants to lead exactly one step down.

    The heights h minimize the sum over edges of (h[citing] - h[cited] - 1)^2, which is the solution of
    (diag(u) - W - W')h = v with u the degree and v the citations made less those received. The lowest of each connected
    part is 0.
    """
    names = sorted({*edges["citing"], *edges["cited"]})
    number = {name: i for i, name in enumerate(names)}
    citing, cited = edges["citing"].map(number).to_numpy(), edges["cited"].map(number).to_numpy()
    weight = np.zeros((len(names), len(names)))
    np.add.at(weight, (cited, citing), 1.0)
    part = np.array(graph(edges).connected_components().membership)
    together = (part[:, None] == part).astype(float)  # holds the mean of each part at 0, which leaves one solution
    system = np.diag(weight.sum(0) + weight.sum(1)) - weight - weight.T + together
    found = pd.Series(np.linalg.solve(system, weight.sum(0) - weight.sum(1)), index=names, name="level")
    return found - found.groupby(part).transform("min")


def incoherence(edges: pd.DataFrame, level: pd.Series) -> float:
    """Mean of (step - 1)^2 over the citations: 0 when every one leads one level down, 1 when there is no direction."""
    step = edges["citing"].map(level) - edges["cited"].map(level)
    return float(((step - 1) ** 2).mean())


def rank_correlation(x: pd.Series, y: pd.Series, given: pd.Series | None = None) -> float:
    """Spearman's coefficient of two columns of the same rows; with `given`, the partial one that holds a third constant."""
    columns = np.array([np.asarray(column, dtype=float) for column in (x, y, *([] if given is None else [given]))])
    r = np.corrcoef(rankdata(columns[:, ~np.isnan(columns).any(axis=0)], axis=1))
    if given is None:
        return float(r[0, 1])
    return float((r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)))


def pair_counts(edges: pd.DataFrame, first: pd.Series, second: pd.Series) -> NDArray[np.int64]:
    """Ordered pairs and citations of each document by whether the pair shares two labels.

    Shape (documents, 2, 2, 2): citing document; shares `first` (0 no, 1 yes); shares `second`; [pairs, citations].
    Documents are those with both labels, in the order of `first`.
    """
    names = [name for name in first.dropna().index if pd.notna(second.get(name))]
    number = {name: i for i, name in enumerate(names)}
    inner = edges[edges["citing"].isin(number) & edges["cited"].isin(number)]
    cites = np.zeros((len(names), len(names)), dtype=bool)
    cites[inner["citing"].map(number).to_numpy(int), inner["cited"].map(number).to_numpy(int)] = True
    one, two = (pd.factorize(labels.loc[names])[0] for labels in (first, second))
    kind = 2 * (one[:, None] == one) + (two[:, None] == two)
    other = ~np.eye(len(names), dtype=bool)
    counts = [[((kind == k) & mask).sum(1) for mask in (other, cites & other)] for k in range(4)]
    return np.array(counts).transpose(2, 0, 1).reshape(len(names), 2, 2, 2)


def odds_ratio(counts: NDArray[np.int64], of: int) -> float:
    """Odds of a citation when a label is shared over the odds when it is not, the other label held constant.

    `counts`: shape (2, 2, 2), `pair_counts` summed over documents; `of`: 0 for its first label, 1 for its second. The
    estimate of Mantel and Haenszel over the two strata of the other label.
    """
    strata = counts if of == 1 else counts.transpose(1, 0, 2)
    above = below = 0.0
    for (pairs_no, cites_no), (pairs_yes, cites_yes) in strata:
        total = pairs_no + pairs_yes
        above += cites_yes * (pairs_no - cites_no) / total
        below += cites_no * (pairs_yes - cites_yes) / total
    return float(above / below)


def weighted_odds_ratios(
    edges: pd.DataFrame, first: pd.Series, second: pd.Series, draws: int, seed: int
) -> NDArray[np.float64]:
    """Both odds ratios with random weights of the documents; shape (draws, 2): of `first`, of `second`.

    A pair weighs the product of its two ends, so that what hangs on a few documents that many cite shows, as well as
    what hangs on a few that cite many (Owen and Eckles 2012, doi:10.1214/12-AOAS547).
    """
    names = [name for name in first.dropna().index if pd.notna(second.get(name))]
    number = {name: i for i, name in enumerate(names)}
    inner = edges[edges["citing"].isin(number) & edges["cited"].isin(number)]
    ends = [inner[side].map(number).to_numpy(int) for side in ("citing", "cited")]
    one, two = (pd.factorize(labels.loc[names])[0] for labels in (first, second))
    weight = np.random.default_rng(seed).exponential(size=(draws, len(names)))
    cell, cells = np.unique(np.column_stack([one, two]), axis=0, return_inverse=True)
    held = weight @ np.eye(len(cell))[cells.ravel()]  # weight of each combination of labels
    cites = weight[:, ends[0]] * weight[:, ends[1]]
    found = np.empty((draws, 2, 2, 2))
    for a in (0, 1):
        for b in (0, 1):
            alike = ((cell[:, None, 0] == cell[None, :, 0]) == a) & ((cell[:, None, 1] == cell[None, :, 1]) == b)
            here = ((one[ends[0]] == one[ends[1]]) == a) & ((two[ends[0]] == two[ends[1]]) == b)
            found[:, a, b, 0] = ((held @ alike) * held).sum(1) - (a and b) * (weight**2).sum(1)
            found[:, a, b, 1] = cites[:, here].sum(1)
    return np.array([[odds_ratio(counts, of) for of in (0, 1)] for counts in found])


def shuffled(labels: pd.Series, rng: np.random.Generator, within: pd.Series | None = None) -> pd.Series:
    """The labels dealt out anew among the documents; with `within`, only among documents of the same group."""
    values = labels.to_numpy().copy()
    if within is None:
        return pd.Series(rng.permutation(values), index=labels.index, name=labels.name)
    groups = within.loc[labels.index].to_numpy()
    for group in sorted(set(groups)):
        here = np.flatnonzero(groups == group)
        values[here] = values[rng.permutation(here)]
    return pd.Series(values, index=labels.index, name=labels.name)


def rotated(labels: pd.Series, rng: np.random.Generator, within: pd.Series, along: pd.Series) -> pd.Series:
    """The labels of each group moved on by a random number of places, in the order of `along`.

    Unlike `shuffled` it leaves neighbors together, so that clumps of documents on one subject are not broken up.
    """
    values = labels.to_numpy().copy()
    groups = within.loc[labels.index].to_numpy()
    order = np.argsort(along.loc[labels.index].to_numpy(), kind="stable")
    for group in sorted(set(groups)):
        here = order[groups[order] == group]
        values[here] = np.roll(values[here], rng.integers(len(here)))
    return pd.Series(values, index=labels.index, name=labels.name)


def null(
    statistic: Callable[[pd.Series], float],
    labels: pd.Series,
    draws: int,
    seed: int,
    within: pd.Series | None = None,
    along: pd.Series | None = None,
) -> NDArray[np.float64]:
    """The statistic of shuffled labels, `draws` times; with `within` and `along`, of rotated ones."""
    rng = np.random.default_rng(seed)
    if along is not None:
        if within is None:
            raise ValueError("labels are rotated within groups, so `along` needs `within`")
        return np.array([statistic(rotated(labels, rng, within, along)) for _ in range(draws)])
    return np.array([statistic(shuffled(labels, rng, within)) for _ in range(draws)])


def rewired(edges: pd.DataFrame, rng: np.random.Generator, swaps: int = 10) -> pd.DataFrame:
    """The graph with its ends exchanged at random: each document cites and is cited as often as before.

    `swaps`: tries for each edge. A try takes two citations and exchanges whom they cite, unless that makes a document
    cite itself or cite another one twice.
    """
    citing, cited = edges["citing"].tolist(), edges["cited"].tolist()
    taken = set(zip(citing, cited, strict=True))
    for i, j in rng.integers(len(citing), size=(swaps * len(citing), 2)).tolist():
        one, other = (citing[i], cited[j]), (citing[j], cited[i])
        if one[0] != one[1] and other[0] != other[1] and one not in taken and other not in taken:
            taken -= {(citing[i], cited[i]), (citing[j], cited[j])}
            taken |= {one, other}
            cited[i], cited[j] = cited[j], cited[i]
    return pd.DataFrame({"citing": citing, "cited": cited})


def bootstrap(table: pd.DataFrame, statistic: Statistic, draws: int, seed: int, by: str | None = None) -> NDArray:
    """The statistic of resampled tables: rows drawn with replacement, or all rows of a drawn value of column `by`.

    A document's citations are not independent of each other, so edges are drawn by `citing`.
    """
    rng = np.random.default_rng(seed)
    if by is None:
        return np.array([statistic(table.iloc[rng.integers(len(table), size=len(table))]) for _ in range(draws)])
    rows = list(table.groupby(by, sort=True).indices.values())
    draw = (rng.integers(len(rows), size=len(rows)) for _ in range(draws))
    return np.array([statistic(table.iloc[np.concatenate([rows[i] for i in chosen])]) for chosen in draw])


def interval(draws: NDArray, share: float = 0.95) -> tuple[float, float]:
    """The middle `share` of draws."""
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def p_value(observed: float, draws: NDArray) -> float:
    """How often chance does at least as well: (1 + draws at or above the observed value) / (1 + draws)."""
    return float((1 + np.sum(draws >= observed - 1e-12)) / (1 + len(draws)))
