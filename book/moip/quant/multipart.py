"""A payment in parts over the public graph: how likely a plan is to work, and what no plan could improve.

Balances are unknown. As in `moip.quant.liquidity`, each channel's near end holds any amount from 0 to the capacity with the same
probability, independently of other channels; the payer knows her own channels, and they are taken to hold enough.

The parts of one payment may share a channel. Then it must carry their sum: what the second part adds is the probability
that the channel holds both, given that it holds the first,

    P(a, c) * P(b, c - a) = P(a + b, c)

so a plan works with the product, over the channels that it uses, of the chance for all that it sends through each. The plan is
made part by part: each part takes the route that is likeliest given the parts before it. That is a simple planner, not the best
one: the least risky split is a flow of convex cost (Pickhardt and Richter 2021, arXiv:2107.05322).

`draw` and `Splitter.ceiling` ask the opposite question: if balances were known, could the amount be paid at all, over one route
or over any number of parts? What fails there fails for every planner, however often it tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra, maximum_flow

from . import liquidity
from .graph import Edges

__all__ = ["Plan", "Splitter", "chance", "draw", "equal_parts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOP = 1e-9
"""What a hop weighs besides its risk, in nats: among equally likely routes the one with the fewest hops is found."""


class Plan(NamedTuple):
    """A payment in parts: the amount of each part, its route as positions in the arrays, and how likely all parts arrive."""

    amounts_sat: tuple[int, ...]
    routes: tuple[tuple[int, ...], ...]
    chance: float


def equal_parts(amount_sat: int, parts: int) -> list[int]:
    """The amount in whole satoshi, split as evenly as it goes, larger parts first.

    `ValueError` when there are fewer than one part or fewer satoshi than parts, or when one is no whole number.
    """
    for name, value in {"amount_sat": amount_sat, "parts": parts}.items():
        if not isinstance(value, Integral):
            raise ValueError(f"{name} is {value!r}; it must be a whole number")
    if not 1 <= parts <= amount_sat:
        raise ValueError(f"{amount_sat:,} satoshi cannot be split into {parts} parts")
    each, left = divmod(amount_sat, parts)
    return [each + (part < left) for part in range(parts)]


def chance(edges: Edges, amounts_sat: Sequence[int], routes: Iterable[Sequence[int]]) -> float:
    """Probability that all parts arrive: over each channel but the payer's own must go the sum of its parts.

    `ValueError` when there is not one amount for each route.
    """
    load: dict[int, int] = {}
    for amount, route in zip(amounts_sat, routes, strict=True):
        for edge in route[1:]:
            load[edge] = load.get(edge, 0) + amount
    at = list(load)
    return float(np.prod(liquidity.success([load[edge] for edge in at], edges.capacity_sat[at])))


def draw(edges: Edges, rng: np.random.Generator) -> Ints:
    """What the near end of each direction holds, in satoshi, in one draw of all balances; the two ends add up to the capacity."""
    capacity = np.zeros(int(edges.channel.max()) + 1, dtype=np.int64)
    capacity[edges.channel] = edges.capacity_sat
    low = rng.integers(0, capacity + 1)[edges.channel]
    return np.where(edges.source < edges.target, low, edges.capacity_sat - low)


class Splitter:
    """Plans payments in parts over one graph. Routes are found by a plain search, some 15 ms each on 60,000 directions."""

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self._order = np.lexsort((edges.target, edges.source))
        source, target = edges.source[self._order], edges.target[self._order]
        self._first = np.flatnonzero(np.r_[True, (source[1:] != source[:-1]) | (target[1:] != target[:-1])])
        self._source, self._target = source[self._first], target[self._first]
        self._bounds = np.r_[self._first, len(edges)]
        self._pair = self._source * edges.nodes + self._target

    def plan(self, payer: int, receiver: int, amount_sat: int, parts: int = 1) -> Plan | None:
        """Equal parts, each over the route that is likeliest after those before it; None when a part finds no route.

        No part goes against another through the same channel. `ValueError` for a payer that is the receiver.
        """
        if payer == receiver:
            raise ValueError("payer and receiver are the same node")
        edges, amounts = self.edges, equal_parts(amount_sat, parts)
        left = edges.capacity_sat.copy()
        free = np.ones(len(edges), dtype=bool)
        routes: list[tuple[int, ...]] = []
        weight = np.empty(0)
        for number, amount in enumerate(amounts):
            if number == 0 or amount != amounts[number - 1]:
                weight = self._weights(payer, amount, left, free, np.arange(len(edges)))
            route = self._likeliest(payer, receiver, weight)
            if route is None:
                return None
            routes.append(route)
            for edge in route:
                left[edge] -= amount
                both = np.flatnonzero(edges.channel == edges.channel[edge])
                free[both[edges.source[both] != edges.source[edge]]] = False
                weight[both] = self._weights(payer, amount, left, free, both)
        return Plan(tuple(amounts), tuple(routes), chance(edges, amounts, routes))

    def ceiling(self, balances: Ints, payer: int, receiver: int, amount_sat: int) -> tuple[bool, bool]:
        """Whether the amount could be paid over one route, and in any parts, if these balances were known.

        The payer's own channels are taken to hold all of their capacity. One route respects the limits of policies; parts are
        taken to be as small as it needs, so that limits on a single part do not bind.
        """
        edges = self.edges
        held = np.where(edges.source == payer, edges.capacity_sat, balances)
        wide = np.logical_or.reduceat(((held >= amount_sat) & edges.carries(amount_sat))[self._order], self._first)
        reached = breadth_first_order(self._matrix(wide.astype(np.int32), wide), payer, return_predecessors=False)
        if receiver in reached:
            return True, True
        between = np.minimum(np.add.reduceat(np.minimum(held, amount_sat)[self._order], self._first), amount_sat)
        flow = maximum_flow(self._matrix(between.astype(np.int32), between > 0), payer, receiver).flow_value
        return False, bool(flow >= amount_sat)

    def _weights(self, payer: int, amount: int, left: Ints, free: NDArray[np.bool_], at: Ints) -> Floats:
        """What some edges weigh for a part, given what earlier parts have left of their capacity; infinite where it cannot go."""
        some = self.edges.take(at)
        risk = np.where(some.source == payer, 0.0, liquidity.risk(amount, left[at]))
        return np.where(free[at] & some.carries(amount) & (amount <= left[at]), risk + HOP, np.inf)

    def _matrix(self, values: NDArray[np.generic], where: NDArray[np.bool_]) -> csr_array:
        """Values of the pairs of nodes that are joined, as a sparse matrix."""
        at = self._source[where], self._target[where]
        return csr_array((values[where], at), shape=(self.edges.nodes, self.edges.nodes))

    def _likeliest(self, payer: int, receiver: int, weight: Floats) -> tuple[int, ...] | None:
        """The route of least weight, as positions in the arrays."""
        ordered = weight[self._order]
        best = np.minimum.reduceat(ordered, self._first)
        cost, before = dijkstra(self._matrix(best, np.isfinite(best)), indices=payer, return_predecessors=True)
        if np.isinf(cost[receiver]):
            return None
        route, node = [], receiver
        while node != payer:
            last = int(before[node])
            group = np.searchsorted(self._pair, last * self.edges.nodes + node)
            some = slice(self._bounds[group], self._bounds[group + 1])
            route.append(int(self._order[some][np.argmin(ordered[some])]))
            node = last
        return tuple(reversed(route))
