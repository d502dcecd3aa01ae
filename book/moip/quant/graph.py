"""The public Lightning graph: its structure, what still passes through it, and the cheapest routes over it.

A table of channels (``lightning_channels_...``) comes in; nodes are numbers from 0. `directed` turns it into arrays with one
entry for each direction of a channel that can be used; everything about routes starts from there.

Fees (BOLT 7, "HTLC Fees"): a node that forwards an amount over a channel asks

    fee = base + floor(amount * ppm / 1,000,000)      in millisatoshi, of the amount that it forwards

and adds its ``cltv_expiry_delta`` to the time lock. The payer's own channel costs nothing. So fees depend on the amounts that
follow, and a route is priced backward from the receiver (`price`, exact integers).

A search for the cheapest route (`Router`) weighs each channel at the amount that is to arrive; it leaves out that fees are
paid on fees, which changes a route's fee by a factor of about 1 + (its fee rate), and prices the route that it finds
exactly. `cheapest_exact` has no such shortcut and is slow; tests compare the two.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Edges",
    "Route",
    "Router",
    "cheapest_exact",
    "core_nodes",
    "digraph",
    "directed",
    "distances", "drop",
    "fee_msat",
    "gini",
    "ladder",
    "node_capacity",
    "passable",
    "price",
    "reachable",
    "structure",
    "survey",
    "top_share",
    "undirected",
    "without",
]  # fmt: skip

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HOP = 1e-3
"""What a hop weighs besides its fee, in msat: among equally cheap routes the one with the fewest hops is found."""


# Loading ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edges:
    """Directions of channels as arrays of one length; entry i leads from source[i] to target[i].

    `nodes`: how many nodes there are (numbers 0 to nodes - 1); `channel`: row of the table, the same for both directions of a
    channel; amounts in the unit of their names, all ``int64``.
    """

    nodes: int
    channel: Ints
    source: Ints
    target: Ints
    capacity_sat: Ints
    base_msat: Ints
    ppm: Ints
    cltv_blocks: Ints
    htlc_min_sat: Ints
    htlc_max_sat: Ints

    def __len__(self) -> int:
        return len(self.source)

    def take(self, where: ArrayLike) -> Edges:
        """The edges at some positions, or where a mask is true."""
        where = np.asarray(where)
        columns = {name: getattr(self, name)[where] for name in COLUMNS}
        return replace(self, **columns)

    def carries(self, amount_sat: float) -> NDArray[np.bool_]:
        """Where the limits of the policy and the capacity let this amount through; balances are another matter."""
        return (self.htlc_min_sat <= amount_sat) & (amount_sat <= np.minimum(self.htlc_max_sat, self.capacity_sat))


COLUMNS = [
    "channel", "source", "target", "capacity_sat", "base_msat", "ppm", "cltv_blocks", "htlc_min_sat", "htlc_max_sat",
]  # fmt: skip


def directed(channels: pd.DataFrame) -> Edges:
    """The directions that have a policy, in the order of the table, a to b first.

    `channels` has the columns of the table lightning_channels_2026. `ValueError` for a table without policies.
    """
    if "ab_base_msat" not in channels:
        raise ValueError("the table has no policies (ab_base_msat ...), so it has no directions and no fees")
    parts = []
    for way, source, target in (("ab", "node_a", "node_b"), ("ba", "node_b", "node_a")):
        at = np.flatnonzero(channels[f"{way}_base_msat"].notna())
        rows = channels.iloc[at]
        policy = {name: rows[f"{way}_{name}"] for name in COLUMNS[4:]}
        parts.append(
            rows.assign(channel=at, source=rows[source], target=rows[target], **policy)[COLUMNS].astype("int64")
        )
    table = pd.concat(parts).sort_values("channel", kind="stable")
    nodes = int(channels[["node_a", "node_b"]].to_numpy().max()) + 1
    return Edges(nodes, *(table[name].to_numpy() for name in COLUMNS))


def undirected(channels: pd.DataFrame):
    """The channels as a `rustworkx.PyGraph`: nodes 0, 1, ...; an edge's weight is its capacity in satoshi."""
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(int(channels[["node_a", "node_b"]].to_numpy().max()) + 1))
    columns = (channels[name].to_numpy().tolist() for name in ("node_a", "node_b", "capacity_sat"))
    graph.add_edges_from(list(zip(*columns, strict=True)))
    return graph


