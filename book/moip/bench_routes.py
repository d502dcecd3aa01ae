"""How fast cheapest routes are found over the public Lightning graph of 2026, beside networkx on the same queries.

A query is (payer, receiver, amount): which channels make the cheapest route, and what does it cost to the millisatoshi? Payers
and receivers are drawn at random from the nodes that can all pay each other the amount, so that every query has an answer, and
hardly two of an amount share a receiver. Preparing the graph for an amount is counted. Seconds are of one core (CPU time).
"""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise

import numpy as np

from . import data
from .quant import graph

AMOUNTS_SAT = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
QUERIES = 10_000
SAMPLE = 10
"""Queries of each amount that networkx gets; its time is scaled to all of them."""
COLUMNS = ("search", "queries run", "CPU s to prepare", "ms per query", "CPU s for 10,000")

Row = tuple[str, int, float, float, float]
Queries = dict[int, np.ndarray]
Costs = dict[int, list[int]]


def rows() -> list[Row]:
    """One row a method, with the values of `COLUMNS`. `RuntimeError` when two methods find routes of different cost."""
    edges = graph.directed(data.table("lightning_channels_2026"))
    rng = np.random.default_rng(1)
    queries = {amount: _pairs(edges, amount, QUERIES // len(AMOUNTS_SAT), rng) for amount in AMOUNTS_SAT}
    few = {amount: pairs[:SAMPLE] for amount, pairs in queries.items()}
    shared = {amount: _shared(edges, amount, len(pairs), rng) for amount, pairs in queries.items()}
    one, costs = _timed("this book, one search a query", _Router, edges, queries)
    two, _ = _timed("this book, 100 receivers an amount", _Router, edges, shared)
    three, same = _timed("networkx, dijkstra_path", _Networkx, edges, few)
    for amount in AMOUNTS_SAT:
        if costs[amount][:SAMPLE] != same[amount]:
            raise RuntimeError(f"networkx and the router find routes of different cost for {amount} sat")
    return [one, two, three]


def _pairs(edges: graph.Edges, amount: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Payers and receivers, one pair a row."""
    pairs = rng.choice(graph.core_nodes(edges, amount), (2 * count, 2))
    return pairs[pairs[:, 0] != pairs[:, 1]][:count]


def _shared(edges: graph.Edges, amount: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """As many pairs, but with 100 receivers in all."""
    payers, receivers = np.split(rng.permutation(graph.core_nodes(edges, amount)), [-100])
    return np.column_stack([rng.choice(payers, count), rng.choice(receivers, count)])


def _timed(name: str, method: type, edges: graph.Edges, queries: Queries) -> tuple[Row, Costs]:
    """Row of a method, and what the routes that it found cost in msat."""
    costs: Costs = {}
    prepare = search = 0.0
    for amount, pairs in queries.items():
        start = time.process_time()
        ready = method(edges, amount)
        between = time.process_time()
        routes = ready.routes(pairs)
        costs[amount] = [graph.price(edges, route, 1000 * amount).fee_msat for route in routes]
        prepare += between - start
        search += time.process_time() - between
    each = search / sum(len(pairs) for pairs in queries.values())
    return (name, sum(map(len, queries.values())), prepare, 1000 * each, prepare + QUERIES * each), costs


class _Router:
    """The book's own search."""

    def __init__(self, edges: graph.Edges, amount: int) -> None:
        self.router = graph.Router(edges, amount)

    def routes(self, pairs: np.ndarray) -> list[tuple[int, ...]]:
        return self.router.routes(*pairs.T)


class _Networkx:
    """The same by networkx alone, one Dijkstra search a query; the payer's own channels are free."""

    def __init__(self, edges: graph.Edges, amount: int) -> None:
        import networkx as nx

        self.net = nx.DiGraph()
        weights = graph.fee_msat(1000 * amount, edges.base_msat, edges.ppm) + graph.HOP
        for edge in np.flatnonzero(edges.carries(amount)).tolist():
            ends, weight = (int(edges.source[edge]), int(edges.target[edge])), float(weights[edge])
            if weight < self.net.edges.get(ends, {"weight": np.inf})["weight"]:
                self.net.add_edge(*ends, weight=weight, edge=edge)

    def routes(self, pairs: np.ndarray) -> list[tuple[int, ...]]:
        from networkx import dijkstra_path

        found = []
        for payer, receiver in pairs.tolist():
            path = dijkstra_path(self.net, payer, receiver, weight=partial(_weight, payer))
            found.append(tuple(self.net.edges[step]["edge"] for step in pairwise(path)))
        return found


def _weight(payer: int, source: int, target: int, link: dict[str, float]) -> float:
    return 0.0 if source == payer else link["weight"]
