"""lightning_snapshots: how much of each public channel graph was announced, and how much of it was live.

    python data/derive/lightning_snapshots.py LIGHTNING_GRAPHS CORE_LIGHTNING CORE_LIGHTNING [--out FILE]

Core Lightning's repository is named twice because the graph of 2024 is read at an older commit than that of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low

import gossmap
import graphml
import lightning_channels_2018 as graph_2018
import lightning_channels_2024 as graph_2024
import lightning_channels_2026 as graph_2026
from channels import POLICY, Channel
from upstream import Repository, Row, main

FIELDS = [
    "as_of", "software", "announced_nodes", "announced_channels", "announced_capacity_sat", "disabled_directions",
    "blank_directions", "live_directions", "live_nodes", "live_channels", "live_capacity_sat",
    "median_base_msat", "median_ppm", "median_cltv_blocks", "source",
]  # fmt: skip


def counts(kind: str, channels: list[Channel]) -> Row:
    """Nodes with a channel, channels and their capacity."""
    nodes = {node for channel in channels for node in (channel.node_1, channel.node_2)}
    capacity = sum(channel.capacity_sat for channel in channels)
    return {f"{kind}_nodes": len(nodes), f"{kind}_channels": len(channels), f"{kind}_capacity_sat": capacity}


def derive(lightning_graphs: Repository, core_lightning_2024: Repository, core_lightning: Repository) -> Iterator[Row]:
    """One row a graph. What is live cannot be told without policies, so it is left empty for 2018."""
    channels = graphml.read(lightning_graphs, graph_2018.PATH)[1]
    source = "repo-lightning-network-graph-analysis"
    yield {"as_of": "2018-08-24", "software": "lnd", **counts("announced", channels), "source": source}
    for repository, day in ((core_lightning_2024, graph_2024.DAY), (core_lightning, graph_2026.DAY)):
        graph = gossmap.read(repository, day)
        live = [channel for channel in graph.channels if channel.live]
        policies = [policy for channel in live for policy in (channel.policy_12, channel.policy_21) if policy]
        yield {
            "as_of": day,
            "software": "Core Lightning",
            **counts("announced", graph.channels),
            "disabled_directions": graph.disabled,
            "blank_directions": graph.blank,
            "live_directions": len(policies),
            **counts("live", live),
            **{f"median_{name}": median_low(getattr(policy, name) for policy in policies) for name in POLICY[:3]},
            "source": "repo-core-lightning",
        }


if __name__ == "__main__":
    main("lightning_snapshots", ["lightning_graphs", "core_lightning_2024", "core_lightning"], FIELDS, derive)