def digraph(edges: Edges):
    """The directions as a `rustworkx.PyDiGraph`; an edge's weight is its position in the arrays."""
    import rustworkx as rx

    graph = rx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(edges.nodes))
    graph.add_edges_from(list(zip(edges.source.tolist(), edges.target.tolist(), range(len(edges)), strict=True)))
    return graph


# Structure ----------------------------------------------------------------------------------------------------------


def node_capacity(channels: pd.DataFrame) -> Ints:
    """Capacity of all channels of each node, by number of the node. A channel counts for both of its ends."""
    ends = channels[["node_a", "node_b"]].to_numpy()
    weights = np.repeat(channels.capacity_sat.to_numpy(), 2)
    return np.bincount(ends.ravel(), weights=weights).astype(np.int64)


def gini(values: ArrayLike) -> float:
    """Gini coefficient: 0 when all have the same, towards 1 when one has everything. `ValueError` without a positive sum."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered.sum() <= 0 or ordered[0] < 0:
        raise ValueError("the values must not be negative, and one must be positive")
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def top_share(values: ArrayLike, top: int) -> float:
    """What part of the sum the `top` largest values have."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))[::-1]
    return float(ordered[:top].sum() / ordered.sum())


def structure(channels: pd.DataFrame) -> pd.Series:
    """Size, concentration and cohesion of a graph, directions aside.

    nodes, channels, capacity_sat, median_channel_sat; gini_capacity and top_10_share (of nodes' capacities: a channel
    counts for both ends); components, largest_component (share of the nodes); one_peer (share of nodes with a single
    neighbor); cut_nodes (nodes whose removal splits a component), cut_off (share of the largest component that lies behind
    a cut node, outside the largest part that no single node can split).
    """
    import rustworkx as rx

    graph = undirected(channels)
    held = node_capacity(channels)
    components = rx.connected_components(graph)
    largest = max(components, key=len)
    ends = np.sort(channels[["node_a", "node_b"]].drop_duplicates().to_numpy(), axis=1)
    peers = np.bincount(ends.ravel(), minlength=len(graph))
    blocks: dict[int, set[int]] = {}
    for (a, b), block in rx.biconnected_components(graph).items():
        blocks.setdefault(block, set()).update((a, b))
    core = max(map(len, blocks.values()))
    return pd.Series({
        "nodes": len(graph),
        "channels": len(channels),
        "capacity_sat": int(channels.capacity_sat.sum()),
        "median_channel_sat": float(channels.capacity_sat.median()),
        "gini_capacity": gini(held),
        "top_10_share": top_share(held, 10),
        "components": len(components),
        "largest_component": len(largest) / len(graph),
        "one_peer": float((peers == 1).mean()),
        "cut_nodes": len(rx.articulation_points(graph)),
        "cut_off": 1 - core / len(largest),
    }, dtype=object)  # fmt: skip


def drop(channels: pd.DataFrame, nodes: Iterable[int]) -> pd.DataFrame:
    """The channels without those of some nodes, the remaining nodes numbered anew from 0 in their old order."""
    ends = channels[["node_a", "node_b"]]
    kept = channels[~ends.isin(list(nodes)).any(axis=1)]
    _, places = np.unique(kept[["node_a", "node_b"]].to_numpy(), return_inverse=True)
    number = places.reshape(-1, 2)
    return kept.assign(node_a=number[:, 0], node_b=number[:, 1]).reset_index(drop=True)


def without(channels: pd.DataFrame, nodes: Iterable[int]) -> float:
    """Share of all nodes that still hang together in one piece after these nodes are gone."""
    import rustworkx as rx

    graph = undirected(channels)
    everyone = len(graph)
    graph.remove_nodes_from(list(nodes))
    return max(map(len, rx.connected_components(graph))) / everyone


