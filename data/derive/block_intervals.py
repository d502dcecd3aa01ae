"""block_intervals: minutes between blocks, as single nodes saw them arrive.

    python data/derive/block_intervals.py BLOCK_ARRIVAL_TIMES [--out FILE]

The upstream files hold, per node, the height, the hash and the arrival in milliseconds, in no given order. For each
height the earliest arrival of any block counts. An interval is counted only where the node saw both heights, so a gap
in a node's log makes no false long interval. Bins are whole minutes, rounded down, from 0 to the longest interval.
block_intervals_first_minute.py takes the first minute second by second.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from upstream import Repository, main

SOURCE = "repo-block-arrival-times"
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


def intervals(first: dict[int, int]) -> Iterator[int]:
    """Milliseconds from each height to the next, where the node saw both."""
    return (first[height] - first[height - 1] for height in first if height - 1 in first)


def derive(repository: Repository) -> Iterator[dict[str, object]]:
    """One row a node and a minute; empty minutes are rows too."""
    for node, path in NODES.items():
        minutes = Counter(ms // 60_000 for ms in intervals(arrivals(repository.read(path))))
        for minute in range(max(minutes) + 1):
            yield {
                "node": node,
                "minute_bin": minute,
                "blocks": minutes[minute],
                "source": SOURCE,
            }


def first_minute(repository: Repository) -> Iterator[dict[str, object]]:
    """One row a node and a second of the first minute, for the table block_intervals_first_minute."""
    for node, path in NODES.items():
        seconds = Counter(ms // 1_000 for ms in intervals(arrivals(repository.read(path))))
        for second in range(60):
            yield {"node": node, "second_bin": second, "blocks": seconds[second], "source": SOURCE}


if __name__ == "__main__":
    main("block_intervals", ["block_arrival_times"], FIELDS, derive)
