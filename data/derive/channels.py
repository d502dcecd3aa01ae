"""Channel graphs: from what a node's gossip says to the rows of a table, without keys and names.

A table holds a channel a row. Nodes are numbered by how many of the table's channels they have (0 has most; equals keep
the order of the upstream file), so the numbers carry a rank and nothing else. `node_a` is the lower number, and channels
between the same two nodes are told apart by `parallel`, largest capacity first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from upstream import Row

KEY = ["node_a", "node_b", "parallel"]
POLICY = ["base_msat", "ppm", "cltv_blocks", "htlc_min_sat", "htlc_max_sat"]
FIELDS = [*KEY, "capacity_sat"]
FIELDS_WITH_POLICIES = [*FIELDS, *(f"{way}_{name}" for way in ("ab", "ba") for name in POLICY)]


@dataclass(frozen=True)
class Policy:
    """What a node asks for forwarding in one direction of a channel (BOLT 7, ``channel_update``)."""

    base_msat: int
    ppm: int
    cltv_blocks: int
    htlc_min_msat: int
    htlc_max_msat: int

    def cells(self) -> tuple[int, ...]:
        """The values of `POLICY`: the amounts in whole satoshi, the least one rounded up, the largest one down."""
        return self.base_msat, self.ppm, self.cltv_blocks, -(-self.htlc_min_msat // 1000), self.htlc_max_msat // 1000


@dataclass(frozen=True)
class Channel:
    """A channel between two nodes of the upstream file. A policy is None where it is unknown or disabled."""

    node_1: int
    node_2: int
    capacity_sat: int
    policy_12: Policy | None = None
    policy_21: Policy | None = None

    @property
    def live(self) -> bool:
        """Whether at least one of its two directions can be used, as far as the node knows."""
        return bool(self.policy_12 or self.policy_21)


def numbered(channels: Iterable[Channel]) -> list[Channel]:
    """The channels with nodes numbered by rank and the lower number first, sorted."""
    channels = list(channels)
    degree = Counter(node for channel in channels for node in (channel.node_1, channel.node_2))
    order = sorted(degree, key=lambda node: (-degree[node], node))
    number = {node: rank for rank, node in enumerate(order)}
    turned = [
        Channel(number[c.node_1], number[c.node_2], c.capacity_sat, c.policy_12, c.policy_21)
        if number[c.node_1] <= number[c.node_2]
        else Channel(number[c.node_2], number[c.node_1], c.capacity_sat, c.policy_21, c.policy_12)
        for c in channels
    ]

    def rank(channel: Channel) -> tuple:
        cells = [policy.cells() if policy else () for policy in (channel.policy_12, channel.policy_21)]
        return channel.node_1, channel.node_2, -channel.capacity_sat, cells

    return sorted(turned, key=rank)


def rows(channels: Iterable[Channel]) -> Iterator[Row]:
    """The rows of a table with the columns `FIELDS`."""
    return ({name: row[name] for name in FIELDS} for row in rows_with_policies(channels))


def rows_with_policies(channels: Iterable[Channel]) -> Iterator[Row]:
    """The rows of a table with the columns `FIELDS_WITH_POLICIES`."""
    for _, parallel in groupby(numbered(channels), key=lambda channel: (channel.node_1, channel.node_2)):
        for number, channel in enumerate(parallel):
            row = dict(zip(FIELDS, (channel.node_1, channel.node_2, number, channel.capacity_sat), strict=True))
            for way, known in (("ab", channel.policy_12), ("ba", channel.policy_21)):
                cells = dict(zip(POLICY, known.cells(), strict=True)) if known else {}
                row |= {f"{way}_{name}": cells.get(name) for name in POLICY}
            yield row
