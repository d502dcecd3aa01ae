"""block_intervals: minutes between blocks, as single nodes saw them arrive.

    python data/derive/block_intervals.py BLOCK_ARRIVAL_TIMES [--out FILE]

The upstream files hold, per node, the height, the hash and the arrival in milliseconds, in no given order. For each
height the earliest arrival of any block counts. An interval is counted only where the node saw both heights, so a gap
in a node's log makes no false long interval. Bins are whole minutes, rounded down, from 0 to the longest interval.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from upstream import Repository, main

FIELDS = ["node", "minute_bin", "blocks", "source"]
# The sources whose files are stored in the repository's ordinary history and small enough to travel with it.
NODES = {
    "darosior_node0": "data/darosior_node0.csv",
    "offing_gcp": "data/offing-gcp.csv",
    "vostrnad_node1": "data/vostrnad_node1.csv",
}


def arrivals(text: str) -> dict[int, int]:
    """Height -> earliest arrival in milliseconds since 1970."""
    first: dict[int, int] = {}
    for height, _hash, time_ms in csv.reader(text.splitlines()):
        first[int(height)] = min(int(time_ms), first.get(int(height), int(time_ms)))
    return first


def derive(repository: Repository) -> Iterator[dict[str, object]]:
    """One row a node and a minute; empty minutes are rows too."""
    for node, path in NODES.items():
        first = arrivals(repository.read(path))
        minutes = Counter((first[h] - first[h - 1]) // 60_000 for h in first if h - 1 in first)
        for minute in range(max(minutes) + 1):
            yield {
                "node": node,
                "minute_bin": minute,
                "blocks": minutes[minute],
                "source": "repo-block-arrival-times",
            }


if __name__ == "__main__":
    main("block_intervals", ["block_arrival_times"], FIELDS, derive)