def distances(channels: pd.DataFrame, sample: int, seed: int = 0) -> pd.Series:
    """How many channels lie between two nodes: share of pairs by the fewest hops, index hops 1, 2, ...

    Counted from a random sample of nodes to all others that can be reached; directions, amounts and fees aside.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    ends = channels[["node_a", "node_b"]].drop_duplicates().to_numpy()
    nodes = int(ends.max()) + 1
    links = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    chosen = np.random.default_rng(seed).choice(nodes, size=min(sample, nodes), replace=False)
    hops = dijkstra(links, directed=False, unweighted=True, indices=np.sort(chosen))
    counts = np.bincount(hops[np.isfinite(hops)].astype(int))
    return pd.Series(counts[1:] / counts[1:].sum(), index=range(1, len(counts)), name="share")


def passable(channels: pd.DataFrame, amounts_sat: Iterable[float]) -> pd.Series:
    """Share of all pairs of nodes joined by channels that are each large enough for an amount, by amount.

    Counted over all pairs, not sampled: of the components that remain when smaller channels are taken away, a pair must
    lie in one. It is an upper bound on what can be paid in one part: balances, limits and directions are left aside.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    a, b, capacity = (channels[name].to_numpy() for name in ("node_a", "node_b", "capacity_sat"))
    nodes = int(max(a.max(), b.max())) + 1
    shares = {}
    for amount in amounts_sat:
        wide = capacity >= amount
        links = csr_array((np.ones(wide.sum()), (a[wide], b[wide])), shape=(nodes, nodes))
        sizes = np.bincount(connected_components(links, directed=False)[1]).astype(float)
        shares[amount] = float((sizes * (sizes - 1)).sum() / (nodes * (nodes - 1)))
    return pd.Series(shares, name="share")


def reachable(edges: Edges, amounts_sat: Iterable[float]) -> pd.DataFrame:
    """The same with directions and limits: who can pay whom, as far as policies tell, by amount.

    Columns: core (share of nodes in the largest part in which everyone can pay everyone), pays and receives (share of
    nodes that have at least one direction out of or into them for the amount).
    """
    import rustworkx as rx

    rows = {}
    for amount in amounts_sat:
        wide = edges.take(edges.carries(amount))
        largest = max(map(len, rx.strongly_connected_components(digraph(wide))))
        rows[amount] = {
            "core": largest / edges.nodes,
            "pays": len(np.unique(wide.source)) / edges.nodes,
            "receives": len(np.unique(wide.target)) / edges.nodes,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def core_nodes(edges: Edges, amount_sat: float) -> Ints:
    """Nodes of the largest part in which everyone can pay everyone this amount, as far as policies tell; sorted."""
    import rustworkx as rx

    wide = edges.take(edges.carries(amount_sat))
    return np.sort(np.fromiter(max(rx.strongly_connected_components(digraph(wide)), key=len), dtype=np.int64))


# Price of a route ---------------------------------------------------------------------------------------------------


def fee_msat(amount_msat: ArrayLike, base_msat: ArrayLike, ppm: ArrayLike) -> Ints:
    """What a node asks for forwarding an amount: base + floor(amount * ppm / 1,000,000) (BOLT 7), ``int64``."""
    amount, base, rate = (np.asarray(value, dtype=np.int64) for value in (amount_msat, base_msat, ppm))
    whole, rest = np.divmod(amount, 1_000_000)
    return base + whole * rate + rest * rate // 1_000_000


class Route(NamedTuple):
    """A priced route: what each of its channels carries, first the payer's own.

    `edges`: positions in the arrays; `amounts_msat`: what each channel carries; `fee_msat`: sent less received;
    `cltv_blocks`: time lock of the payer's channel, the receiver's last delta included; `valid`: whether each channel's limits
    and capacity allow what it carries.
    """

    edges: tuple[int, ...]
    amounts_msat: tuple[int, ...]
    fee_msat: int
    cltv_blocks: int
    valid: bool

    @property
    def hops(self) -> int:
        """Number of channels."""
        return len(self.edges)


def price(edges: Edges, route: Sequence[int], amount_msat: int, final_cltv_blocks: int = 18) -> Route:
    """What a route costs, exactly: backward from the receiver, with fees on fees, in whole millisatoshi (BOLT 7).

    `route`: positions in the arrays from payer to receiver; `amount_msat`: what is to arrive; `final_cltv_blocks`: what the
    receiver asks for (default: BOLT 11's). `ValueError` when the edges do not follow on each other.
    """
    for one, next_one in pairwise(route):
        if edges.target[one] != edges.source[next_one]:
            raise ValueError(
                f"edge {one} ends at {edges.target[one]}, edge {next_one} starts at {edges.source[next_one]}"
            )
    amounts = [int(amount_msat)]
    for edge in reversed(route[1:]):
        amount = amounts[-1]
        amounts.append(amount + int(edges.base_msat[edge]) + amount * int(edges.ppm[edge]) // 1_000_000)
    amounts.reverse()
    at = np.asarray(route, dtype=np.int64)
    carried = np.asarray(amounts if len(at) else [], dtype=np.float64) / 1000
    most = np.minimum(edges.htlc_max_sat[at], edges.capacity_sat[at])
    valid = bool(((edges.htlc_min_sat[at] <= carried) & (carried <= most)).all())
    cltv = final_cltv_blocks + int(edges.cltv_blocks[at[1:]].sum())
    return Route(tuple(int(edge) for edge in route), tuple(amounts), amounts[0] - int(amount_msat), cltv, valid)


def ladder(edges: Edges, route: Sequence[int], final_cltv_blocks: int = 18) -> list[int]:
    """Time lock of each channel of a route, in blocks from now, first the payer's own: falls by a delta a hop."""
    deltas = [int(edges.cltv_blocks[edge]) for edge in route[1:]]
    return [final_cltv_blocks + sum(deltas[hop:]) for hop in range(len(route))]


# Search -------------------------------------------------------------------------------------------------------------


class Router:
    """Finds cheapest routes for one amount over a graph; `routes` answers many queries at once.

    `risk_msat` = 0 looks for the lowest fee. A positive value adds ``risk_msat * -ln P`` for each channel but the payer's
    own, P being its chance under the model of `moip.quant.liquidity`: it is what the payer would pay to make a route e times
    more likely. ``risk_msat=float("inf")`` looks for the likeliest route, whatever it costs.

    A search starts at the receiver and finds the best onward route of every node; then each payer takes the best of its own
    channels. Two reductions make it fast and leave every answer as it is: of parallel channels only the best stays, and a
    channel that is beaten by a way around over one of the `hubs` largest nodes can be on no best route. Nodes with a
    single neighbor never forward, so the search leaves them out as well.
    """

    def __init__(
        self, edges: Edges, amount_sat: float, risk_msat: float = 0.0, room: float = 0.0, hubs: int = 32
    ) -> None:
        """Prepare for one amount in satoshi; takes some 0.2 s on a graph of 60,000 edges.

        `room`: share of the amount that limits and capacities must leave besides it, for the fees that travel along.
        `ValueError` unless the amount is positive and the risk's price is not negative.
        """
        if not amount_sat > 0:
            raise ValueError(f"amount_sat is {amount_sat!r}; it must be greater than 0")
        if not risk_msat >= 0:
            raise ValueError(f"risk_msat is {risk_msat!r}; it must be at least 0")
        self.edges, self.amount_sat, self.risk_msat = edges, amount_sat, risk_msat
        at = np.flatnonzero(edges.carries(amount_sat) & edges.carries((1 + room) * amount_sat))
        weight = self._weights(at)
        order = np.lexsort((weight, edges.target[at], edges.source[at]))
        at, weight = at[order], weight[order]
        source, target = edges.source[at], edges.target[at]
        best = np.r_[True, (source[1:] != source[:-1]) | (target[1:] != target[:-1])] if len(at) else np.zeros(0, bool)
        self._at, self._source, self._target, self._weight = at[best], source[best], target[best], weight[best]
        self._out = np.searchsorted(self._source, np.arange(edges.nodes + 1))
        self._prepare(hubs)

    def _weights(self, at: Ints) -> Floats:
        """What each of these edges weighs, in msat (or in nats when only the risk counts)."""
        from .liquidity import risk

        edges = self.edges
        fee = fee_msat(round(self.amount_sat * 1000), edges.base_msat[at], edges.ppm[at]).astype(np.float64)
        if self.risk_msat == 0:
            return fee + HOP
        chance = risk(self.amount_sat, edges.capacity_sat[at])
        return chance + 1e-9 if np.isinf(self.risk_msat) else fee + self.risk_msat * chance + HOP

    def _prepare(self, hubs: int) -> None:
        """The matrix that searches run on: reversed, without what can be on no best route."""
        from scipy.sparse import coo_array, csr_array
        from scipy.sparse.csgraph import dijkstra

        n = self.edges.nodes
        source, target, weight = self._source, self._target, self._weight
        ends = np.sort(np.stack([source, target]), axis=0)
        pairs = np.unique(ends[0] * n + ends[1])
        peers = np.bincount(np.r_[pairs // n, pairs % n], minlength=n)
        inner = (peers[source] > 1) & (peers[target] > 1)
        source, target, weight = source[inner], target[inner], weight[inner]
        if hubs and len(source):
            busy = np.bincount(np.r_[source, target], minlength=n)
            chosen = np.argsort(-busy, kind="stable")[:hubs]
            backward = csr_array((weight, (target, source)), shape=(n, n))
            to_hub = dijkstra(backward, indices=chosen)
            from_hub = dijkstra(backward.T.tocsr(), indices=chosen)
            around = np.full(len(weight), np.inf)
            for to, back in zip(to_hub, from_hub, strict=True):
                np.minimum(around, to[source] + back[target], out=around)
            stays = weight <= around * (1 + 1e-12)
            source, target, weight = source[stays], target[stays], weight[stays]
        transit = np.unique(np.r_[source, target])
        self._transit = transit
        self._place = np.full(n, -1)
        self._place[transit] = np.arange(len(transit))
        shape = (len(transit), len(transit))
        matrix = coo_array((weight, (self._place[target], self._place[source])), shape=shape)
        self._backward = csr_array(matrix)

    @cached_property
    def _edge_of(self) -> dict[tuple[int, int], int]:
        """(from, to) -> position in the arrays of the best channel between them."""
        return dict(zip(zip(self._source.tolist(), self._target.tolist(), strict=True), self._at.tolist(), strict=True))

    def routes(self, payers: Iterable[int], receivers: Iterable[int]) -> list[tuple[int, ...] | None]:
        """The best route of each (payer, receiver), as positions in the arrays; None where there is none.

        One search a receiver: queries with the same receiver share it. `ValueError` for a payer that is the receiver.
        """
        pairs = np.column_stack([np.asarray(list(payers), np.int64), np.asarray(list(receivers), np.int64)])
        if (pairs[:, 0] == pairs[:, 1]).any():
            raise ValueError("payer and receiver are the same node")
        found: list[tuple[int, ...] | None] = [None] * len(pairs)
        wanted, group = np.unique(pairs[:, 1], return_inverse=True)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(wanted) + 1))
        batch = 128
        for first in range(0, len(wanted), batch):
            some = wanted[first : first + batch]
            starts = [self._entrance(int(receiver)) for receiver in some]
            costs, onward = self._search([start for start in starts if start is not None])
            row = 0
            for number, (receiver, start) in enumerate(zip(some.tolist(), starts, strict=True), start=first):
                if start is not None:
                    for query in order[bounds[number] : bounds[number + 1]]:
                        found[query] = self._walk(int(pairs[query, 0]), receiver, start, costs[row], onward[row])
                    row += 1
        return found

    def _entrance(self, receiver: int) -> int | None:
        """The forwarding node where the search for this receiver starts: itself, or its only neighbor."""
        if self._place[receiver] >= 0:
            return receiver
        into = self._source[self._target == receiver]
        return int(into[0]) if len(into) else None

    def _search(self, starts: list[int]) -> tuple[Floats, NDArray[np.int32]]:
        """Cost from every transit node to each start, and where it goes next (a place, negative at the end)."""
        from scipy.sparse.csgraph import dijkstra

        places = self._place[starts]
        inside = np.flatnonzero(places >= 0)
        shape = len(starts), max(1, len(self._transit))
        costs, onward = np.full(shape, np.inf), np.full(shape, -9999, dtype=np.int32)
        if len(inside):
            costs[inside], onward[inside] = dijkstra(self._backward, indices=places[inside], return_predecessors=True)
        return costs, onward

    def _walk(
        self, payer: int, receiver: int, start: int, costs: Floats, onward: NDArray[np.int32]
    ) -> tuple[int, ...] | None:
        """The route of one payer from the result of its receiver's search."""
        direct = self._edge_of.get((payer, receiver))
        if direct is not None:
            return (direct,)  # the payer's own channel: nothing is cheaper
        own = slice(self._out[payer], self._out[payer + 1])
        peers = self._target[own]
        places = self._place[peers]
        cost = np.where(places >= 0, costs[places], np.inf)
        cost[peers == start] = 0.0
        if not len(cost) or np.isinf(best := cost.min()):
            return None
        first = int(np.flatnonzero(cost == best)[0])
        nodes = [payer, int(peers[first])]
        place = int(places[first])
        while nodes[-1] != start:
            place = int(onward[place])
            nodes.append(int(self._transit[place]))
        if start != receiver:
            nodes.append(receiver)
        return tuple(self._edge_of[step] for step in pairwise(nodes))


def survey(
    edges: Edges,
    amount_sat: float,
    payers: Iterable[int],
    receivers: Iterable[int],
    risk_msat: float = 0.0,
    room: float = 0.01,
) -> pd.DataFrame:
    """One payment in one part for each (payer, receiver): the route that a `Router` finds, priced, and its chance.

    Columns: hops, fee_msat, cltv_blocks (missing where there is no route) and the probability that the first attempt arrives,
    under the two models of `moip.quant.liquidity`: chance (uniform balances) and chance_unbalanced. The payer's own channel is
    taken to hold enough. Both are 0 where there is no route and where a limit on the way does not allow the amount with fees.
    """
    from . import liquidity

    rows = []
    for found in Router(edges, amount_sat, risk_msat, room).routes(payers, receivers):
        if found is None:
            rows.append((None, None, None, 0.0, 0.0))
            continue
        route = price(edges, found, round(amount_sat * 1000))
        carried = np.array(route.amounts_msat[1:]) / 1000
        capacity = edges.capacity_sat[list(route.edges[1:])]
        models = (liquidity.success, liquidity.unbalanced)
        chances = [float(liquidity.route(carried, capacity, model)) if route.valid else 0.0 for model in models]
        rows.append((route.hops, route.fee_msat, route.cltv_blocks, *chances))
    table = pd.DataFrame(rows, columns=["hops", "fee_msat", "cltv_blocks", "chance", "chance_unbalanced"])
    return table.astype({"hops": "Int64", "fee_msat": "Int64", "cltv_blocks": "Int64"})


def cheapest_exact(edges: Edges, payer: int, receiver: int, amount_msat: int) -> tuple[int, ...] | None:
    """The cheapest route with fees on fees, by a plain search backward from the receiver; some 0.1 s a query.

    Each node is given the smallest amount that must arrive there; a channel carries what must arrive at its far end. This
    is exact but for one case: where a larger amount than the smallest would meet a channel's lower limit.
    """
    into: dict[int, list[int]] = {}
    for edge, target in enumerate(edges.target.tolist()):
        into.setdefault(target, []).append(edge)
    source, base, rate = edges.source.tolist(), edges.base_msat.tolist(), edges.ppm.tolist()
    least = (1000 * edges.htlc_min_sat).tolist()
    most = (1000 * np.minimum(edges.htlc_max_sat, edges.capacity_sat)).tolist()
    needs = {receiver: (int(amount_msat), 0)}
    best: tuple[int, int, int, int] | None = None  # amount, hops, edge, node after it
    onward: dict[int, int] = {}
    done = set()
    queue = [(int(amount_msat), 0, receiver)]
    while queue:
        amount, hops, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        for edge in into.get(node, ()):
            if not least[edge] <= amount <= most[edge]:
                continue
            before = source[edge]
            if before == payer:
                if best is None or (amount, hops) < best[:2]:
                    best = amount, hops, edge, node
                continue
            total = amount + base[edge] + amount * rate[edge] // 1_000_000, hops + 1
            if before not in done and total < needs.get(before, (float("inf"), 0)):
                needs[before], onward[before] = total, edge
                heapq.heappush(queue, (*total, before))
        if best is not None and best[0] <= amount:
            break
    if best is None:
        return None
    route, node = [best[2]], best[3]
    while node != receiver:
        route.append(onward[node])
        node = int(edges.target[onward[node]])
    return tuple(route)
